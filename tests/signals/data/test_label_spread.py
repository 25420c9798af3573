"""The numbers that a label of numbers is summed up by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import treedebug
from treedebug.reports.check_text import check_text
from treedebug.signals.data.label_spread import label_spread


def table(n=1000, seed=0):
    rng = np.random.default_rng(seed)
    price = np.where(rng.random(n) < 0.25, 0.0, np.minimum(np.exp(rng.normal(5, 1, n)), 500.0))
    return pd.DataFrame({"x": rng.normal(size=n), "price": price})


def test_each_set_has_its_mean_range_zeros_and_cap():
    train, valid = table(), table(400, seed=1)
    train_row, valid_row = label_spread(treedebug.profile(train, target="price", valid=valid)).rows
    assert (train_row.dataset, valid_row.dataset) == ("train", "valid")
    assert train_row.mean == pytest.approx(train["price"].mean())
    assert valid_row.deviation == pytest.approx(valid["price"].std(ddof=0))
    assert (train_row.minimum, train_row.maximum) == (0.0, 500.0)
    assert train_row.zero_share == pytest.approx((train["price"] == 0).mean())
    assert (train_row.cap, train_row.cap_share) == (500.0, pytest.approx((train["price"] == 500).mean()))


def test_a_label_without_zeros_and_cap_says_neither():
    data = pd.DataFrame({"x": np.arange(500.0), "y": np.random.default_rng(0).normal(100, 5, 500)})
    text = check_text(treedebug.check(data, target="y"))
    assert "label y" in text
    assert "standard deviation" in text
    assert "cut at" not in text
    assert "0 in" not in text


def test_classes_and_missing_labels_have_none():
    data = table().assign(price=lambda t: (t["price"] > 0).astype(int))
    assert label_spread(treedebug.profile(data, target="price")) is None
    assert label_spread(treedebug.profile(table())) is None
