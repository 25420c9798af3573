import pandas as pd
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.data_sets import Between, GroupOverlap, Overlap
from treedebug.core.data.table_profile import Repeats
from treedebug.core.findings import Severity
from treedebug.rules.data.overlapping_splits import OverlappingSplits
from treedebug.testing import data_sets, flag, number, rule_test, table

AMOUNTS = [number(f"x{i}") for i in range(6)]


def shared(n, *, twins=0, columns=AMOUNTS, groups=None, n_rows=1000):
    repeats = Repeats(n_duplicates=twins // 2, n_groups=twins // 2, largest=2, n_conflicting=0, n_conflict_groups=0)
    overlap = Overlap(n_rows=n, n_same_label=n, examples=((5, 2),) if n else ())
    between = Between(overlap=overlap, groups=groups)
    valid = table(*columns, n_rows=n_rows)
    return data_sets(table(*columns, repeats=repeats), valid=valid, between=between)


def patients(n_shared):
    return GroupOverlap(column="patient", n_groups=200, n_shared=n_shared, n_rows_shared=5 * n_shared, examples=("P7",))


test_overlapping_splits = rule_test(
    OverlappingSplits(),
    fires={
        "one in ten": (shared(100), {"share": 0.1, "expected_share": 0.0, "rows": [[5, 2]]}),
        "more than twins explain": (shared(60, twins=20), {"expected_share": 0.02}),
        "repeated rows that were split apart": (shared(300, twins=300), {"share": 0.3}),
        "a patient in both": (shared(0, groups=patients(1)), {"columns": ["patient"], "n_rows": 5}),
    },
    silent={
        "as many as within the training data": shared(16, twins=20),
        "a row by accident": shared(1, n_rows=100),
        "few combinations there are": shared(990, twins=998, columns=[flag("f"), flag("g")]),
        "patients kept together": shared(0, groups=patients(0)),
    },
    skipped={"no validation set": data_sets(table()), "other columns": data_sets(table(), valid=table())},
)


def test_no_score_can_be_trusted_where_most_rows_are_known():
    assert found(shared(100), OverlappingSplits())[0].severity is Severity.WARNING
    assert found(shared(600), OverlappingSplits())[0].severity is Severity.ERROR
    assert found(shared(0, groups=patients(180)), OverlappingSplits())[0].severity is Severity.ERROR


@pytest.mark.parametrize(("n", "expected"), [(30, True), (0, False)])
def test_a_real_table(n, expected):
    frame = people()
    train, valid = frame[:450], pd.concat([frame[450:], frame[:n]], ignore_index=True)
    findings = found_in(OverlappingSplits(), train, valid=valid, target="paid")
    assert [f.evidence["n_rows"] for f in findings] == ([n] if expected else [])


def test_groups_of_a_real_table():
    frame = people().assign(family=[i // 3 for i in range(600)])
    findings = found_in(
        OverlappingSplits(), frame[:451], valid=frame[451:].reset_index(drop=True), target="paid", group="family"
    )
    assert findings[0].evidence["groups"] == [150]


def test_rows_that_repeat_anyway_are_a_question():
    (split_apart,) = found(shared(100, twins=200), OverlappingSplits())
    (copied,) = found(shared(100), OverlappingSplits())
    assert [c.kind for c in split_apart.try_next] == ["question"]
    assert [c.parameter for c in copied.try_next] == ["drop_from_valid"]
