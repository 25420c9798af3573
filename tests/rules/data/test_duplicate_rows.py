import pandas as pd
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.table_profile import Repeats
from treedebug.core.findings import Severity
from treedebug.rules.data.duplicate_rows import DuplicateRows
from treedebug.testing import data_sets, flag, number, rule_test, table, text

AMOUNTS = [number(f"x{i}") for i in range(6)]
FLAGS = [flag("f"), flag("g"), text("t")]


def repeated(n, columns=AMOUNTS, **fields):
    rows = {"n_groups": n, "largest": 2, "n_conflicting": 0, "n_conflict_groups": 0, "duplicates": ((3, 7),)}
    return data_sets(table(*columns, repeats=Repeats(n_duplicates=n, **{**rows, **fields})))


test_duplicate_rows = rule_test(
    DuplicateRows(),
    fires={
        "one in ten": (repeated(100), {"share": 0.1, "expected_share": 0.0, "rows": [[3, 7]]}),
        "a few": (repeated(5), {"n_duplicates": 5}),
    },
    silent={
        "a handful": repeated(4),
        "few combinations there are": repeated(990, FLAGS),
        "none": repeated(0, duplicates=()),
    },
    skipped={"not measured": data_sets(table()), "no rows": data_sets(table(number("a", n_rows=0)))},
)


def test_many_matter_more():
    assert found(repeated(49), DuplicateRows())[0].severity is Severity.INFO
    assert found(repeated(50), DuplicateRows())[0].severity is Severity.WARNING


@pytest.mark.parametrize(("n", "expected"), [(60, True), (0, False)])
def test_a_real_table(n, expected):
    frame = people()
    findings = found_in(DuplicateRows(), pd.concat([frame, frame[:n]], ignore_index=True), target="paid")
    assert bool(findings) is expected
    if findings:
        assert findings[0].evidence["n_duplicates"] == n
        assert [0, 600] in findings[0].evidence["rows"]
