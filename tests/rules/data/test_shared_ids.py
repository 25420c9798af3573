import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data import label_traces
from treedebug.core.data.data_sets import Between
from treedebug.rules.data.shared_ids import SharedIds
from treedebug.testing import data_sets, rule_test, table


def shared(share=0.9, group=""):
    found = label_traces.SharedIdTrace(column="user_id", n_values=90, n_shared=80, share=share, rows_each=6.0)
    return data_sets(table(group=group), valid=table(), between=Between(shared_ids=(found,)))


test_shared_ids = rule_test(
    SharedIds(),
    fires={"most rows": (shared(), {"columns": ["user_id"]}), "half of them": shared(0.5)},
    silent={
        "fewer": shared(0.49),
        "a group was named: DA606 judges it": shared(group="user_id"),
        "no ids": data_sets(table(), valid=table()),
    },
    skipped={"no validation set": data_sets(table())},
)


@pytest.mark.parametrize(("name", "expected"), [("customer_id", True), ("PatientNo", True), ("score", False)])
def test_a_real_table(name, expected):
    frame = people(1200).assign(**{name: np.random.default_rng(0).integers(1000, 1200, 1200)})
    found = found_in(SharedIds(), frame[:800], valid=frame[800:], target="paid")
    assert bool(found) is expected


def test_other_customers_are_fine():
    frame = people(1200).assign(customer_id=np.arange(1200) // 6)
    assert not found_in(SharedIds(), frame[:798], valid=frame[798:], target="paid")
