import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_xgboost
from treedebug.rules.params.one_sided_objective import OneSidedObjective
from treedebug.testing import ending, header, rounds, rule_test

HALF = [0.0, 1.0] * 50


def scored(scores, labels=HALF, *, objective="custom", start=0.0, ended=True):
    seen = {"round_index": 9, "sample": list(scores), "labels": list(labels)}
    params = {"objective": objective, "base_score": start}
    run = header(objective=objective, params=params, predicted={"valid": seen})
    return ending(rounds(10, run=run), ended=ended)


test_one_sided_objective = rule_test(
    OneSidedObjective(),
    fires={
        "all up, half of them for nothing": (scored(np.linspace(0.2, 3, 100)), {"share": 0.5}),
        "all down": scored(np.linspace(-3, -0.2, 100)),
    },
    silent={
        "both ways": scored(np.linspace(-2, 3, 100)),
        "fits of 0 and 1": scored(np.linspace(0.01, 0.99, 100)),
        "nearly all are 1": scored(np.linspace(0.2, 3.1, 100), [0.0] * 10 + [1.0] * 90),
        "amounts": scored(np.linspace(1, 9, 100), np.linspace(1, 9.1, 100)),
        "few rows": scored(np.linspace(0.2, 3, 20), HALF[:20]),
    },
    skipped={
        "the library's objective": scored(np.linspace(0.2, 3.2, 100), objective="binary:logistic"),
        "while it trains": scored(np.linspace(0.2, 3.3, 100), ended=False),
        "nothing known": header(),
    },
)


@pytest.mark.parametrize("signed", [True, False])
def test_a_real_booster_with_an_exponential_loss(signed):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    y = (x[:, 0] + rng.normal(size=400) > 0.3).astype(float)

    def loss(score, data):
        z = data.get_label() * 2 - 1 if signed else data.get_label()
        e = np.exp(-z * score)
        return -z * e, e

    sets = [xgb.DMatrix(x[200:], y[200:])]
    run = record_xgboost({"base_score": 0, "max_depth": 2}, xgb.DMatrix(x[:200], y[:200]), sets, obj=loss)
    assert bool(found(run, OneSidedObjective())) is not signed
