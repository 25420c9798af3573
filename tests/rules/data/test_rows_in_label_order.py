import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data.label_traces import LabelOrder
from treedebug.rules.data.rows_in_label_order import RowsInLabelOrder
from treedebug.testing import classes_of, data_sets, rule_test, table


def ordered(n_changes, expected=480.0):
    order = LabelOrder(n_rows=1000, n_changes=n_changes, expected=expected)
    return data_sets(table(label=classes_of({0: 500, 1: 500}), label_order=order))


test_rows_in_label_order = rule_test(
    RowsInLabelOrder(),
    fires={"sorted": (ordered(1), {"n_changes": 1}), "nearly": ordered(24)},
    silent={
        "one change more": ordered(25),
        "in no order": ordered(470),
        "hardly anything to change": ordered(0, expected=19.0),
    },
    skipped={"no label": data_sets(table()), "few rows": data_sets(table(label=classes_of({0: 9, 1: 9})))},
)


@pytest.mark.parametrize("by", ["paid", "income"])
@pytest.mark.parametrize("is_sorted", [True, False])
def test_a_real_table(by, is_sorted):
    frame = people()
    frame = (frame.sort_values(by) if is_sorted else frame).reset_index(drop=True)
    assert bool(found_in(RowsInLabelOrder(), frame, target=by)) is is_sorted


def test_a_seasonal_label_is_in_no_order():
    frame = people()
    y = (np.sin(np.arange(600) / 4) + np.random.default_rng(0).normal(size=600) > 0).astype(int)
    assert not found_in(RowsInLabelOrder(), frame.assign(paid=y), target="paid")
