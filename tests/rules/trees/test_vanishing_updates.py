import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import fall, found
from treedebug.rules.trees.vanishing_updates import VanishingUpdates
from treedebug.testing import curves, labels, leaf, rule_test, split, trees

DATA = {**labels([50, 50]), **labels([50, 50], dataset="valid")}


def sized(sizes, *, train=None, **fields):
    """One tree a round, its two leaves of this size."""
    train = fall(len(sizes), floor=0.6) if train is None else train
    grown = [split(0, leaf(s), leaf(-s)) for s in sizes]
    return trees(grown, run=curves(train=train, valid=train, data=DATA, n_classes=2, **fields))


def numbers(std):
    return {"train": {"n_rows": 100, "is_training": True, "label": {"kind": "numbers", "std": std}}}


DECAYED = 0.1 * 0.85 ** np.arange(60)

test_vanishing_updates = rule_test(
    VanishingUpdates(),
    fires={
        "steps decay to nothing": sized(DECAYED),
        "steps are tiny from the start": sized([1e-4] * 60),
        "tiny beside the labels": trees(
            [split(0, leaf(0.1), leaf(-0.1))] * 60,
            run=curves(train=fall(60, top=1010, floor=1000), metric="rmse", data=numbers(1000.0)),
        ),
        "only validation is watched": trees(
            [split(0, leaf(s), leaf(-s)) for s in DECAYED],
            run=curves(valid=fall(60, floor=0.6), data=DATA, n_classes=2),
        ),
    },
    silent={
        "steady steps": sized([0.1] * 60),
        "the loss is gone": sized(DECAYED, train=fall(60, floor=0.05)),
        "a tenth of the first steps": sized(np.linspace(0.1, 0.01, 60)),
        "thirty-nine rounds": sized([1e-4] * 39),
        "small labels": trees(
            [split(0, leaf(0.1), leaf(-0.1))] * 60,
            run=curves(train=fall(60, top=1.01, floor=1), metric="rmse", data=numbers(1.0)),
        ),
    },
    skipped={
        "no trees": curves(train=[0.5] * 60), "no metric": trees([split(0)] * 60), "few rounds": sized([1e-4] * 15),
    },
)  # fmt: skip


@pytest.mark.parametrize(("penalty", "expected"), [(1e6, True), (1.0, False)])
@pytest.mark.parametrize(
    ("train_it", "name", "objective"),
    [(train_xgboost, "reg_lambda", "binary:logistic"), (train_lightgbm, "lambda_l2", "binary")],
)
def test_a_real_booster(train_it, name, objective, penalty, expected):
    train, valid = halves(*noisy_classes())
    params = {"objective": objective, name: penalty}
    if train_it is train_lightgbm:
        params["metric"] = "binary_logloss"
    findings = found(train_it(params, train, valid, 50, classes=False), VanishingUpdates())
    assert bool(findings) is expected
    if findings:
        assert findings[0].try_next[0].parameter == name
