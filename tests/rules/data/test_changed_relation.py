import numpy as np
import pandas as pd
import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data.data_sets import Between, Drift
from treedebug.core.data.label_traces import OneLabel, Relation
from treedebug.rules.data.changed_relation import ChangedRelation
from treedebug.testing import classes_of, data_sets, number, rule_test, table, text


def related(*relations, group="", together=None, drift=0.0, ids=False):
    who = text("who", [10] * 100, role="group")
    one = OneLabel(n_values=90, n_pure=90, expected=9.0, n_rows=900, neighbours=0.5, by_chance=0.5) if ids else None
    columns = (number("a"), number("b", one_label=one), *([who] if group else []))
    profile = table(*columns, label=classes_of({0: 500, 1: 500}), group=group)
    found = tuple(Relation(column=c, train=one, other=two, z=z) for c, one, two, z in relations)
    joint = None if together is None else Relation(column="", train=together[0], other=together[1], z=together[2])
    drifts = (Drift(column="a", kind="number", n_train=9, n_other=9, distance=drift, psi=0.0, p_value=1.0),)
    return data_sets(profile, valid=profile, between=Between(relations=found, together=joint, drifts=drifts))


SAME = ("a", 0.7, 0.7, 0.1)


test_changed_relation = rule_test(
    ChangedRelation(),
    fires={
        "a target encoding that was learned by heart": (related(("a", 0.87, 0.51, 14.0)), {"columns": ["a"]}),
        "a column that was turned round": (related(("a", 0.5, 0.5, 0.1), ("b", 0.3, 0.7, -9.0)), {"columns": ["b"]}),
        "no column alone, and all together": (
            related(SAME, together=(0.8, 0.6, 9.0)), {"areas": {"together": [0.8, 0.6]}}),
        "the larger difference first": (
            related(("a", 0.7, 0.6, 6.0), ("b", 0.9, 0.6, 12.0)), {"columns": ["b", "a"]}),
    },
    silent={
        "together as before": related(SAME, together=(0.8, 0.76, 9.0)),
        "together within chance": related(SAME, together=(0.8, 0.6, 4.9)),
        "better than before": related(SAME, together=(0.6, 0.8, -9.0)),
        "a column that drifts may explain it": related(SAME, together=(0.8, 0.6, 9.0), drift=0.2),
        "learned by heart": related(SAME, together=(0.8, 0.6, 9.0), ids=True),
        "as large by chance in many columns": related(("a", 0.6, 0.5, 4.9)),
        "beyond chance, and too small to matter": related(("a", 0.62, 0.58, 30.0)),
        "rows of a group are no independent rows": related(("a", 0.7, 0.6, 6.0), group="who"),
    },
    skipped={
        "no labels": data_sets(table(), valid=table()),
        "no validation set": data_sets(table(label=classes_of({0: 9, 1: 9}))),
    },
)  # fmt: skip


@pytest.mark.parametrize("fault", ["encoder fitted twice", "means of the training rows", "none", "drift alone"])
def test_a_real_table(fault):
    rng = np.random.default_rng(3)
    frame = people(3000, seed=2)
    effect = rng.normal(size=30)
    frame["shop"] = rng.integers(0, 30, 3000)
    frame["paid"] = ((frame.paid - 0.5) + effect[frame["shop"]] + rng.normal(0, 1, 3000) > 0).astype(int)
    train, valid = frame.iloc[:2000].copy(), frame.iloc[2000:].copy()
    if fault == "encoder fitted twice":
        valid = valid[~valid["shop"].isin([1, 4])]
        valid["shop"] = np.unique(valid["shop"], return_inverse=True)[1]
    elif fault == "means of the training rows":
        street = pd.Series(rng.integers(0, 700, 3000))
        means = train.paid.groupby(street[:2000].to_numpy()).mean()
        train["mean"], valid["mean"] = (street[part].map(means).fillna(0.5).to_numpy()
                                        for part in (slice(0, 2000), slice(2000, 3000)))  # fmt: skip
    elif fault == "drift alone":
        valid = valid[(valid.age > valid.age.median()) | (rng.random(1000) < 0.3)]
    columns = [f.evidence["columns"] for f in found_in(ChangedRelation(), train, valid=valid, target="paid")]
    expected = {"encoder fitted twice": [["shop"]], "means of the training rows": [["mean"]]}
    assert columns == expected.get(fault, [])


@pytest.mark.parametrize("changed", [True, False])
def test_two_columns_that_say_something_together(changed):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, 4))
    turned = (np.arange(3000) >= 2000) & changed
    y = (np.where(turned, -1, 1) * x[:, 0] * x[:, 1] + x[:, 2] + 0.5 * rng.normal(size=3000) > 0).astype(int)
    frame = pd.DataFrame(x, columns=list("abcd")).assign(y=y)
    findings = found_in(ChangedRelation(), frame.iloc[:2000], valid=frame.iloc[2000:], target="y")
    assert [("together" in f.evidence["areas"]) for f in findings] == [True] * changed
