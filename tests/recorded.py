"""Small real trainings of both libraries, recorded by the callbacks as users have them."""

import lightgbm as lgb
import numpy as np
import xgboost as xgb

import treedebug


def smooth(n=600, *, level=0.0, scale=1.0, seed=0):
    """A table whose label is an amount around `level` that three features tell."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5))
    return x, level + scale * (2 * x[:, 0] + x[:, 1] + np.sin(2 * x[:, 2]) + 0.3 * rng.normal(size=n))


def record_xgboost(params, train, sets=(), n_rounds=20, **more):
    """The record of `xgboost.train`; `train` and each of `sets` are a DMatrix."""
    callback = treedebug.XGBoostCallback(None, quiet=True)
    evals = [(train, "train"), *((d, f"valid{i or ''}") for i, d in enumerate(sets))]
    given = {"nthread": 1, "verbosity": 0, **params}
    xgb.train(given, train, n_rounds, evals=evals, callbacks=[callback], verbose_eval=False, **more)
    return callback.run.data


def record_lightgbm(params, train, sets=(), n_rounds=20, *, callbacks=(), **more):
    """The record of `lightgbm.train`; `train` and each of `sets` are a Dataset."""
    callback = treedebug.LightGBMCallback(None, quiet=True)
    given = {"num_threads": 1, "verbosity": -1, **params}
    names = [f"valid{i or ''}" for i in range(len(sets))]
    lgb.train(
        given, train, n_rounds, valid_sets=list(sets), valid_names=names, callbacks=[*callbacks, callback], **more
    )
    return callback.run.data
