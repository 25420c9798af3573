"""Small real trainings with something going on between the rounds."""

import lightgbm as lgb
import numpy as np
import xgboost as xgb

import treedebug
from tests.boosters import halves, noisy_classes
from treedebug.engine.config import Config


class _Between(xgb.callback.TrainingCallback):
    def __init__(self, function):
        self.function = function

    def before_iteration(self, model, epoch, evals_log):
        self.function(epoch)
        return False


def train(library, n_rounds, *, before_round=lambda _: None, metric=lambda: None):
    """A run in memory; `before_round` is called with every round, `metric` whenever the data is evaluated."""
    learned, kept = halves(*noisy_classes(200))
    if library == "xgboost":
        data, valid = xgb.DMatrix(*learned), xgb.DMatrix(*kept)
        callback = treedebug.XGBoostCallback(None, quiet=True, config=Config())
        xgb.train(
            {"objective": "binary:logistic", "nthread": 1, "max_depth": 2}, data, n_rounds, evals=[(valid, "valid")],
            custom_metric=lambda p, d: (metric(), ("mine", float(np.mean(p))))[1], verbose_eval=False,
            callbacks=[_Between(before_round), callback],
        )  # fmt: skip
        return callback.run.data

    def between(env):
        before_round(env.iteration)

    between.before_iteration = True
    data = lgb.Dataset(*learned)
    callback = treedebug.LightGBMCallback(None, quiet=True, config=Config())
    lgb.train(
        {"objective": "binary", "num_threads": 1, "num_leaves": 4, "verbosity": -1}, data, n_rounds,
        valid_sets=[lgb.Dataset(*kept, reference=data)], valid_names=["valid"],
        feval=lambda p, d: (metric(), ("mine", float(np.mean(p)), True))[1], callbacks=[between, callback],
    )  # fmt: skip
    return callback.run.data
