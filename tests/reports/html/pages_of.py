"""Small real trainings whose pages are looked at."""

import numpy as np
import xgboost as xgb

import treedebug

HOSTILE = [
    "<script>alert(1)</script>",
    "n" * 300,
    "\u05e9\u05dc\u05d5\u05dd \u202e\u05e2\u05d5\u05dc\u05dd",
    "</script><img src=x onerror=alert(2)>",
    "a & b \"q\" 'r'",
    "\u2028line",
]


def record(y_of, params, *, n_rounds=40, n=500, names=None, path=None, seed=0, **callback):
    """The run of a small training; `y_of` makes the labels of the features and a generator."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6))
    y = y_of(x, rng)
    cut = int(0.6 * n)
    train, valid = (xgb.DMatrix(x[s], y[s]) for s in (slice(0, cut), slice(cut, n)))
    evals = [(train, "train"), (valid, "valid")]
    recorder = treedebug.XGBoostCallback(path, evals=evals, quiet=True, **callback)
    xgb.train(
        {"nthread": 1, "verbosity": 0, "max_depth": 4, **params},
        train,
        n_rounds,
        evals=evals,
        callbacks=[recorder],
        verbose_eval=False,
    )
    if names is not None:
        recorder.run.header.feature_names = list(names)
    return recorder.run


def two_classes(x, rng):
    return (x[:, 0] + 0.5 * x[:, 1] + rng.normal(size=len(x)) > 0).astype(int)


def three_classes(x, rng):
    return np.clip(np.round(x[:, 0] + 0.3 * rng.normal(size=len(x))) + 1, 0, 2).astype(int)


def amounts(x, rng):
    return 3.0 * x[:, 0] + np.abs(x[:, 1]) + 0.5 * rng.normal(size=len(x))


def binary(**more):
    return record(two_classes, {"objective": "binary:logistic", "eta": 0.5}, **more)


def regression(**more):
    return record(amounts, {"objective": "reg:squarederror"}, **more)


def multiclass(**more):
    return record(three_classes, {"objective": "multi:softprob", "num_class": 3}, n_rounds=15, **more)
