"""Two runs of one training."""

import lightgbm as lgb
import numpy as np
import xgboost as xgb

import treedebug
from tests.boosters import halves, noisy_classes
from treedebug.engine.config import Config
from treedebug.testing import compared, labels, trees


def pair(then, now, *, rows=(100, 100), library="xgboost", versions=("3", "3"), **changed):
    """Trees of two runs; `changed` maps a parameter to its values in both."""
    made = []
    for k, grown in enumerate((then, now)):
        params = {name: values[k] for name, values in changed.items()}
        data = labels([rows[k] // 2, rows[k] - rows[k] // 2])
        made.append(
            trees(grown, n_features=5, library=library, params=params, data=data, versions={"lib": versions[k]})
        )
    return compared(made[1], made[0])


def trained(library, params, n_rounds=20, *, seed=0, table=None, row_margins=False):
    """A small real run, recorded in memory."""
    train, valid = table or halves(*noisy_classes(600, seed=seed))
    if library == "xgboost":
        learned, kept = xgb.DMatrix(*train), xgb.DMatrix(*valid)
        callback = treedebug.XGBoostCallback(None, quiet=True, config=Config(), row_margins=row_margins)
        xgb.train(
            {"objective": "binary:logistic", "nthread": 1, "eta": 0.1, **params}, learned, n_rounds,
            evals=[(learned, "train"), (kept, "valid")], callbacks=[callback], verbose_eval=False,
        )  # fmt: skip
    else:
        learned = lgb.Dataset(*train)
        callback = treedebug.LightGBMCallback(None, quiet=True, config=Config(), row_margins=row_margins)
        lgb.train(
            {"objective": "binary", "num_threads": 1, "verbosity": -1, **params}, learned, n_rounds,
            valid_sets=[learned, lgb.Dataset(*valid, reference=learned)], valid_names=["train", "valid"],
            callbacks=[callback],
        )  # fmt: skip
    return callback.run.data


def real_pair(library, then, now, n_rounds=20, **kwargs):
    """Two real runs with these parameters."""
    return compared(trained(library, now, n_rounds, **kwargs), trained(library, then, n_rounds, **kwargs))


def nudged(table, by=1e-3):
    """The same labels on features moved a little: other data, which the header cannot tell."""
    (x, y), valid = table
    return (x + by * np.random.default_rng(1).normal(size=x.shape), y), valid
