"""`lgb.cv`: a run for each fold, with the fold's own metrics, which LightGBM averages away."""

import contextlib
import pickle

import lightgbm as lgb
import numpy as np
import pytest

import treedebug
from tests.recorders.lightgbm_matrix import BASE
from tests.recorders.stopping import Stops

TAPPED = {"update", "eval_train", "eval_valid", "model_from_string"}
pytestmark = pytest.mark.filterwarnings("ignore")
PARAMS = {**BASE, "objective": "binary", "metric": ["binary_logloss", "auc"]}


def data(n=150, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    return X, (X[:, 0] + rng.normal(size=n) > 0).astype(float)


def recorder(path=None, **kwargs):
    return treedebug.LightGBMCallback(path, quiet=True, **kwargs)


def folds(n=150, k=3):
    index = np.random.default_rng(1).permutation(n)
    return [(np.sort(np.setdiff1d(index, part)), np.sort(part)) for part in np.array_split(index, k)]


def cv(callbacks, *, params=None, rounds=6, **kwargs):
    X, y = data()
    options = {"folds": folds(), "return_cvbooster": True, **kwargs}
    return lgb.cv({**PARAMS, **(params or {})}, lgb.Dataset(X, y), rounds, callbacks=callbacks, **options)


def test_a_run_for_each_fold_with_its_own_metrics(tmp_path):
    X, y = data()
    plain = cv([])
    callback = recorder(tmp_path, classes_every=1)
    found = cv([callback])
    boosters = found.pop("cvbooster").boosters
    for ours, theirs in zip(boosters, plain.pop("cvbooster").boosters, strict=True):
        assert ours.model_to_string() == theirs.model_to_string()
        assert not TAPPED & set(ours.__dict__)
    assert found == plain
    runs = treedebug.runs(tmp_path)
    assert list(runs) == ["fold-0", "fold-1", "fold-2"]
    values = {}
    for (place, run), booster, (train_rows, test_rows) in zip(runs.items(), boosters, folds(), strict=True):
        assert (run.state, run.n_rounds, len(run.trees)) == ("finished", 6, 6)
        assert run.header.fold == int(place[-1])
        assert run.header.data["valid"]["n_rows"] == len(test_rows)
        assert run.header.data["training"]["n_rows"] == len(train_rows)
        assert run.metrics["dataset"].unique().tolist() == ["valid"]
        p = [booster.predict(X[test_rows], num_iteration=r + 1) for r in range(6)]
        by_hand = [-np.mean(np.where(y[test_rows] > 0, np.log(q), np.log(1 - q))) for q in p]
        series = run.data.evals.series("valid", "binary_logloss")
        np.testing.assert_allclose(series.values, by_hand, rtol=1e-7)
        for key in run.data.evals.keys():  # a method, not a dict
            values.setdefault(key, []).append(run.data.evals.series(*key).values)
        np.testing.assert_array_equal(run.booster(3).predict(X), booster.predict(X, num_iteration=4))
        called = [int(c.confusion[1, 1]) for c in run.data.classes.of("valid")]
        assert called == [int(((q > 0.5) & (y[test_rows] > 0)).sum()) for q in p]
    for (dataset, metric), parts in values.items():
        np.testing.assert_array_equal(np.mean(parts, axis=0), found[f"{dataset} {metric}-mean"])


def test_with_training_metrics_and_a_metric_of_ones_own(tmp_path):
    calls = []

    def feval(prediction, dataset):
        calls.append(1)
        return "mean", float(prediction.mean()), True

    found = cv([recorder(tmp_path)], eval_train_metric=True, feval=feval)
    runs = list(treedebug.runs(tmp_path).values())
    assert len(calls) == 2 * 3 * (6 + 1)  # the first round is evaluated twice
    for run in runs:
        assert set(run.data.evals.datasets()) == {"train", "valid"}
        assert run.data.evals.training == {"train"}
        assert {n for n, facts in run.header.data.items() if facts["is_training"]} == {"train"}
        assert [n.topic for n in run.notes] == ["metrics"]
    for dataset in ("train", "valid"):
        for metric in ("binary_logloss", "auc", "mean"):
            mean = np.mean([run.data.evals.series(dataset, metric).values for run in runs], axis=0)
            np.testing.assert_array_equal(mean, found[f"{dataset} {metric}-mean"])


@pytest.mark.parametrize("patience", [2, 50])
def test_early_stopping(tmp_path, patience):
    stop = lgb.early_stopping(patience, verbose=False)
    found = cv([recorder(tmp_path), stop], rounds=12, params={"learning_rate": 0.9})
    best = found["cvbooster"].best_iteration
    for run in treedebug.runs(tmp_path).values():
        assert run.state == "finished"
        assert run.best_round == best - 1
        assert run.n_rounds == len(run.trees) == (best + 2 if patience == 2 else 12)
        assert run.header.early_stopping_rounds == patience


def test_a_metric_called_again_by_a_users_callback(tmp_path):
    def nosy(env):
        env.model.eval_valid()
        env.model.eval_train()

    nosy.order = 60
    found = cv([recorder(tmp_path), nosy])
    runs = list(treedebug.runs(tmp_path).values())
    mean = np.mean([run.data.evals.series("valid", "auc").values for run in runs], axis=0)
    np.testing.assert_array_equal(mean, found["valid auc-mean"])
    assert all(run.n_rounds == 6 for run in runs)


def test_a_foreign_stop_before_ours(tmp_path):
    def stop(env):
        if env.iteration == 3:
            raise lgb.callback.EarlyStopException(1, env.evaluation_result_list)

    cv([stop, recorder(tmp_path)])
    for run in treedebug.runs(tmp_path).values():
        assert (run.state, run.best_round, run.n_rounds, len(run.trees)) == ("finished", 1, 4, 4)
        assert sorted(set(run.metrics["round_index"])) == [0, 1, 2, 3]


def test_an_exception(tmp_path):
    def fail(env):
        if env.iteration == 3:
            raise ValueError("mine")

    with contextlib.suppress(ValueError):
        cv([fail, recorder(tmp_path)])
    assert [(r.state, r.n_rounds) for r in treedebug.runs(tmp_path).values()] == [("interrupted", 4)] * 3


def test_an_action_stops_all_folds_and_cuts_them_to_the_best_round(tmp_path):
    found = cv([recorder(tmp_path, actions=[Stops(10, 6)])], rounds=40)
    assert found["cvbooster"].best_iteration == 7
    assert len(found["valid auc-mean"]) == 7
    for run in treedebug.runs(tmp_path).values():
        assert (run.state, run.best_round, run.n_rounds) == ("stopped", 6, 10)


def test_the_boosters_can_be_pickled(tmp_path):
    callback = recorder(tmp_path)
    found = cv([callback])["cvbooster"]
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own
    X, _ = data()
    np.testing.assert_array_equal(again.predict(X), found.predict(X))
    fresh = pickle.loads(pickle.dumps(callback))  # noqa: S301 - our own
    assert [r.n_rounds for r in fresh.runs] == [6, 6, 6]


def test_ranking_and_continued(tmp_path):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(120, 3)), rng.integers(0, 3, 120)
    params = {**BASE, "objective": "lambdarank", "eval_at": [3]}
    lgb.cv(params, lgb.Dataset(X, y, group=[10] * 12), 4, nfold=3, callbacks=[recorder(tmp_path / "rank")])
    assert [r.n_rounds for r in treedebug.runs(tmp_path / "rank").values()] == [4, 4, 4]
    first = lgb.train(PARAMS, lgb.Dataset(*data()), 5)
    found = cv([recorder(tmp_path / "more")], init_model=first)
    X, _ = data()
    for run, booster in zip(treedebug.runs(tmp_path / "more").values(), found["cvbooster"].boosters, strict=True):
        assert (run.state, run.header.start_round, run.n_rounds) == ("finished", 5, 11)
        assert len(run.trees) == booster.num_trees() == 11
        np.testing.assert_array_equal(run.booster().predict(X), booster.predict(X))
