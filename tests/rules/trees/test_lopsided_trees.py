import numpy as np
import pytest

from tests.boosters import train_lightgbm
from tests.curves_of import fall, found, turn
from tests.rules.trees.test_excessive_depth import chain
from treedebug.core.findings import Severity
from treedebug.rules.trees.lopsided_trees import LopsidedTrees
from treedebug.testing import curves, grown, leaf, rule_test, split, trees


def half_chain(depth, tail):
    """A full tree with a chain at one end."""
    return split(0, chain(tail), grown(depth))


test_lopsided_trees = rule_test(
    LopsidedTrees(),
    fires={
        "chains": (trees([chain(20)] * 20), {"lopsided": 1.0, "depth": 20, "n_leaves": 21}),
        "mostly chain": trees([half_chain(3, 20)] * 20),
        "most of the trees": trees([chain(20), chain(20), grown(5)] * 10),
    },
    silent={
        "balanced": trees([grown(5)] * 20),
        "a short tail": trees([half_chain(5, 14)] * 20),
        "small chains": trees([chain(14)] * 20),
        "a few of the trees": trees([chain(20), grown(5), grown(5)] * 10),
        "nineteen rounds": trees([chain(20)] * 19),
    },
    skipped={"no trees": curves(valid=[0.5] * 20), "no splits": trees([leaf()] * 20)},
)


@pytest.mark.parametrize(
    ("valid", "severity"), [(turn(120, best=20, tau=6), Severity.WARNING), (fall(120), Severity.INFO)]
)
def test_a_warning_only_where_validation_suffers(valid, severity):
    assert found(trees([chain(20)] * 120, run=curves(valid=valid)), LopsidedTrees())[0].severity is severity


@pytest.mark.parametrize("tail", [True, False])
def test_a_real_booster(tail):
    place = np.random.default_rng(0).permutation(1000)
    growing = np.where(place >= 940, 1.4 ** (place - 940.0), 0.0)
    target = growing if tail else np.sin(place / 100.0)
    params = {"objective": "regression", "num_leaves": 31, "min_data_in_leaf": 1 if tail else 20, "max_bin": 2000}
    table = (place[:, None].astype(float), target)
    run = train_lightgbm(params, table, table, 30, classes=False)
    assert bool(found(run, LopsidedTrees())) is tail
