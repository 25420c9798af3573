import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import fall, found
from tests.rules.features.test_low_feature_importance import with_gains
from treedebug.rules.features.suspected_leak import SuspectedLeak
from treedebug.testing import curves, labels, leaf, rule_test, trees

NAMES = ["age", "paid_back", "income", "zip"]
LEAK, HALF = with_gains([1.0, 97.0, 1.0, 1.0]), with_gains([15.0, 50.0, 20.0, 15.0])
RARE = {"valid": {"n_rows": 400, "label": {"kind": "numbers", "mean": 0.1, "std": 0.32}, "is_training": False}}
GONE = fall(40, floor=0.02, tau=8)


def leaky(tree=LEAK, valid=GONE, n=40, **fields):
    data = labels([50, 50], dataset="valid")
    return trees([tree] * n, feature_names=NAMES, run=curves(valid=valid[:n], data=data, **fields))


test_suspected_leak = rule_test(
    SuspectedLeak(),
    fires={
        "one feature, no loss left": (leaky(), {"gain_share": 0.97}),
        "mirrored metric": leaky(valid=1 - GONE / 2, metric="auc"),
        "seven times the next, nearly all of the loss gone": (
            leaky(with_gains([10.0, 70.0, 10.0, 10.0])), {"lead": 7.0}
        ),
        "half of the gain, ten times the next": leaky(with_gains([50.0, *[5.0] * 10])),
        "rare counts": trees(
            [LEAK] * 40, feature_names=NAMES,
            run=curves(valid=0.12 + 0.2 * GONE, metric="poisson-nloglik", data=RARE),
        ),
        "some noise in it": leaky(valid=fall(40, floor=0.15, tau=8)),
        "while training goes on": leaky(n=20, valid=fall(20, floor=0.02, tau=4)),
    },
    silent={
        "four times the next, half of the loss gone: the strongest of several": leaky(
            with_gains([15.0, 60.0, 15.0, 10.0]), fall(40, floor=0.35, tau=8)
        ),
        "half of the gain, six times the next": leaky(with_gains([8.0, 52.0, 8.0, 8.0, 8.0, 8.0, 8.0])),
        "two and a half times the next, no loss left": leaky(HALF),
        "weights make the first round far worse than a constant": leaky(valid=np.linspace(3.0, 0.65, 40)),
        "one feature, much loss left": leaky(valid=fall(40, floor=0.55)),
        "nine rounds": leaky(n=9, valid=fall(9, floor=0.02, tau=2)),
        "one of three, as it may be": leaky(with_gains([12.0, 69.0, 19.0])),
        "two features": leaky(with_gains([1.0, 99.0])),
        "no such thing as perfect": leaky(metric="poisson-nloglik"),
    },
    skipped={
        "no trees": curves(valid=GONE), "no validation set": trees([LEAK] * 40, run=curves(train=GONE)),
        "no splits": leaky(leaf()),
    },
)  # fmt: skip


def test_it_names_the_feature():
    finding = found(leaky(), SuspectedLeak())[0]
    assert finding.subject == "paid_back"
    assert "paid_back known when you predict" in finding.message


@pytest.mark.parametrize("leak", [True, False])
@pytest.mark.parametrize("train_it", [train_xgboost, train_lightgbm])
def test_a_real_booster(train_it, leak):
    rng = np.random.default_rng(0)
    features, target = noisy_classes(noise=0.3)
    if leak:
        features = np.column_stack([features, np.where(rng.random(800) < 0.02, 1 - target, target)])
    train, valid = halves(features, target)
    params = {"objective": "binary:logistic" if train_it is train_xgboost else "binary", "max_depth": 4}
    if train_it is train_lightgbm:
        params["metric"] = "binary_logloss"
    findings = found(train_it(params, train, valid, 40, classes=False), SuspectedLeak())
    assert [f.subject for f in findings] == (["f10"] if leak else [])
