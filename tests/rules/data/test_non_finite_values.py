import numpy as np
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.rules.data.non_finite_values import NonFiniteValues
from treedebug.testing import data_sets, number, rule_test, table

test_non_finite_values = rule_test(
    NonFiniteValues(),
    fires={
        "one infinity": (data_sets(table(number("a", n_infinite=1), number("b"))), {"n_infinite": {"a": 1}}),
        "too large for float32": (
            data_sets(table(number("a", n_beyond_float32=3))),
            {"n_beyond_float32": {"a": 3}, "columns": ["a"]},
        ),
        "in validation only": data_sets(table(), valid=table(number("a", n_infinite=2))),
    },
    silent={
        "large numbers": data_sets(table(number("a", maximum=3e38))),
        "missing ones": data_sets(table(number("a", n_missing=900))),
    },
    skipped={"no rows": data_sets(table(number("a", n_rows=0)))},
)


def test_what_to_do_with_which():
    tries = [
        c.parameter for c in found(data_sets(table(number("a", n_beyond_float32=3))), NonFiniteValues())[0].try_next
    ]
    assert tries == ["replace", "clip"]


@pytest.mark.parametrize(("value", "expected"), [(np.inf, True), (1e39, True), (1e37, False)])
def test_a_real_table(value, expected):
    frame = people()
    frame.loc[7, "income"] = value
    assert bool(found_in(NonFiniteValues(), frame, target="paid")) is expected
