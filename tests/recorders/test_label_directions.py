import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from scipy import sparse

from treedebug.recorders.label_directions import label_directions

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3000, 3))
Y = np.exp(X[:, 0]) - X[:, 2]


def kept(table):
    return lgb.Dataset(table, Y, free_raw_data=False).construct()


@pytest.mark.parametrize(
    "data",
    [xgb.DMatrix(X, Y), (X, Y), (sparse.csr_matrix(X), Y), kept(X), kept(pd.DataFrame(X))],
    ids=["DMatrix", "arrays", "sparse", "Dataset", "frame"],
)
def test_rank_correlations_of_some_features_on_some_rows(data):
    found = label_directions(data, [2, 0])
    assert found["rank_rows"] == 2000
    assert found["rank_correlations"].keys() == {"0", "2"}
    frame = pd.DataFrame({"x": X[:, 0], "y": Y}).iloc[np.arange(2000) * 3000 // 2000]
    assert found["rank_correlations"]["0"] == pytest.approx(frame.rank().corr().iloc[0, 1], abs=1e-6)
    assert found["rank_correlations"]["2"] < -0.3


def test_ties_and_gaps():
    few = np.where(RNG.random((3000, 1)) < 0.3, np.nan, np.round(X[:, :1]))
    known = pd.DataFrame({"x": few[:, 0], "y": Y}).dropna().rank().corr().iloc[0, 1]
    assert label_directions((few, Y), [0])["rank_correlations"]["0"] == pytest.approx(known, abs=0.02)


def test_nothing_where_nothing_can_be_known():
    freed = lgb.Dataset(X, Y).construct()
    quantized = xgb.QuantileDMatrix(X, Y)
    assert [label_directions(d, [0]) for d in (freed, quantized, (X[:9], Y[:9]), None)] == [{}] * 4
    assert label_directions((X, Y), []) == {}
    assert label_directions((np.zeros((99, 1)), Y[:99]), [0]) == {}
