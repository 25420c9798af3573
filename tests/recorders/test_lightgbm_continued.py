"""Continued training: to a new path, and resumed where it was recorded."""

import numpy as np
import pytest

import treedebug
from tests.recorders.lightgbm_matrix import text, train
from treedebug.store.file_format import FILE_NAME

pytestmark = pytest.mark.filterwarnings("ignore")


def recorder(path=None, **kwargs):
    return treedebug.LightGBMCallback(path, quiet=True, **kwargs)


@pytest.mark.parametrize("case", ["gbdt", "multiclass", "weights"])
def test_to_a_new_path(tmp_path, case):
    first = train(case).booster
    plain = train(case, init_model=first)
    trained = train(case, [recorder(tmp_path)], init_model=first)
    run = treedebug.load(tmp_path)
    assert text(trained.booster) == text(plain.booster)
    assert run.header.start_round == 7
    assert run.header.planned_rounds == run.n_rounds == 14
    assert run.rounds["round_index"].tolist() == list(range(7, 14))
    assert run.metrics["round_index"].min() == 7
    assert sorted(set(run.trees["round_index"])) == list(range(14))
    for r in (3, 6, 7, 13):
        expected = trained.booster.predict(trained.raw, num_iteration=r + 1)
        np.testing.assert_array_equal(run.booster(r).predict(trained.raw), expected)


@pytest.mark.parametrize("case", ["gbdt", "multiclass", "dart", "no split possible"])
def test_resumed(tmp_path, case):
    first = train(case, [recorder(tmp_path)]).booster
    run_id = treedebug.load(tmp_path).header.run_id
    trained = train(case, [recorder(tmp_path, resume=True)], init_model=first)
    run = treedebug.load(tmp_path)
    assert run.header.run_id == run_id
    assert (run.state, run.n_rounds) == ("finished", 14)
    assert run.rounds["round_index"].tolist() == list(range(14))
    assert len(run.trees) == trained.booster.num_trees()
    np.testing.assert_array_equal(run.booster().predict(trained.raw), trained.booster.predict(trained.raw))
    assert {f.key for f in run.findings} == {f.key for f in treedebug.check(run).findings}


def test_resumed_before_its_end_says_what_it_replaces(tmp_path, capfd):
    first = train("gbdt", [recorder(tmp_path)]).booster
    for _ in range(2):
        train("gbdt", [treedebug.LightGBMCallback(tmp_path, resume=True)], init_model=first)
    run = treedebug.load(tmp_path)
    said = "the run had ended after 14 rounds, and this training goes on from round 7"
    assert run.n_rounds == 14
    assert [n.message[: len(said)] for n in run.notes if n.topic == "resume"] == [said]
    assert capfd.readouterr().err.count(said) == 1


def test_resumed_from_the_best_round(tmp_path):
    options = {"params": {"learning_rate": 0.9, "num_leaves": 31}, "rounds": 30, "early": True}
    first = train("gbdt", [recorder(tmp_path)], **options).booster
    best = first.best_iteration
    assert treedebug.load(tmp_path).n_rounds == best + 2
    trained = train("gbdt", [recorder(tmp_path, resume=True)], init_model=first, params={"learning_rate": 0.05})
    run = treedebug.load(tmp_path)
    assert run.n_rounds == best + 7
    assert run.rounds["learning_rate"].tolist() == [0.9] * best + [0.05] * 7
    np.testing.assert_array_equal(run.booster().predict(trained.raw), trained.booster.predict(trained.raw))
    np.testing.assert_array_equal(
        [margin[:, 0] for _, margin in run.replay(trained.raw).margins()],
        [trained.booster.predict(trained.raw, num_iteration=r + 1) for r in range(best + 7)],
    )


@pytest.mark.parametrize("early", [False, True])
def test_resumed_after_rounds_without_a_split(tmp_path, early):
    case = "some rounds without a split"
    first = train(case, [recorder(tmp_path)]).booster
    before = treedebug.load(tmp_path)
    assert first.current_iteration() < 20
    trained = train(case, [recorder(tmp_path, resume=True)], init_model=first, early=early, params={"metric": "l2"})
    run = treedebug.load(tmp_path)
    new = len(trained.log["valid"]["l2"])
    assert run.rounds["round_index"].tolist() == list(range(20 + new))
    assert run.metrics["value"].tolist() == before.metrics["value"].tolist() + trained.log["valid"]["l2"]
    kept = before.trees["round_index"].tolist()
    assert run.trees["round_index"].tolist()[: len(kept)] == kept
    if early:
        assert run.best_round == trained.booster.best_iteration - 1 + 20 - first.current_iteration()
    expected = trained.booster.predict(trained.raw)
    np.testing.assert_array_equal(run.booster(run.best_round if early else None).predict(trained.raw), expected)


@pytest.mark.parametrize("other", ["another model", "shorter"])
def test_a_booster_that_is_not_the_one_recorded(tmp_path, capfd, other):
    train("gbdt", [recorder(tmp_path)])
    before = (tmp_path / FILE_NAME).read_bytes()
    wrong = train("gbdt", params={"learning_rate": 0.3}, rounds=7 if other == "another model" else 3).booster
    trained = train("gbdt", [treedebug.LightGBMCallback(tmp_path, resume=True, select=["HP501"])], init_model=wrong)
    assert text(trained.booster) == text(train("gbdt", init_model=wrong).booster)
    assert not {"update", "eval_train", "eval_valid", "model_from_string"} & set(trained.booster.__dict__)
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert "is not the one recorded here" in capfd.readouterr().err
    assert treedebug.load(f"{tmp_path}-2").n_rounds == trained.booster.current_iteration()


def test_a_killed_run_whose_last_trees_are_lost_is_completed(tmp_path):
    trained = train("gbdt", [recorder(tmp_path)], keep_training_booster=True)
    file = tmp_path / FILE_NAME
    whole = file.read_bytes()
    for size in range(len(whole) - 1, 0, -997):
        file.write_bytes(whole[:size])
        if treedebug.load(tmp_path).n_rounds == 0:
            break
        more = train("gbdt", [recorder(tmp_path, resume=True)], init_model=trained.booster)
        run = treedebug.load(tmp_path)
        assert run.n_rounds == 14
        assert run.booster().num_trees() == 14
        np.testing.assert_array_equal(run.booster().predict(more.raw), more.booster.predict(more.raw))
