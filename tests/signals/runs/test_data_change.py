"""Two runs' data compared by their profiles alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import treedebug
from treedebug.signals.runs.data_change import column_changes


def table(seed, shift=0.0, *, rate=0.5, missing=0.0, n=4000):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"x": rng.normal(size=n) + shift, "z": rng.exponential(size=n), "c": rng.random(n) < rate})
    data.loc[rng.random(n) < missing, "z"] = np.nan
    return treedebug.profile(data).train


def changes(**fields):
    return {c.column: c for c in column_changes(table(0), table(1, **fields))}


def test_nothing_changed():
    assert max(c.distance for c in changes().values()) < 0.04


def test_a_shift_as_far_as_the_samples_say():
    stats = pytest.importorskip("scipy.stats")
    found = changes(shift=0.8)
    exact = stats.ks_2samp(np.random.default_rng(0).normal(size=4000), np.random.default_rng(1).normal(size=4000) + 0.8)
    assert found["x"].distance == pytest.approx(exact.statistic, abs=0.06)
    assert next(iter(found)) == "x"


def test_shares_of_few_values():
    assert changes(rate=0.8)["c"].distance == pytest.approx(0.3, abs=0.04)


def test_what_is_missing_now():
    found = changes(missing=0.4)
    assert next(iter(found)) == "z"
    assert found["z"].missing_now == pytest.approx(0.4, abs=0.03)
