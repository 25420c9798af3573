"""Round t gets rate t, in both libraries; nothing is touched where the rate stays the same."""

import re

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.schedules.boosters.tables import matrices, sets
from treedebug.schedules import Constant, GreedyLR, Linear, Step


def rates_of_xgboost(booster):
    """Each tree is one leaf, rate * what is left of a label of 1: the rates, as the trees tell."""
    leaves = [float(re.search("leaf=(.*)", tree)[1]) for tree in booster.get_dump()]
    left = 1.0 - np.concatenate([[0.0], np.cumsum(leaves)[:-1]])
    return np.array(leaves) / left


def constant_label():
    return xgb.DMatrix(np.zeros((50, 1)), np.ones(50))


FLAT = {"base_score": 0.0, "reg_lambda": 0.0, "eta": 0.9}


def test_round_t_gets_rate_t_in_xgboost():
    schedule = Linear(0.4, 0.1)
    booster = xgb.train(FLAT, constant_label(), 4, callbacks=[treedebug.ScheduleCallback(schedule)])
    assert rates_of_xgboost(booster) == pytest.approx([0.4, 0.3, 0.2, 0.1], rel=1e-5)


def test_xgboosts_own_scheduler_is_one_round_late():
    theirs = xgb.callback.LearningRateScheduler([0.4, 0.3, 0.2, 0.1])
    booster = xgb.train(FLAT, constant_label(), 4, callbacks=[theirs])
    assert rates_of_xgboost(booster) == pytest.approx([0.9, 0.4, 0.3, 0.2], rel=1e-5)


def test_round_t_gets_rate_t_in_lightgbm():
    train, _ = sets()
    params = {"objective": "regression", "boost_from_average": False, "verbose": -1, "shrinkage_rate": 0.9}
    booster = lgb.train(params, train, 4, callbacks=[treedebug.ScheduleCallback(Linear(0.4, 0.1))])
    assert re.findall("shrinkage=(.*)", booster.model_to_string()) == ["0.4", "0.3", "0.2", "0.1"]


def trained(library, callback=None, rate=0.2, rounds=12, **params):
    callbacks = [] if callback is None else [callback]
    if library == "xgboost":
        dtrain, dvalid = matrices()
        settings = {"objective": "binary:logistic", "eta": rate, **params}
        return bytes(
            xgb.train(
                settings, dtrain, rounds, evals=[(dvalid, "valid")], callbacks=callbacks, verbose_eval=False
            ).save_raw()
        )
    train, valid = sets()
    settings = {"objective": "binary", "verbose": -1, "learning_rate": rate, **params}
    return lgb.train(settings, train, rounds, valid_sets=[valid], callbacks=callbacks).model_to_string()


@pytest.mark.parametrize(
    ("library", "params"),
    [
        ("xgboost", {}),
        ("xgboost", {"subsample": 0.7, "colsample_bytree": 0.6}),
        ("xgboost", {"booster": "gblinear", "updater": "coord_descent"}),
        ("lightgbm", {}),
        ("lightgbm", {"bagging_fraction": 0.7, "bagging_freq": 1}),
        ("lightgbm", {"feature_fraction": 0.6}),
        ("lightgbm", {"extra_trees": True}),
        ("lightgbm", {"data_sample_strategy": "goss"}),
    ],
)
def test_a_constant_schedule_is_no_schedule(library, params):
    assert trained(library, treedebug.ScheduleCallback(Constant(0.2)), **params) == trained(library, **params)


def test_another_rate_than_the_parameters_say_is_set_in_round_0():
    sampled = {"subsample": 0.7, "colsample_bytree": 0.6}
    assert trained("xgboost", treedebug.ScheduleCallback(Constant(0.2)), rate=0.9, **sampled) == trained(
        "xgboost", **sampled
    )
    bagged = {"bagging_fraction": 0.7, "bagging_freq": 1}
    found, expected = (
        re.sub(r"\[learning_rate: .*\]", "", model)
        for model in (
            trained("lightgbm", treedebug.ScheduleCallback(Constant(0.2)), rate=0.9, **bagged),
            trained("lightgbm", **bagged),
        )
    )
    assert found == expected


def test_lightgbms_reset_draws_other_features_and_we_reset_only_when_the_rate_changes():
    train, _ = sets()
    params = {"objective": "binary", "verbose": -1, "learning_rate": 0.2, "feature_fraction": 0.5}

    def reset(env):
        env.model.reset_parameter({"learning_rate": 0.2})

    theirs = lgb.train(params, train, 12, callbacks=[reset]).model_to_string()
    plain = lgb.train(params, train, 12).model_to_string()
    ours = lgb.train(params, train, 12, callbacks=[treedebug.ScheduleCallback(Step(0.2, every=12))]).model_to_string()
    assert theirs != plain
    assert ours == plain


class Counted(xgb.callback.TrainingCallback):
    def __init__(self):
        self.n = 0

    def before_training(self, model):
        real = model.set_param

        def counting(*args, **kwargs):
            self.n += 1
            return real(*args, **kwargs)

        model.set_param = counting
        return model


@pytest.mark.parametrize(("schedule", "n"), [(Step(0.2, every=5), 2), (Constant(0.2), 0), (Constant(0.1), 1)])
def test_the_rate_is_set_only_when_it_changes(schedule, n):
    counted = Counted()
    xgb.train({"eta": 0.2}, matrices()[0], 12, callbacks=[counted, treedebug.ScheduleCallback(schedule)])
    assert counted.n == n


def test_a_greedy_schedule_gets_the_same_rates_from_the_same_scores_in_both_libraries():
    for library, watch in (("xgboost", ("valid", "logloss")), ("lightgbm", ("valid_0", "binary_logloss"))):
        schedule = GreedyLR(0.3, patience=1, factor=0.8)
        trained(library, treedebug.ScheduleCallback(schedule, watch=watch), rounds=25)
        again = GreedyLR(0.3, patience=1, factor=0.8)
        assert schedule.t == 25
        assert schedule.history
        scores = {change.t: change.value for change in schedule.history}
        assert all(isinstance(v, float) for v in scores.values())
        assert again.now == 0.3


def test_a_metric_to_be_raised_is_known_by_its_name():
    dtrain, dvalid = matrices()
    schedule = GreedyLR(0.1, patience=2)
    callback = treedebug.ScheduleCallback(schedule, watch=("valid", "auc"))
    params = {"objective": "binary:logistic", "eval_metric": "auc", "eta": 0.1}
    xgb.train(params, dtrain, 15, evals=[(dvalid, "valid")], callbacks=[callback], verbose_eval=False)
    assert schedule.higher_is_better
    rates = [r.rate for r in callback.rate_reasons()]
    assert rates[1] > rates[0], "auc rose in the first rounds"
