import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data.label_traces import LabelOrder, PureValue
from treedebug.rules.data.value_of_one_class import ValueOfOneClass
from treedebug.testing import classes_of, data_sets, number, rule_test, table


def marked(*columns, **fields):
    usual = {
        "value": 1,
        "n_rows": 200,
        "label": "yes",
        "share_elsewhere": 0.3,
        "log10_chance": -40.0,
        "rest_score": 0.0,
    }
    names = columns or ("call",)
    found = [number(n, pure=PureValue(**usual | fields)) for n in names]
    order = LabelOrder(n_rows=1000, n_changes=400, expected=480.0)
    return data_sets(table(*found, number("z"), label=classes_of({"no": 500, "yes": 500}), label_order=order))


test_value_of_one_class = rule_test(
    ValueOfOneClass(),
    fires={
        "a mark": (marked(), {"columns": ["call"], "n_rows": 200}),
        "two marks": marked("call", "letter"),
        "a missing value": marked(value=None),
    },
    silent={
        "by chance": marked(log10_chance=-7.9),
        "the rest of the column tells as well": marked(rest_score=0.16),
        "many are like that: an easy task": marked("a", "b", "c"),
    },
    skipped={"no label": data_sets(table()), "few rows": data_sets(table(label=classes_of({0: 9, 1: 9})))},
)


@pytest.mark.parametrize(("share", "expected"), [(1.0, ["call"]), (0.97, [])])
def test_a_real_table(share, expected):
    frame, rng = people(2000), np.random.default_rng(5)
    called = (frame.paid == 1) & (rng.random(2000) < 0.3)
    called |= (frame.paid == 0) & (rng.random(2000) < 0.3 * (1 - share))
    found = found_in(ValueOfOneClass(), frame.assign(call=called.astype(int)), target="paid")
    assert [f.subject for f in found] == expected
