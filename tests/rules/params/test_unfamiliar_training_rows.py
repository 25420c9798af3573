import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from treedebug import XGBoostCallback
from treedebug.rules.params.unfamiliar_training_rows import UnfamiliarTrainingRows
from treedebug.testing import curves, rule_test

FALLS = np.linspace(0.6, 0.1, 40)
STANDS = np.linspace(0.62, 0.7, 40)


def goes_on(train=FALLS, valid=STANDS, *, start=100, n_rows=50, **fields):
    data = {"train": {"n_rows": n_rows, "is_training": True}, "valid": {"n_rows": 900}}
    return curves(train=train, valid=valid, start_round=start, data=data, **fields)


test_unfamiliar_training_rows = rule_test(
    UnfamiliarTrainingRows(),
    fires={
        "as bad on the training rows as on others": (goes_on(), {"start_round": 100, "train_began": 0.6}),
        "far worse there": goes_on(3.0 * FALLS),
    },
    silent={
        "rows that it knows": goes_on(np.linspace(0.3, 0.1, 40)),
        "many rows that it knows, a little": goes_on(np.linspace(0.55, 0.1, 40), n_rows=1000),
        "validation follows": goes_on(valid=np.linspace(0.62, 0.3, 40)),
        "next to nothing is learned": goes_on(np.linspace(0.6, 0.55, 40)),
        "three new rounds": goes_on(FALLS[:3], STANDS[:3]),
    },
    skipped={
        "from the start": goes_on(start=0),
        "a model is rewritten": goes_on(rewritten_rounds=100),
        "no loss of the training data": curves(valid=STANDS, start_round=100),
        "no validation set": curves(train=FALLS, start_round=100),
    },
)


@pytest.mark.parametrize("new", [True, False])
def test_a_real_booster_goes_on(new):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 5))
    y = x[:, 0] * x[:, 1] + 0.5 * rng.normal(size=900)
    parts = [xgb.DMatrix(x[i], y[i]) for i in (slice(0, 200), slice(200, 400), slice(400, 900))]
    params, callback = {"max_depth": 6, "nthread": 1}, XGBoostCallback(quiet=True)
    first = xgb.train(params, parts[0], 30)
    given = parts[1] if new else parts[0]
    evals = [(given, "train"), (parts[2], "valid")]
    xgb.train(params, given, 30, evals=evals, verbose_eval=False, xgb_model=first, callbacks=[callback])
    assert bool(found(callback.run.data, UnfamiliarTrainingRows())) == new
