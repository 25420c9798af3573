import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import fall, found
from tests.recorded import record_lightgbm, record_xgboost, smooth
from treedebug.core.findings import Severity
from treedebug.rules.params.reversed_gradient import ReversedGradient
from treedebug.testing import curves, header, rule_test

RISING = np.linspace(1.0, 3.0, 12)


def own(objective="custom", **shape):
    return curves(metric="rmse", objective=objective, params={"objective": objective}, library="xgboost", **shape)


test_reversed_gradient = rule_test(
    ReversedGradient(),
    fires={
        "rises from the first round on": (own(train=RISING), {"n_worse": 11, "first": 1.0, "last": 3.0}),
        "on the validation data": own(valid=RISING),
        "then it stands still": own(train=[*RISING, *[3.0] * 8]),
        "an AUC that ranks the wrong way round": (
            curves(metric="auc", objective="custom", params={"objective": "custom"}, train=[0.2, 0.1, *[0.15] * 8]),
            {"n_worse": 0},
        ),
        "more is better, and it falls": own(train=-RISING, higher_is_better=True),
    },
    silent={
        "an AUC that is low": curves(
            metric="auc", objective="custom", params={"objective": "custom"}, train=[0.5, 0.45, *[0.42] * 8]
        ),
        "falls": own(train=fall(12)),
        "four rounds": own(train=RISING[:5]),
        "up and down": own(train=1.0 + np.arange(12) % 2),
        "rises after the first round": own(train=[1.0, 0.9, *RISING]),
    },
    skipped={"the library's objective": own("reg:squarederror", train=RISING), "nothing known": header()},
)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_real_booster(sign):
    x, y = smooth()

    def squared(p, d):
        return sign * (p - d.get_label()), np.ones(p.size)

    for run in (
        record_xgboost({}, xgb.DMatrix(x[:300], y[:300]), obj=squared),
        record_lightgbm({"objective": squared, "metric": "l2"}, lgb.Dataset(x[:300], y[:300]),
                        [lgb.Dataset(x[300:], y[300:])]),
    ):  # fmt: skip
        findings = found(run, ReversedGradient())
        assert [f.severity for f in findings] == ([] if sign > 0 else [Severity.ERROR])
