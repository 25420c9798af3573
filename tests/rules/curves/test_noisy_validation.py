import numpy as np
import pytest

from tests.boosters import noisy_classes, train_lightgbm
from tests.curves_of import fall, found, noisy
from treedebug.rules.curves.noisy_validation import NoisyValidation
from treedebug.testing import curves, labels, rule_test

JUMPY = noisy(fall(120), 0.02)


def counted(n_rows, values):
    """The share of wrong rows, as that many rows can show it."""
    return curves(valid=np.round(values * n_rows) / n_rows, metric="error", data=labels([n_rows, 0], dataset="valid"))


test_noisy_validation = rule_test(
    NoisyValidation(),
    fires={
        "the noise is a twentieth of the gain": curves(valid=JUMPY),
        "mirrored metric": curves(valid=1 - JUMPY, metric="auc"),
        "a few rows, counted right or wrong": (counted(30, fall(80, floor=0.2, top=0.5)), {"n_rows": 30}),
    },
    silent={
        "the noise is a hundredth of the gain": curves(valid=noisy(fall(120), 0.004)),
        "a smooth curve": curves(valid=fall(120)),
        "many rows, counted right or wrong": counted(3000, fall(80, floor=0.2, top=0.5)),
        "twenty-nine rounds": curves(valid=JUMPY[:29]),
        "the best round stands out": curves(valid=noisy(fall(120), 0.02) + 0.02 * np.abs(np.arange(120) - 60)),
        "constant": curves(valid=[0.5] * 120),
    },
    skipped={"no validation set": curves(train=JUMPY), "unknown direction": curves(valid=JUMPY, metric="profit")},
)


@pytest.mark.parametrize(("n_rows", "expected"), [(30, True), (2000, False)])
def test_a_real_booster(n_rows, expected):
    features, labels_of = noisy_classes(3000, noise=2.0)
    train, valid = (features[:900], labels_of[:900]), (features[900 : 900 + n_rows], labels_of[900 : 900 + n_rows])
    params = {"objective": "binary", "metric": "binary_error", "learning_rate": 0.1, "num_leaves": 7}
    findings = found(train_lightgbm(params, train, valid, 100, classes=False), NoisyValidation())
    assert bool(findings) is expected
    if findings:
        assert findings[0].evidence["n_rows"] == n_rows
