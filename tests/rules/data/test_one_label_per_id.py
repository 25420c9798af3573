import numpy as np
import pandas as pd
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in
from treedebug.core.data.data_sets import Between
from treedebug.core.data.label_traces import OneLabel
from treedebug.rules.data.one_label_per_id import OneLabelPerId
from treedebug.testing import classes_of, data_sets, number, rule_test, table


def labelled(**fields):
    usual = {"n_values": 100, "n_pure": 100, "expected": 10.0, "n_rows": 1000, "neighbours": 0.5, "by_chance": 0.5}
    column = number("user", one_label=OneLabel(**usual | fields))
    return data_sets(table(column, number("b"), label=classes_of({0: 500, 1: 500})))


test_one_label_per_id = rule_test(
    OneLabelPerId(),
    fires={"an id": (labelled(), {"columns": ["user"], "n_pure": 100}), "hardly an exception": labelled(n_pure=95)},
    silent={
        "several labels for many": labelled(n_pure=94),
        "as many by chance, of a rare class": labelled(expected=51.0),
        "an amount: neighbours share their label": labelled(neighbours=0.8),
        "not measured": data_sets(table(label=classes_of({0: 500, 1: 500}))),
    },
    skipped={"no rows": data_sets(table(number("a", n_rows=0)))},
)


def test_a_set_that_was_split_by_it():
    def split(known):
        column = number("user", one_label=OneLabel(n_values=100, n_pure=100, expected=10.0, n_rows=1000, neighbours=0.5,
                                                   by_chance=0.5))  # fmt: skip
        sets = table(column, label=classes_of({0: 500, 1: 500}))
        return data_sets(sets, valid=sets, between=Between(known_values={"user": known}))

    assert not found(split(0.09), OneLabelPerId())
    assert found(split(0.1), OneLabelPerId())


USER = np.repeat(np.arange(200), 6)
RNG = np.random.default_rng(0)
OWN = RNG.integers(0, 2, 200)
EACH = RNG.integers(0, 2, 1200)
TABLES = {
    "an id": (USER, OWN[USER], True),
    "an income to the cent": (np.round(RNG.gamma(2, 900, 200), 2)[USER], OWN[USER], True),
    "an amount: neighbours have its label": (USER, np.sort(OWN)[USER], False),
    "a label of its own": (USER, EACH, False),
    "a number of few digits": (np.round(RNG.normal(size=1200), 1), EACH, False),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_real_table(kind):
    user, y, expected = TABLES[kind]
    frame = pd.DataFrame({"user": user, "a": RNG.normal(size=1200), "y": y}).sample(frac=1, random_state=0)
    assert [f.subject for f in found_in(OneLabelPerId(), frame, target="y")] == ["user"] * expected


def test_copies_of_rows_are_no_id():
    rows = pd.DataFrame({"a": RNG.normal(size=200), "b": RNG.normal(size=200), "y": OWN})
    assert not found_in(OneLabelPerId(), pd.concat([rows] * 5, ignore_index=True), target="y")
