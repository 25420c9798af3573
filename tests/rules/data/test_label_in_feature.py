import numpy as np
import pandas as pd
import pytest

from tests.rules.data.real import found_in
from treedebug.core.data.label_traces import OwnLabelTrace
from treedebug.rules.data.label_in_feature import LabelInFeature
from treedebug.testing import data_sets, number, rule_test, table


def traced(left):
    trace = OwnLabelTrace(column="a", weight=0.33, width=3, left=left)
    return data_sets(table(number("a"), number("b"), own_labels=(trace,)))


test_label_in_feature = rule_test(
    LabelInFeature(),
    fires={"a rolling mean": (traced(0.0), {"columns": ["a"]}), "a rounded one": traced(0.02)},
    silent={"something is left": traced(0.021), "none": data_sets(table(number("a")))},
    skipped={"no rows": data_sets(table(number("a", n_rows=0)))},
)

N = 700
DAY = np.arange(N)
SALES = pd.Series(
    50 + 6 * np.sin(2 * np.pi * DAY / 7) + np.cumsum(np.random.default_rng(0).normal(size=N))
    + 3 * np.random.default_rng(1).normal(size=N)
)  # fmt: skip
BEFORE = SALES.shift(1)
TODAY = {
    "mean of 3": SALES.rolling(3).mean(), "sum of 28, rounded": SALES.rolling(28).sum().round(1),
    "weighted mean": SALES.ewm(span=5).mean(), "total": SALES.cumsum(),
}  # fmt: skip
EARLIER = {
    "yesterday": BEFORE, "mean of 3": BEFORE.rolling(3).mean(), "mean of 28": BEFORE.rolling(28).mean(),
    "weighted mean": BEFORE.ewm(span=5).mean(), "total": BEFORE.cumsum(), "change": BEFORE.diff(),
    "a noisy copy": SALES + np.random.default_rng(2).normal(size=N), "the day": pd.Series(DAY * 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", TODAY)
def test_of_today(name):
    assert _told(TODAY[name]) == ["x"]


@pytest.mark.parametrize("name", EARLIER)
def test_of_the_days_before(name):
    assert _told(EARLIER[name]) == []


def test_rows_in_any_order_are_put_in_that_of_time():
    frame = pd.DataFrame({"x": TODAY["mean of 3"], "day": pd.date_range("2020-01-01", periods=N), "y": SALES})
    mixed = frame.sample(frac=1, random_state=0)
    assert _subjects(mixed) == ["x"]
    assert _subjects(mixed.drop(columns="day")) == []


def test_a_series_after_the_other():
    parts = [pd.DataFrame({"x": s.rolling(7).mean(), "y": s}) for s in (SALES, 3 * SALES[::-1], SALES + 90)]
    assert _subjects(pd.concat(parts, ignore_index=True)) == ["x"]


def test_shops_side_by_side():
    shops = [
        pd.DataFrame({"shop": name, "day": pd.date_range("2020-01-01", periods=N), "x": s.rolling(7).mean(), "y": s})
        for name, s in {"north": SALES, "south": 3 * SALES[::-1].reset_index(drop=True), "west": SALES + 90}.items()
    ]
    assert _subjects(pd.concat(shops).sort_values("day")) == ["x"]


def _told(column):
    return _subjects(pd.DataFrame({"x": column, "b": np.random.default_rng(3).normal(size=N), "y": SALES}))


def _subjects(frame):
    return [c for f in found_in(LabelInFeature(), frame, target="y") for c in f.evidence["columns"]]
