import pandas as pd
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.table_profile import Repeats
from treedebug.core.findings import Severity
from treedebug.rules.data.conflicting_labels import ConflictingLabels
from treedebug.testing import classes_of, data_sets, flag, number, rule_test, table

AMOUNTS = [number(f"x{i}") for i in range(6)]
LABEL = classes_of({"no": 500, "yes": 500})


def conflicting(n, columns=AMOUNTS, label=LABEL):
    repeats = Repeats(n_duplicates=0, n_groups=0, largest=1, n_conflicting=n, n_conflict_groups=n // 2,
                      n_minority=n // 2, conflicts=((1, 8),), conflict_labels=(("no", "yes"),))  # fmt: skip
    return data_sets(table(*columns, label=label, repeats=repeats))


def one_in_a_crowd():
    repeats = Repeats(n_duplicates=299, n_groups=1, largest=299, n_conflicting=300, n_conflict_groups=1, n_minority=1)
    return data_sets(table(*AMOUNTS, label=LABEL, repeats=repeats))


test_conflicting_labels = rule_test(
    ConflictingLabels(),
    fires={
        "six in a hundred": (conflicting(60), {"share": 0.03, "rows": [[1, 8]], "labels": [["no", "yes"]]}),
        "a few": (conflicting(4), {"n_groups": 2}),
    },
    silent={
        "one pair": conflicting(2),
        "one in a crowd of copies": one_in_a_crowd(),
        "few combinations there are": conflicting(900, [flag("f"), flag("g")]),
    },
    skipped={
        "no label": conflicting(60, label=None),
        "not measured": data_sets(table(label=LABEL)),
    },
)


def test_many_matter_more():
    assert found(conflicting(10), ConflictingLabels())[0].severity is Severity.INFO
    assert found(conflicting(20), ConflictingLabels())[0].severity is Severity.WARNING


@pytest.mark.parametrize(("n", "expected"), [(20, True), (0, False)])
def test_a_real_table(n, expected):
    frame = people()
    twins = frame[:n].assign(paid=1 - frame.paid[:n])
    findings = found_in(ConflictingLabels(), pd.concat([frame, twins], ignore_index=True), target="paid")
    assert [f.evidence["n_rows"] for f in findings] == ([n] if expected else [])
