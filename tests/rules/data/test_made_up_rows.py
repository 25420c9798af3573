import numpy as np
import pandas as pd
import pytest

from tests.rules.data.real import found_in
from treedebug.core.data import label_traces
from treedebug.rules.data.made_up_rows import MadeUpRows
from treedebug.testing import classes_of, data_sets, rule_test, table


def made(**fields):
    found = label_traces.MadeUpTrace(**{"label": 1, "n_rows": 150, "n_between": 0} | fields)
    return data_sets(table(label=classes_of({0: 500, 1: 500}), made_up=found))


test_made_up_rows = rule_test(
    MadeUpRows(),
    fires={
        "between two others": (made(n_between=110), {"columns": []}),
        "fractions of one class": (made(columns=("calls",), fraction_share=0.7), {"columns": ["calls"]}),
    },
    silent={
        "a few lie on a line by chance": made(n_between=14),
        "a few fractions": made(columns=("calls",), fraction_share=0.19),
        "nothing found": data_sets(table(label=classes_of({0: 500, 1: 500}))),
    },
    skipped={"no label": data_sets(table())},
)


def smote(rows, n, rng):
    """Rows on the way from one to one of its five nearest."""
    at = rng.integers(0, len(rows), n)
    near = [np.argsort(((rows - rows[i]) ** 2).sum(axis=1))[1:6] for i in at]
    other = rows[[rng.choice(k) for k in near]]
    return rows[at] + rng.random((n, 1)) * (other - rows[at])


@pytest.mark.parametrize("is_made", [True, False])
def test_a_real_table(is_made):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 4)) * [1, 5, 0.2, 30]
    y = (rng.random(1500) < 0.15).astype(int)
    if is_made:
        new = smote(x[y == 1], 800, rng)
        x, y = np.concatenate([x, new]), np.append(y, np.ones(800, dtype=int))
    order = rng.permutation(len(y))
    frame = pd.DataFrame(x, columns=list("abcd")).assign(y=y).iloc[order]
    assert bool(found_in(MadeUpRows(), frame, target="y")) is is_made
