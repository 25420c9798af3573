import numpy as np
import pandas as pd
import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data.data_sets import Between
from treedebug.core.data.label_traces import Relation
from treedebug.rules.data.changed_relation import ChangedRelation
from treedebug.testing import classes_of, data_sets, number, rule_test, table, text


def related(*relations, group=""):
    ids = text("who", [10] * 100, role="group")
    columns = (number("a"), number("b"), *([ids] if group else []))
    profile = table(*columns, label=classes_of({0: 500, 1: 500}), group=group)
    found = tuple(Relation(column=c, train=one, other=two, z=z) for c, one, two, z in relations)
    return data_sets(profile, valid=profile, between=Between(relations=found))


test_changed_relation = rule_test(
    ChangedRelation(),
    fires={
        "a target encoding that was learned by heart": (related(("a", 0.87, 0.51, 14.0)), {"columns": ["a"]}),
        "a column that was turned round": (related(("a", 0.5, 0.5, 0.1), ("b", 0.3, 0.7, -9.0)), {"columns": ["b"]}),
        "the larger difference first": (
            related(("a", 0.7, 0.6, 6.0), ("b", 0.9, 0.6, 12.0)), {"columns": ["b", "a"]}),
    },
    silent={
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
