import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data.data_sets import Between
from treedebug.core.data.label_traces import LookAlike
from treedebug.rules.data.misplaced_columns import MisplacedColumns
from treedebug.testing import data_sets, rule_test, table


def looking(*found):
    return data_sets(table(), valid=table(), between=Between(look_alikes=found))


SWAPPED = LookAlike(column="a", other_column="b", how="swapped")
INCHES = LookAlike(column="a", other_column="a", how="unit", unit="/ 2.54")
CASE = LookAlike(column="a", other_column="A", how="renamed")

test_misplaced_columns = rule_test(
    MisplacedColumns(),
    fires={
        "swapped": (looking(SWAPPED), {"columns": ["a", "b"]}),
        "in another unit": (looking(INCHES), {"columns": ["a"]}),
        "in another case": (looking(CASE), {"columns": ["a", "A"]}),
    },
    silent={"nothing looks like anything else": looking()},
    skipped={"no validation set": data_sets(table())},
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda v: v.rename(columns={"age": "tall", "tall": "age"}), [["age", "tall"]]),
        (lambda v: v.assign(tall=(v.tall / 2.54).round(1)), [["tall"]]),
        (lambda v: v.assign(income=np.log1p(v.income)), [["income"]]),
        (lambda v: v.rename(columns={"income": "In-Come"}), [["income", "In-Come"]]),
        (lambda v: v.rename(columns={"age": "years"}), [["age", "years"]]),
        (lambda v: v.assign(income=v.income * 1.5), []),
        (lambda v: v[v.age > 50], []),
        (lambda v: v.drop(columns="age"), []),
        (lambda v: v, []),
    ],
)
def test_a_real_table(change, expected):
    frame = people(1500).assign(tall=np.random.default_rng(1).normal(172, 9, 1500).round(1))
    found = found_in(MisplacedColumns(), frame[:1000], valid=change(frame[1000:]), target="paid")
    assert [sorted(f.evidence["columns"]) for f in found] == [sorted(e) for e in expected]
