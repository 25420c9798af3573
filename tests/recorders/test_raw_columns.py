import lightgbm as lgb
import numpy as np
import pandas as pd

from treedebug.recorders.raw_columns import raw_facts

RNG = np.random.default_rng(0)
GAPS = np.where(RNG.random(1000) < 0.3, np.nan, RNG.integers(0, 3, 1000))
AMOUNTS = RNG.normal(5.0, 1.0, 1000)


def facts(table, y, *, categorical="auto", **params):
    return raw_facts(lgb.Dataset(table, y, categorical_feature=categorical), params, [*getattr(table, "columns", ())])


def test_odd_categories_are_counted_in_arrays_and_frames():
    codes = RNG.integers(-2, 4, 1000)
    expected = {"negative": int((codes < 0).sum()), "fractions": 0, "n_rows": 1000}
    assert facts(np.c_[codes, AMOUNTS], AMOUNTS, categorical=[0]) == {"odd_categories": {"Column_0": expected}}
    frame = pd.DataFrame({"code": codes, "amount": AMOUNTS})
    found = facts(frame, AMOUNTS, categorical=["code", "amount"])["odd_categories"]
    assert found["code"] == expected
    assert found["amount"]["fractions"] == 1000


def test_zeros_and_gaps_that_differ_in_their_labels():
    y = np.where(np.isnan(GAPS), 1.0, 0.0) + RNG.normal(size=1000)
    found = facts(np.c_[GAPS, AMOUNTS], y, zero_as_missing=True)["zeros_and_gaps"]
    assert found.keys() == {"Column_0"}
    assert found["Column_0"]["label_of_gaps"] - found["Column_0"]["label_of_zeros"] > 0.7
    assert facts(np.c_[GAPS, AMOUNTS], AMOUNTS, zero_as_missing=True) == {}
    assert facts(np.c_[GAPS, AMOUNTS], y) == {}


def test_nothing_of_data_that_is_gone_or_strange():
    freed = lgb.Dataset(np.c_[GAPS, AMOUNTS], AMOUNTS, categorical_feature=[0]).construct()
    texts = lgb.Dataset(pd.DataFrame({"c": ["a", "b"] * 500}), AMOUNTS, categorical_feature=["c"])
    assert [raw_facts(d, {}, ["c"]) for d in (freed, texts, None, object())] == [{}] * 4
