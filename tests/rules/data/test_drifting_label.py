import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data.data_sets import Between, Drift
from treedebug.rules.data.drifting_label import DriftingLabel
from treedebug.testing import classes_of, data_sets, numbers_of, rule_test, table

BINARY = classes_of({0: 700, 1: 300})


def drift(distance, *, p=0.0, shares=(0.3, 0.5), label=BINARY, kind="number"):
    found = Drift(column="y", kind=kind, n_train=900, n_other=900, distance=distance, psi=0.1, p_value=p, shift=0.4,
                  value=1 if label is BINARY else None, share_train=shares[0], share_other=shares[1])  # fmt: skip
    return data_sets(table(label=label), valid=table(label=label), between=Between(label_drift=found))


test_drifting_label = rule_test(
    DriftingLabel(),
    fires={
        "shares changed": (drift(0.2), {"distance": 0.2, "odds_factor": 7 / 3}),
        "a rare class twice as frequent": (drift(0.02, shares=(0.02, 0.04)), {"label": "y"}),
        "numbers moved": (drift(0.2, label=numbers_of()), {"shift": 0.4, "odds_factor": None}),
    },
    silent={
        "sure, but small": drift(0.04, shares=(0.3, 0.34)),
        "by chance": drift(0.2, p=0.01),
        "numbers that hardly moved": drift(0.08, label=numbers_of()),
    },
    skipped={"no validation set": data_sets(table()), "no label": data_sets(table(), valid=table())},
)


@pytest.mark.parametrize(("kept", "expected"), [(0.3, True), (1.0, False)])
def test_a_real_table(kept, expected):
    train, valid = people(), people(400, seed=1)
    ones = valid[valid.paid == 1]
    valid = valid.drop(ones.index[int(kept * len(ones)) :]).reset_index(drop=True)
    assert bool(found_in(DriftingLabel(), train, valid=valid, target="paid")) is expected


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_amounts_beyond_the_training_labels(slope):
    train, valid = people(900), people(300, seed=1)
    train["price"] = slope * np.arange(900) + train.age
    valid["price"] = slope * np.arange(900, 1200) + valid.age
    findings = found_in(DriftingLabel(), train, valid=valid, target="price")
    assert ["trees cannot predict" in f.message for f in findings] == [True] * (slope > 0)
