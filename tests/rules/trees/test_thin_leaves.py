import numpy as np
import pytest

from tests.boosters import train_xgboost
from tests.curves_of import fall, found, turn
from treedebug.core.findings import Severity
from treedebug.rules.trees.thin_leaves import ThinLeaves
from treedebug.testing import curves, leaf, rule_test, split, trees

ROWS = {"train": {"n_rows": 1024, "is_training": True}}


def resting(thin, *, n=20, hessian=1.0, **fields):
    """A leaf of one row that does `thin` of what the tree does, beside one of all the others."""
    rest = 1024.0 - hessian
    tree = split(0, leaf((thin / hessian) ** 0.5, hessian=hessian), leaf(((1 - thin) / rest) ** 0.5, hessian=rest))
    return trees([tree] * n, **{"data": ROWS, **fields})


THIN = split(0, leaf(0.7, hessian=1.0), leaf(0.01, hessian=1023.0))

test_thin_leaves = rule_test(
    ThinLeaves(),
    fires={
        "half rests on single rows": (resting(0.5), {"thin_share": 0.5}),
        "the first rounds do not drown the rest": trees(
            [*[split(0, leaf(9.0, hessian=512.0), leaf(hessian=512.0))] * 5, *[THIN] * 30], data=ROWS
        ),
        "two fifths": (resting(0.41), {"n_rows": 1024}),
    },
    silent={
        "a third": resting(0.33),
        "leaves of eight rows": resting(0.5, hessian=8.0),
        "nineteen rounds": resting(0.5, n=19),
    },
    skipped={
        "no trees": curves(valid=[0.5] * 20), "rows unknown": resting(0.5, data={}),
        "no values": trees([split(0, leaf(0.0), leaf(0.0))] * 20, data=ROWS),
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("valid", "severity"), [(turn(120, best=20, tau=6), Severity.WARNING), (fall(120), Severity.INFO)]
)
def test_a_warning_only_where_validation_suffers(valid, severity):
    assert found(resting(0.5, n=120, run=curves(valid=valid)), ThinLeaves())[0].severity is severity


def test_less_is_enough_where_validation_suffers():
    suffers = curves(valid=turn(120, best=20, tau=6))
    assert found(resting(0.11, n=120, run=suffers), ThinLeaves())[0].severity is Severity.WARNING
    assert not found(resting(0.09, n=120, run=curves(valid=turn(120, best=20, tau=6))), ThinLeaves())
    assert not found(resting(0.11, n=120, run=curves(valid=fall(120))), ThinLeaves())


@pytest.mark.parametrize(("weight", "depth", "expected"), [(0, 14, True), (20, 4, False)])
def test_a_real_booster(weight, depth, expected):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(800, 5))
    target = features[:, 0] + rng.normal(size=800)
    params = {"max_depth": depth, "min_child_weight": weight, "lambda": 0.0 if expected else 1.0}
    run = train_xgboost(params, (features[:400], target[:400]), (features[400:], target[400:]), 30, classes=False)
    assert bool(found(run, ThinLeaves())) is expected
