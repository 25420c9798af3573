import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost
from treedebug.core.findings import Severity
from treedebug.rules.params.unusable_weights import UnusableWeights
from treedebug.testing import header, rule_test


def weighed(*, is_training=True, library="xgboost", **odd):
    facts = {"n_rows": 100, "is_training": is_training, "mean_weight": 1.0, "odd_weights": odd}
    return header(data={"train": facts}, library=library, params={"objective": "reg:squarederror"})


def hanging(effective, n_rows=2000, *, is_training=True, **odd):
    facts = {"n_rows": n_rows, "is_training": is_training, "mean_weight": 5.0, "effective_rows": effective}
    return header(data={"train": facts | ({"odd_weights": odd} if odd else {})}, params={"objective": "binary"})


test_unusable_weights = rule_test(
    UnusableWeights(),
    fires={
        "one below zero": (weighed(negative=1), {"negative": 1}),
        "not a number": weighed(missing=3),
        "in validation": weighed(is_training=False, negative=1),
        "half of the rows off": (weighed(zero=50), {"zero": 50}),
        "two thousand rows that count as twenty": (hanging(20.0), {"effective_rows": 20.0}),
        "just under fifty": hanging(49.0),
        "a few that LightGBM may have made": weighed(zero=5, library="lightgbm"),
    },
    silent={
        "just under half of the rows off": weighed(zero=49),
        "validation rows off": weighed(is_training=False, zero=90),
        "no odd weight": weighed(),
        "fifty rows' worth": hanging(50.0),
        "a twentieth of the rows": hanging(20.0, 400),
        "few rows": hanging(2.0, 199),
        "validation rows": hanging(20.0, is_training=False),
    },
    skipped={"no weights": header(data={"train": {"n_rows": 100, "is_training": True}}), "nothing known": header()},
)


@pytest.mark.parametrize(("share", "severities"), [(0.9, [Severity.WARNING]), (0.1, [])])
def test_rows_of_weight_zero_in_a_real_run(share, severities):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(400, 3)), rng.normal(size=400)
    w = np.where(np.arange(400) < share * 400, 0.0, 1.0)
    runs = (
        record_xgboost({}, xgb.DMatrix(x, y, weight=w), n_rounds=3),
        record_lightgbm({}, lgb.Dataset(x, y, weight=w), n_rounds=3),
    )
    told = [[f.severity for f in found(run, UnusableWeights())] for run in runs]
    assert told == [severities, severities or [Severity.INFO]]


def test_negative_weights_in_a_real_run():
    rng = np.random.default_rng(0)
    x, y, w = rng.normal(size=(400, 3)), rng.normal(size=400), np.where(np.arange(400) < 9, -1.0, 1.0)
    (finding,) = found(record_lightgbm({}, lgb.Dataset(x, y, weight=w), n_rounds=3), UnusableWeights())
    assert finding.severity is Severity.ERROR
    assert "9 negative" in finding.message


def test_many_zeros_and_a_few_large_weights_are_two_findings():
    several = found(hanging(20.0, zero=1200), UnusableWeights())
    assert len({f.subject for f in several}) == len(several) == 2
