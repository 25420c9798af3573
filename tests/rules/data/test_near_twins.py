import numpy as np
import pandas as pd
import pytest

from tests.rules.data.real import found_in
from treedebug.core.data.data_sets import Between
from treedebug.core.data.label_traces import TwinTrace
from treedebug.rules.data.near_twins import NearTwins
from treedebug.testing import data_sets, rule_test, table


def near(nearest, further):
    twins = TwinTrace(n_rows=300, nearest=nearest, further=further)
    return data_sets(table(), valid=table(), between=Between(twins=twins))


test_near_twins = rule_test(
    NearTwins(),
    fires={
        "a series": (near(0.6, 0.06), {"nearest": 0.6}),
        "just so": near(0.36, 0.12),
        "below chance": near(0.5, -0.1),
    },
    silent={
        "a smooth label": near(0.95, 0.8),
        "a label that changes fast": near(0.87, 0.48),
        "hardly more than by chance": near(0.34, 0.0),
    },
    skipped={"not measured": data_sets(table(), valid=table()), "no validation set": data_sets(table())},
)

RNG = np.random.default_rng(0)
WHO = np.repeat(np.arange(250), 8)
KINDS = {
    "persons": (RNG.normal(size=(250, 4))[WHO] + 0.02 * RNG.normal(size=(2000, 4)), RNG.integers(0, 2, 250)[WHO], True),
    "persons and their amounts": (RNG.normal(size=(250, 4))[WHO] + 0.02 * RNG.normal(size=(2000, 4)),
                                  RNG.normal(size=250)[WHO], True),
    "a smooth label": (RNG.normal(size=(2000, 4)), None, False),
    "a label of its own": (RNG.normal(size=(2000, 4)), RNG.integers(0, 2, 2000), False),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_whom(kind):
    x, y, expected = KINDS[kind]
    y = (x[:, 0] + x[:, 1] > 0).astype(int) if y is None else y
    frame = pd.DataFrame(x, columns=list("abcd")).assign(y=y)
    mixed = RNG.permutation(2000)
    assert bool(found_in(NearTwins(), frame.iloc[mixed[:1400]], valid=frame.iloc[mixed[1400:]], target="y")) is expected
    if expected:  # and not where persons are kept apart
        assert not found_in(NearTwins(), frame.iloc[:1400], valid=frame.iloc[1400:], target="y")


def test_copies_are_told_by_another_rule():
    x = RNG.normal(size=(1500, 4))
    frame = pd.DataFrame(x, columns=list("abcd")).assign(y=RNG.integers(0, 2, 1500))
    copies = pd.concat([frame.iloc[:100], frame.iloc[1200:]])
    assert not found_in(NearTwins(), frame.iloc[:1200], valid=copies, target="y")
