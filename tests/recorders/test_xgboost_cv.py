"""`xgb.cv`: a run for every fold, with the fold's own metrics and trees."""

from __future__ import annotations

import numpy as np
import pytest

import treedebug
from tests.recorders.xgboost_matrix import BINARY, CASES, CLASSES, CLEAN, SIGNAL, X, bias, objective, xgb
from treedebug import StopTraining, XGBoostCallback

FOLDS = [(np.flatnonzero(np.arange(120) % 3 != k), np.flatnonzero(np.arange(120) % 3 == k)) for k in range(3)]
PARAMS = {"nthread": 1, "max_depth": 2, "objective": "binary:logistic", "eta": 0.5}
NOISE = (np.random.default_rng(5).random(120) > 0.5).astype(float)


def cv(label, params=PARAMS, *, rounds=8, x=X, **more):
    more = {"metrics": ["auc", "logloss"], "folds": FOLDS, **more}
    return xgb.cv(params, xgb.DMatrix(x, label), rounds, as_pandas=True, **more)


def by_hand(label, fold, rounds, **more):
    inside, outside = FOLDS[fold]
    train, test = xgb.DMatrix(X[inside], label[inside]), xgb.DMatrix(X[outside], label[outside])
    log: dict = {}
    booster = xgb.train(
        {**PARAMS, "eval_metric": ["auc", "logloss"]}, train, rounds, evals=[(train, "train"), (test, "test")],
        evals_result=log, verbose_eval=False, **more,
    )  # fmt: skip
    return booster, log


def logged(run):
    found: dict = {}
    for row in run.metrics.itertuples():
        found.setdefault(row.dataset, {}).setdefault(row.metric, []).append(row.value)
    return found


def test_a_run_for_each_fold_says_what_that_fold_did(tmp_path) -> None:
    mine = XGBoostCallback(tmp_path / "cv", quiet=True)
    table = cv(BINARY, callbacks=[mine])
    plain = cv(BINARY)
    assert table.equals(plain)
    found = treedebug.runs(tmp_path / "cv")
    assert list(found) == ["fold-0", "fold-1", "fold-2"]
    for fold, run in enumerate(found.values()):
        booster, log = by_hand(BINARY, fold, 8)
        assert logged(run) == log
        assert run.booster().get_dump() == booster.get_dump()
        assert (run.header.fold, run.state, run.n_rounds, run.header.planned_rounds) == (fold, "finished", 8, 8)
        assert run.header.data["train"]["n_rows"] == 80
        assert run.header.data["train"]["is_training"]
        assert set(run.classes.dataset) == {"train", "test"}
        assert not run.notes
    means = np.mean([run.metrics.query("dataset == 'test' and metric == 'auc'").value for run in mine.runs], axis=0)
    np.testing.assert_allclose(means, table["test-auc-mean"])


def test_early_stopping(tmp_path) -> None:
    mine = XGBoostCallback(tmp_path / "cv", quiet=True)
    table = cv(NOISE, rounds=40, early_stopping_rounds=4, callbacks=[mine])
    assert table.equals(cv(NOISE, rounds=40, early_stopping_rounds=4))
    for run in mine.runs:
        assert run.n_rounds == len(table) + 4 < 40
        assert run.best_round == len(table) - 1
        assert (run.state, run.header.early_stopping_rounds) == ("finished", 4)


@pytest.mark.parametrize("first", [False, True])
def test_early_stopping_callback_in_either_order(first: bool) -> None:
    mine, stop = XGBoostCallback(quiet=True), xgb.callback.EarlyStopping(rounds=4)
    table = cv(NOISE, rounds=40, callbacks=[mine, stop] if first else [stop, mine])
    for run in mine.runs:
        assert run.n_rounds == len(table) + 4
        assert len(run.metrics) == 4 * run.n_rounds
        assert len(run.trees) == run.n_rounds


def test_custom_metric_and_objective() -> None:
    mine = XGBoostCallback(quiet=True)
    params = {"nthread": 1, "disable_default_eval_metric": 1}
    options = {"obj": objective, "custom_metric": bias, "metrics": (), "x": CLEAN}
    table = cv(SIGNAL, params, callbacks=[mine], **options)
    assert table.equals(cv(SIGNAL, params, **options))
    runs = mine.runs
    assert all(set(r.metrics.metric) == {"bias"} for r in runs)
    assert runs[0].header.objective == "custom"
    means = np.mean([r.metrics.query("dataset == 'train'").value for r in runs], axis=0)
    np.testing.assert_allclose(means, table["train-bias-mean"])


