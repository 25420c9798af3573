"""Actions on a LightGBM training: nothing happens unasked, and a stop is what early stopping would have left."""

import lightgbm as lgb
import numpy as np
import pytest

import treedebug
from tests.recorders.lightgbm_matrix import text, train
from tests.recorders.stopping import Stops
from treedebug.core.errors import StoreError

pytestmark = pytest.mark.filterwarnings("ignore")
OVERFITS = {"learning_rate": 0.9, "num_leaves": 31, "objective": "binary", "_label": None}


def recorder(path=None, **kwargs):
    return treedebug.LightGBMCallback(path, quiet=True, **kwargs)


@pytest.mark.parametrize("keep", [False, True])
def test_stop_training_on_a_finding(tmp_path, keep):
    seen = []
    callback = recorder(tmp_path, actions=[treedebug.StopTraining(on=["CV102"])])
    spy = lambda env: seen.append(env.evaluation_result_list)  # callbacks carry attributes
    trained = train("training and validation", [spy, callback], params=OVERFITS, rounds=200, keep_training_booster=keep)
    run, booster = treedebug.load(tmp_path), trained.booster
    assert run.state == "stopped"
    assert run.data.ending["reason"].startswith("CV102")
    assert "CV102" in {f.code for f in run.findings}
    assert run.n_rounds == len(seen) == len(trained.log["valid"]["binary_logloss"]) < 200
    best = int(np.argmin(trained.log["valid"]["binary_logloss"]))
    assert run.best_round == best == booster.best_iteration - 1
    expected = {r[0]: {r[1]: r[2]} for r in seen[best]}
    assert booster.best_score == expected
    stopped = lgb.early_stopping(run.n_rounds - 1 - best, verbose=False)
    plain = train("training and validation", [stopped], params=OVERFITS, rounds=200, keep_training_booster=keep)
    assert plain.booster.best_iteration == booster.best_iteration
    assert plain.booster.best_score == booster.best_score
    assert plain.booster.model_to_string() == booster.model_to_string()


def test_without_actions_nothing_stops(tmp_path):
    callback = recorder(tmp_path)
    trained = train("training and validation", [callback], params=OVERFITS, rounds=60)
    assert "CV102" in {f.code for f in callback.run.findings}
    assert (callback.run.state, callback.run.n_rounds) == ("finished", 60)
    assert text(trained.booster) == text(train("training and validation", params=OVERFITS, rounds=60).booster)


def test_record_evaluation_sees_the_round_of_the_stop():
    callback = recorder(actions=[Stops(10, None)])
    trained = train("gbdt", [callback], rounds=30)
    assert callback.run.n_rounds == len(trained.log["valid"]["l2"]) == 10
    assert trained.booster.best_iteration == 10
    assert trained.booster.best_score["valid"]["l2"] == trained.log["valid"]["l2"][-1]


def test_a_stop_in_a_continued_training():
    first = train("gbdt").booster
    callback = recorder(actions=[Stops(10, 8)])
    trained = train("gbdt", [callback], rounds=30, init_model=first)
    assert (callback.run.n_rounds, callback.run.best_round) == (10, 8)
    assert trained.booster.best_iteration == 9
    assert trained.booster.best_score["valid"]["l2"] == trained.log["valid"]["l2"][1]


def test_an_action_that_raises(tmp_path):
    class Raises:
        def on_findings(self, run, findings, knobs):
            raise RuntimeError("broken action")

    trained = train("gbdt", [recorder(tmp_path, actions=[Raises()])], rounds=30)
    assert text(trained.booster) == text(train("gbdt", rounds=30).booster)
    run = treedebug.load(tmp_path)
    assert (run.state, run.n_rounds, len(run.trees)) == ("finished", 30, 30)
    assert any("broken action" in note.message for note in run.notes)


def test_a_broken_recorder_does_not_break_the_training(tmp_path, capfd, monkeypatch):
    plain = train("gbdt")
    for name in ("record_round", "begin"):
        callback = recorder(tmp_path / name)

        def fail(*_, **__):
            raise RuntimeError("out of order")

        monkeypatch.setattr("treedebug.recorders.session.Session." + name, fail)
        trained = train("gbdt", [callback])
        monkeypatch.undo()
        assert text(trained.booster) == text(plain.booster)
        assert not {"update", "eval_train", "eval_valid", "model_from_string"} & set(trained.booster.__dict__)
        assert capfd.readouterr().err.count("out of order") == 1
        train("gbdt", [callback])
        assert callback.run.n_rounds == 7


def test_a_path_that_cannot_be_written(tmp_path, capfd):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="is a file"):
        recorder(tmp_path / "file" / "run")
    callback = treedebug.LightGBMCallback(tmp_path / "run", select=["HP501"])
    (tmp_path / "run").write_text("made since then")
    trained = train("gbdt", [callback])
    assert text(trained.booster) == text(train("gbdt").booster)
    assert callback.run.n_rounds == trained.booster.current_iteration()
    assert "callback.run has it all" in capfd.readouterr().err
