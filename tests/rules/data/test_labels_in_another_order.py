import numpy as np

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.findings import Severity
from treedebug.rules.data.labels_in_another_order import LabelsInAnotherOrder
from treedebug.testing import classes_of, data_sets, rule_test, table

LABEL = classes_of({0: 500, 1: 500})

test_labels_in_another_order = rule_test(
    LabelsInAnotherOrder(),
    fires={
        "in another order": data_sets(table(label=LABEL, label_index="another order")),
        "other rows": data_sets(table(label=LABEL, label_index="other rows")),
    },
    silent={"the same": data_sets(table(label=LABEL))},
    skipped={"no label": data_sets(table())},
)


def test_other_rows_are_only_worth_knowing():
    some = data_sets(table(label=LABEL, label_index="other rows"))
    assert found(some, LabelsInAnotherOrder())[0].severity is Severity.INFO


def test_a_real_table():
    frame = people()
    x, y = frame.drop(columns="paid"), frame.paid
    assert found_in(LabelsInAnotherOrder(), x, y.sample(frac=1, random_state=0))[0].severity is Severity.WARNING
    assert found_in(LabelsInAnotherOrder(), x, y.set_axis(np.arange(600) + 600))[0].severity is Severity.INFO
    for labels in (y, y.to_numpy(), y.to_frame()):
        assert not found_in(LabelsInAnotherOrder(), x, labels)