@pytest.mark.parametrize("name", ["dart classes", "softprob", "gblinear coord", "sampling", "dart"])
def test_other_boosters(name: str) -> None:
    params = {"nthread": 1, **CASES[name].params}
    params.pop("eval_metric", None)
    label = CLASSES if "num_class" in params else BINARY
    metrics = ["mlogloss"] if "num_class" in params else ["logloss"]
    mine = XGBoostCallback(quiet=True)
    table = cv(label, params, x=CLEAN, metrics=metrics, callbacks=[mine])
    assert table.equals(cv(label, params, x=CLEAN, metrics=metrics))
    assert [r.n_rounds for r in mine.runs] == [8, 8, 8]


def test_stop_training_ends_all_folds_where_most_agree(capsys) -> None:
    mine = XGBoostCallback(quiet=True, actions=[StopTraining(on=["CV102"])])
    table = cv(NOISE, rounds=240, callbacks=[mine])
    runs = mine.runs
    assert {r.state for r in runs} == {"stopped"}
    assert len({r.n_rounds for r in runs}) == 1
    assert runs[0].n_rounds < 240
    assert [r.best_round for r in runs] == [len(table) - 1] * 3
    assert len(table) <= runs[0].n_rounds
    assert capsys.readouterr().err == ""


def test_stop_training_without_a_curve_to_judge(tmp_path) -> None:
    """A rule of one's own that fires at once: returning True without a best round would make `cv` raise."""

    class Never(treedebug.Rule):
        code, name = "ME001", "at-once"

        def check(self, log: treedebug.EvalLog):
            yield self.finding("enough")

    mine = XGBoostCallback(quiet=True, rules=[Never], actions=[StopTraining(on=["ME001"])])
    table = cv(BINARY, rounds=30, callbacks=[mine])
    assert mine.run.state == "stopped"
    assert mine.run.n_rounds == 1
    assert len(table) == 1


def test_the_learning_rate_of_each_fold(tmp_path) -> None:
    mine = XGBoostCallback(quiet=True)
    schedule = xgb.callback.LearningRateScheduler(lambda epoch: 0.5 * 0.9 ** (epoch + 1))
    cv(BINARY, callbacks=[schedule, mine])
    for run in mine.runs:
        np.testing.assert_allclose(run.rounds.learning_rate, 0.5 * 0.9 ** np.arange(8))


def test_an_exception_leaves_every_fold_readable(tmp_path) -> None:
    class Raises(xgb.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            if epoch == 5:
                raise KeyboardInterrupt
            return False

    mine = XGBoostCallback(tmp_path / "cv", quiet=True)
    with pytest.raises(KeyboardInterrupt):
        cv(BINARY, callbacks=[mine, Raises()])
    assert [(r.state, r.n_rounds) for r in mine.runs] == [("interrupted", 6)] * 3


def test_a_second_cv_records_beside_the_first(tmp_path) -> None:
    mine = XGBoostCallback(tmp_path / "cv", quiet=True)
    cv(BINARY, rounds=2, callbacks=[mine])
    cv(BINARY, rounds=3, callbacks=[mine])
    found = treedebug.runs(tmp_path / "cv")
    assert sorted(found) == ["fit-000/fold-0", "fit-000/fold-1", "fit-000/fold-2", "fold-0", "fold-1", "fold-2"]
    with pytest.raises(treedebug.RunExistsError):
        XGBoostCallback(tmp_path / "cv", exists="error")
    other = XGBoostCallback(tmp_path / "cv", quiet=True)
    cv(BINARY, rounds=2, callbacks=[other])
    assert {r.path.parent for r in other.runs} == {tmp_path / "cv-2"}


def test_ranking_folds_keep_their_groups() -> None:
    data = xgb.DMatrix(X, CLASSES, group=[10] * 12)
    mine = XGBoostCallback(quiet=True)
    params = {"nthread": 1, "objective": "rank:ndcg"}
    table = xgb.cv(params, data, 4, nfold=3, metrics=["ndcg"], callbacks=[mine])
    assert table.equals(xgb.cv(params, data, 4, nfold=3, metrics=["ndcg"]))
    assert [r.n_rounds for r in mine.runs] == [4, 4, 4]
