import numpy as np
import pandas as pd
import pytest

from tests.rules.data.real import found_in
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


@pytest.mark.parametrize(("kind", "expected"), [("id", ["user"]), ("amount", []), ("label of its own", [])])
def test_a_real_table(kind, expected):
    rng = np.random.default_rng(0)
    user, label = np.repeat(np.arange(200), 6), rng.integers(0, 2, 200)
    if kind == "amount":
        label = np.sort(label)
    y = rng.integers(0, 2, 1200) if kind == "label of its own" else label[user]
    frame = pd.DataFrame({"user": user, "a": rng.normal(size=1200), "y": y}).sample(frac=1, random_state=0)
    assert [f.subject for f in found_in(OneLabelPerId(), frame, target="y")] == expected
