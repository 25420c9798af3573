import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import fall, found, turn
from treedebug.core.findings import Severity
from treedebug.rules.trees.front_loaded_gain import FrontLoadedGain
from treedebug.testing import curves, leaf, rule_test, split, trees


def gaining(gains, **fields):
    return trees([split(0, gain=float(g)) for g in gains], **fields)


FRONT = 1000.0 * 0.3 ** np.arange(30)

test_front_loaded_gain = rule_test(
    FrontLoadedGain(),
    fires={
        "falling by a third each round": (gaining(FRONT), {"share": FRONT[:3].sum() / FRONT.sum()}),
        "all in one round": gaining([1000.0] + [1.0] * 29),
        "several classes": trees([[split(0, gain=g), split(1, gain=g)] for g in FRONT], n_features=2),
    },
    silent={
        "at learning rate 0.3": gaining(1000.0 * 0.49 ** np.arange(30) + 5),
        "steady": gaining([1.0] * 30),
        "nineteen rounds": gaining(FRONT[:19]),
        "training goes on from another": gaining(FRONT, start_round=10),
        "no gain": gaining([0.0] * 30),
        "no splits": trees([leaf()] * 30),
    },
    skipped={"no trees": curves(valid=[0.5] * 30)},
)


@pytest.mark.parametrize(
    ("valid", "severity"), [(turn(120, best=20, tau=6), Severity.WARNING), (fall(120), Severity.INFO)]
)
def test_a_warning_only_where_validation_suffers(valid, severity):
    gains = [1000.0] + [1.0] * 119
    assert found(gaining(gains, run=curves(valid=valid)), FrontLoadedGain())[0].severity is severity


@pytest.mark.parametrize(("rate", "expected"), [(1.0, True), (0.1, False)])
def test_a_real_booster(rate, expected):
    features, _ = noisy_classes()
    target = 5 * np.sign(features[:, 0]) + np.sign(features[:, 1]) + 0.1 * features[:, 2]
    train, valid = halves(features, target)
    params = {"objective": "reg:squarederror", "eta": rate, "max_depth": 3}
    findings = found(train_xgboost(params, train, valid, 30, classes=False), FrontLoadedGain())
    assert bool(findings) is expected
    if findings:
        assert findings[0].try_next[0].parameter == "eta"
