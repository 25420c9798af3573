import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm
from tests.curves_of import found
from treedebug.rules.trees.exploding_leaves import ExplodingLeaves
from treedebug.testing import curves, leaf, rule_test, split, trees


def sized(sizes, **fields):
    return trees([split(0, leaf(s), leaf(-s / 2)) for s in sizes], **fields)


def gamma(mean):
    data = {"train": {"n_rows": 100, "is_training": True, "label": {"kind": "numbers", "mean": mean, "std": mean}}}
    return {"objective": "gamma", "library": "lightgbm", "params": {"learning_rate": 0.1}, "data": data}


POISSON = {"objective": "count:poisson", "params": {"learning_rate": 0.1}}
LOGISTIC = {"objective": "binary:logistic", "n_classes": 2, "params": {"learning_rate": 0.1}}

test_exploding_leaves = rule_test(
    ExplodingLeaves(),
    fires={
        "growing": sized(0.1 * 1.1 ** np.arange(60)),
        "one leap of a classifier": sized([0.1] * 50 + [8.0] + [0.1] * 9, **LOGISTIC),
        "counts times e**11 in one step": sized([0.1] * 50 + [1.1] + [0.1] * 9, **POISSON),
        "the first tree of a gamma": sized([9.7] + [0.1] * 59, **gamma(2.7)),
        "not finite": sized([0.1] * 50 + [float("inf")] * 10),
        "growing labels or not": sized(1e6 * 1.1 ** np.arange(60), objective="reg:squarederror"),
    },
    silent={
        "shrinking": sized(0.1 * 0.95 ** np.arange(60)),
        "twice as large": sized(np.linspace(0.1, 0.2, 60)),
        "large labels": sized([1e6] * 60, objective="reg:squarederror"),
        "a step within reason": sized([0.1] * 50 + [3.0] + [0.1] * 9, **LOGISTIC),
        "counts times e**9 in one step": sized([0.1] * 50 + [0.9] + [0.1] * 9, **POISSON),
        "the first tree stands at the mean label": sized([9.2] + [0.1] * 59, **gamma(10_000.0)),
        "a step of e**4": sized([5.0] + [0.1] * 59, **gamma(2.7)),
        "a large first round, the initial score": sized([500.0] + [0.1] * 59, **LOGISTIC),
    },
    skipped={"no trees": curves(train=[0.5] * 60), "few rounds": sized([0.1] * 15)},
)


@pytest.mark.parametrize(("rate", "expected"), [(2.0, True), (0.1, False)])
def test_a_real_booster(rate, expected):
    train, valid = halves(*noisy_classes(4000))
    params = {"objective": "binary", "learning_rate": rate, "num_leaves": 15}
    findings = found(train_lightgbm(params, train, valid, 100, classes=False), ExplodingLeaves())
    assert bool(findings) is expected
    if findings:
        assert findings[0].try_next[0].parameter == "learning_rate"
