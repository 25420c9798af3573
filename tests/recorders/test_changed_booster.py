"""A booster that a callback changes behind the recorder is noticed; one that nobody changed is not."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.recorders.test_own_place import TRAIN, at_round, libraries, text
from treedebug.recorders import tree_batches

X = np.random.default_rng(1).normal(size=(240, 4))
Y = (X[:, 0] > 0).astype(int)


def train(library, act, callback):
    """Train 30 rounds, calling `act(booster)` after the 20th."""
    if library == "xgboost":

        class Acts(xgb.callback.TrainingCallback):
            def after_iteration(self, model, epoch, evals_log):
                if epoch == 19:
                    act(model)
                return False

        data = xgb.DMatrix(X, Y)
        params = {"objective": "binary:logistic", "nthread": 1, "max_depth": 3}
        return xgb.train(params, data, 30, evals=[(data, "train")], callbacks=[Acts(), callback], verbose_eval=0)

    def acts(env):
        if env.iteration == 19:
            act(env.model)

    acts.order = 1
    params = {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 6}
    data = lgb.Dataset(X, Y)
    return lgb.train(params, data, 30, valid_sets=[data], callbacks=[acts, callback])


def other_model(booster):
    data = xgb.DMatrix(X, 1 - Y)
    booster.load_model(xgb.train({"objective": "binary:logistic", "nthread": 1}, data, 20).save_raw("ubj"))


CHANGES = {
    "shuffled": ("lightgbm", lambda b: b.shuffle_models(0, -1)),
    "a leaf": ("lightgbm", lambda b: b.set_leaf_output(3, 0, 1.25)),
    "another model": ("xgboost", other_model),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_noticed_and_said_once(tmp_path, capfd, change):
    library, act = CHANGES[change]
    callback = TRAIN[library][0](tmp_path / "run", select=["CV101"])
    train(library, act, callback)
    said = [line for line in capfd.readouterr().err.splitlines() if "no longer those that were recorded" in line]
    assert len(said) == 1
    notes = treedebug.load(tmp_path / "run").data.notes
    assert [n.topic for n in notes] == ["trees"]


@libraries
@pytest.mark.parametrize("act", ["nothing", "attributes"])
def test_what_nobody_changed_is_not_spoken_of(tmp_path, library, act):
    def acts(booster):
        if act == "attributes" and library == "xgboost":
            booster.set_attr(best_iteration="3", mine="x")

    callback = TRAIN[library][0](tmp_path / "run", quiet=True)
    train(library, acts, callback)
    assert callback.run.n_rounds == 30
    assert not callback.run.data.notes


def test_two_metrics_of_one_name_stay_apart(tmp_path):
    def logloss(predt, data):
        return "logloss", 42.0 + predt.mean()

    data = xgb.DMatrix(X, Y)
    callback = treedebug.XGBoostCallback(tmp_path / "run", quiet=True, actions=[treedebug.StopTraining(on=["CV102"])])
    log: dict = {}
    booster = xgb.train(
        {"objective": "binary:logistic", "nthread": 1, "eval_metric": "logloss", "eta": 1.0}, data, 12,
        evals=[(data, "train")], custom_metric=logloss, evals_result=log, callbacks=[callback], verbose_eval=False,
    )  # fmt: skip
    frame = callback.run.metrics
    one, two = (frame[frame.metric == name].value.tolist() for name in ("logloss", "logloss (2)"))
    assert one == log["train"]["logloss"][0::2]
    assert two == log["train"]["logloss"][1::2]
    assert len(one) == booster.num_boosted_rounds()


def test_a_stop_at_two_metrics_of_one_name_has_the_score_of_its_round(tmp_path):
    from treedebug.recorders.xgboost.xgboost_metrics import EvalHistory

    history = EvalHistory()
    values = [[0.5, 7.0], [0.4, 6.0], [0.3, 5.0]]
    for n in range(1, 4):
        history.log = {"valid": {"logloss": [v for row in values[:n] for v in row]}}
        assert history.newest() == {("valid", "logloss"): values[n - 1][0], ("valid", "logloss (2)"): values[n - 1][1]}
    assert history.score_at(1) == 6.0
    assert history.score_at(9) == 5.0


@libraries
def test_forgotten_callbacks_do_not_matter(library, tmp_path):
    kind, plain = TRAIN[library]
    assert text(plain(at_round(library, 3, lambda: None), kind(quiet=True))) == text(plain())


@libraries
def test_trees_too_many_for_one_fetch_come_in_parts(library, tmp_path, monkeypatch):
    monkeypatch.setattr(tree_batches, "_MOST_BYTES", 6_000)
    of = {"xgboost": treedebug.XGBoostCallback, "lightgbm": treedebug.LightGBMCallback}[library]
    callback = of(tmp_path / "run", quiet=True)
    train(library, lambda booster: None, callback)
    loaded = treedebug.load(tmp_path / "run")
    batches = list(loaded.data.trees.batches())
    assert len(batches) > 5
    assert [int(r) for batch in batches for r in batch.rounds] == list(range(30))
    live, read = callback.run.data.summary, loaded.data.summary
    for ours, theirs in zip([*live.snapshots(), live.totals()], [*read.snapshots(), read.totals()], strict=True):
        assert ours.n_rounds == theirs.n_rounds
        np.testing.assert_array_equal(ours.total_gain, theirs.total_gain)
    assert not [n for n in loaded.data.notes if n.topic in ("trees", "summary")]
