import lightgbm as lgb
import xgboost as xgb

import treedebug
from tests.schedules.boosters.tables import matrices, sets


def recorded(schedule, rounds=20, watch=("valid", "logloss"), more=(), watch_training=False, third=False, **params):
    """The record of an XGBoost training under a schedule."""
    dtrain, dvalid = matrices()
    evals = [(dtrain, "train"), (dvalid, "valid"), *([(dvalid, "test")] if third else [])]
    callback = treedebug.ScheduleCallback(
        schedule, watch if schedule.needs_values else None, watch_training=watch_training
    )
    recorder = treedebug.XGBoostCallback(quiet=True, evals=evals)
    xgb.train(
        {"objective": "binary:logistic", **params}, dtrain, rounds, evals=evals, verbose_eval=False,
        callbacks=[callback, recorder, *more],
    )  # fmt: skip
    return recorder.run.data


def recorded_lightgbm(schedule, rounds=20, **params):
    """The record of a LightGBM training under a schedule."""
    train, valid = sets()
    callback = treedebug.ScheduleCallback(schedule, ("valid_0", "binary_logloss") if schedule.needs_values else None)
    recorder = treedebug.LightGBMCallback(quiet=True)
    lgb.train(
        {"objective": "binary", "verbose": -1, **params}, train, rounds, valid_sets=[valid],
        callbacks=[callback, recorder],
    )  # fmt: skip
    return recorder.run.data
