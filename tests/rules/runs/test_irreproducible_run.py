import pytest

from tests.boosters import halves, noisy_classes
from tests.curves_of import found
from tests.rules.runs.pairs import nudged, pair, real_pair, trained
from treedebug.core.findings import Severity
from treedebug.rules.runs.irreproducible_run import IrreproducibleRun
from treedebug.testing import compared, curves, grown, leaf, rule_test

SAME = [grown(2)] * 10

test_irreproducible_run = rule_test(
    IrreproducibleRun(),
    fires={
        "from the first round": (pair(SAME, [grown(3), *SAME[1:]]), {"first_round": 0}),
        "from the seventh": (pair(SAME, [*SAME[:7], leaf(), *SAME[8:]]), {"first_round": 7}),
        "other versions": pair(SAME, [grown(3)] * 10, versions=("3.1", "3.2")),
        "threads": pair(SAME, [grown(3)] * 10, n_jobs=(1, 8)),
    },
    silent={
        "the same": pair(SAME, SAME),
        "the same, and longer": pair(SAME, [*SAME, grown(3)]),
        "another depth": pair(SAME, [grown(3)] * 10, max_depth=(2, 3)),
        "another seed": pair(SAME, [grown(3)] * 10, random_state=(1, 2)),
        "more rows": pair(SAME, [grown(3)] * 10, rows=(100, 101)),
    },
    skipped={
        "one run": curves(valid=[0.5] * 20),
        "two libraries": compared(curves(valid=[0.5] * 9), curves(valid=[0.5] * 9, library="lightgbm")),
    },
)


def test_a_reason_that_is_recorded_makes_it_info():
    finding = found(pair(SAME, [grown(3)] * 10, versions=("3.1", "3.2")), IrreproducibleRun())[0]
    assert (finding.severity, "lib (3.1 and 3.2)" in finding.message) == (Severity.INFO, True)
    assert found(pair(SAME, [grown(3)] * 10), IrreproducibleRun())[0].severity is Severity.WARNING


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_a_real_booster(library):
    table = halves(*noisy_classes(600))
    assert not found(real_pair(library, {"max_depth": 3}, {"max_depth": 3}, table=table), IrreproducibleRun())
    other = compared(
        trained(library, {"max_depth": 3}, table=nudged(table)), trained(library, {"max_depth": 3}, table=table)
    )
    assert found(other, IrreproducibleRun())
