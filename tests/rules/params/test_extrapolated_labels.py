import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost
from treedebug.recorders.class_counter import label_summary
from treedebug.rules.params.extrapolated_labels import ExtrapolatedLabels
from treedebug.testing import header, rule_test

RAMP = np.arange(1000.0)


def sets(train, valid, objective="reg:squarederror", **params):
    data = {
        name: {"n_rows": len(v), "is_training": name == "train", "label": label_summary(v, None, 0)}
        for name, v in (("train", train), ("valid", valid))
    }
    return header(data=data, params={"objective": objective, **params}, objective=objective)


test_extrapolated_labels = rule_test(
    ExtrapolatedLabels(),
    fires={
        "above": (sets(RAMP[:700], RAMP[700:]), {"share": 1.0, "bound": 699.0, "farthest": 999.0}),
        "below": (sets(RAMP[300:], RAMP[:300]), {"share": 1.0, "bound": 300.0, "farthest": 0.0}),
        "a tenth of them": sets(RAMP[:910] / 7, RAMP[100:] / 7),
    },
    silent={
        "drawn at random": sets(RAMP[::2] / 7, RAMP[1::2] / 7),
        "one of them far away": sets(RAMP[:900] / 7, np.r_[RAMP[:99] / 7, 9999.0]),
        "four rows": sets(RAMP[:900] / 7, RAMP[896:904] / 7),
        "hardly outside": sets(RAMP[:900] / 7, np.r_[RAMP[:800] / 7, np.full(90, 128.6)]),
        "a linear model": sets(RAMP[:600], RAMP[600:], linear_tree=True),
        "a ranking": sets(RAMP[:500], RAMP[500:], "rank:pairwise"),
    },
    skipped={"no validation set": header(data={}, params={"objective": "reg:squarederror"}), "nothing known": header()},
)


@pytest.mark.parametrize("slope", [0.0, 0.02])
def test_a_real_booster(slope):
    rng = np.random.default_rng(0)
    t = np.arange(800.0)
    x = np.c_[t, np.sin(t / 30)]
    y = slope * t + np.sin(t / 30) + 0.2 * rng.normal(size=800)
    runs = (
        record_xgboost({}, xgb.DMatrix(x[:600], y[:600]), [xgb.DMatrix(x[600:], y[600:])], 5),
        record_lightgbm({}, lgb.Dataset(x[:600], y[:600]), [lgb.Dataset(x[600:], y[600:])], 5),
    )
    for run in runs:
        assert bool(found(run, ExtrapolatedLabels())) is bool(slope)
