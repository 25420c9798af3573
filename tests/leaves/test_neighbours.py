"""Training rows behind a prediction: as the libraries' own leaf numbers say, and as taking the row away shows."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

import treedebug
from treedebug.core.errors import ConfigError, NotRecordedError


def table(n=400, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    return X, X["a"] * X["b"] + np.sign(X["c"]) + 0.1 * rng.normal(size=n)


@pytest.fixture(scope="module", params=["xgboost", "lightgbm"])
def trained(request, tmp_path_factory):
    X, y = table()
    path = tmp_path_factory.mktemp("neighbours") / "run"
    if request.param == "xgboost":
        data = xgb.DMatrix(X, y)
        callback = treedebug.XGBoostCallback(path, evals=[(data, "train")], quiet=True)
        booster = xgb.train({"max_depth": 4, "nthread": 1}, data, 30, callbacks=[callback])
        leaves = lambda rows: booster.predict(xgb.DMatrix(rows), pred_leaf=True)
    else:
        callback = treedebug.LightGBMCallback(path, quiet=True)
        params = {"num_leaves": 12, "verbose": -1, "num_threads": 1}
        booster = lgb.train(params, lgb.Dataset(X, y), 30, callbacks=[callback])
        leaves = lambda rows: booster.predict(rows, pred_leaf=True)
    return X, y, treedebug.load(path), leaves


def test_similarity_is_the_share_of_equal_leaf_numbers(trained):
    X, _, run, leaves = trained
    new = table(5, seed=9)[0]
    slow = (leaves(X)[None, :, :] == leaves(new)[:, None, :]).mean(axis=2)
    found = run.nearest(X, new, k=len(X))
    for i, group in found.groupby("query"):
        np.testing.assert_allclose(group.set_index("row")["similarity"].sort_index(), slow[i])
        assert group["similarity"].is_monotonic_decreasing
    np.testing.assert_allclose(run.coverage(X, new), slow.max(axis=1))


def test_a_planted_twin_is_found_first(trained):
    X, _, run, _ = trained
    twins = X.iloc[[7, 50, 311]]
    neighbours = run.neighbours(X)
    for row, twin in zip((7, 50, 311), twins.itertuples(index=False), strict=True):
        found = neighbours.nearest(twin._asdict(), k=1)
        assert found["row"].tolist() == [row]
        assert found["similarity"].tolist() == [1.0]
    np.testing.assert_array_equal(run.coverage(X, twins), 1.0)


def test_one_row_may_be_a_series_a_list_or_a_table(trained):
    X, _, run, _ = trained
    shapes = [X.iloc[3], X.iloc[3].to_dict(), X.iloc[3].to_numpy(), X.iloc[3].tolist(), X.iloc[3:4]]
    frames = [run.nearest(X, shape, k=4) for shape in shapes]
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0])


def test_gain_lets_the_trees_that_matter_decide(trained):
    X, _, run, leaves = trained
    gains = run.trees["total_gain"].to_numpy()
    new = table(1, seed=4)[0]
    slow = (leaves(X) == leaves(new)) @ gains / gains.sum()
    found = run.nearest(X, new, k=len(X), by="gain").set_index("row")["similarity"].sort_index()
    np.testing.assert_allclose(found, slow, rtol=1e-6)


def test_influence_is_what_taking_the_row_away_takes_from_the_prediction(tmp_path):
    X = pd.DataFrame({"a": np.repeat([0.0, 1.0], 200)})
    y = np.r_[np.zeros(200), np.ones(200)]
    y[0], y[1] = 50.0, -30.0  # far above, and far below, in the leaf of zeros
    data = xgb.DMatrix(X, y)
    callback = treedebug.XGBoostCallback(tmp_path / "run", evals=[(data, "train")], quiet=True)
    params = {"max_depth": 1, "eta": 0.5, "base_score": 0.0}
    booster = xgb.train(params, data, 1, callbacks=[callback])
    found = treedebug.load(tmp_path / "run").nearest(X, X.iloc[10], k=400, y=y).set_index("row")["influence"]
    with_all = float(booster.predict(xgb.DMatrix(X.iloc[10:11]))[0])
    for row in (0, 1, 5, 300):
        keep = np.arange(len(X)) != row
        less = xgb.train(params, xgb.DMatrix(X[keep], y[keep]), 1)
        without = float(less.predict(xgb.DMatrix(X.iloc[10:11]))[0])
        assert found[row] == pytest.approx(with_all - without, rel=0.02, abs=1e-5)
    assert found[0] > 0 > found[1]


def test_influence_is_refused_where_its_formula_does_not_hold(tmp_path):
    X, y = table(60)
    data = xgb.DMatrix(X, np.abs(y) + 0.1)
    callback = treedebug.XGBoostCallback(tmp_path / "run", evals=[(data, "train")], quiet=True)
    xgb.train({"objective": "reg:gamma"}, data, 3, callbacks=[callback])
    run = treedebug.load(tmp_path / "run")
    assert run.nearest(X, X.iloc[0], k=2)["influence"].isna().all()
    with pytest.raises(ConfigError, match="reg:gamma"):
        run.nearest(X, X.iloc[0], k=2, y=y)


@pytest.mark.parametrize(("k", "by", "said"), [(0, "trees", "1 or more"), (3, "leaves", "'trees' or 'gain'")])
def test_wrong_questions_get_one_clear_error(trained, k, by, said):
    X, _, run, _ = trained
    with pytest.raises(ConfigError, match=said):
        run.nearest(X, X.iloc[0], k, by=by)


def test_coverage_sees_rows_whose_columns_are_usual_one_by_one(tmp_path):
    rng = np.random.default_rng(1)
    a = rng.normal(size=3000)
    X = pd.DataFrame({"a": a, "b": a + 0.05 * rng.normal(size=3000)})
    y = np.where(X["a"] > 0, np.sin(3 * X["a"]), X["b"] ** 2)
    callback = treedebug.LightGBMCallback(tmp_path / "run", quiet=True)
    lgb.train({"verbose": -1, "num_leaves": 31}, lgb.Dataset(X[:2000], y[:2000]), 60, callbacks=[callback])
    run = treedebug.load(tmp_path / "run")
    held_out = X[2000:]
    shuffled = held_out.assign(b=rng.permutation(held_out["b"]))
    usual, odd = run.coverage(X[:2000], held_out), run.coverage(X[:2000], shuffled)
    assert np.median(odd) < np.quantile(usual, 0.05)


def test_a_run_without_trees_says_so(tmp_path):
    X, y = table(50)
    data = xgb.DMatrix(X, y)
    callback = treedebug.XGBoostCallback(tmp_path / "run", evals=[(data, "train")], quiet=True)
    xgb.train({"booster": "gblinear"}, data, 3, callbacks=[callback])
    with pytest.raises(NotRecordedError):
        treedebug.load(tmp_path / "run").nearest(X, X.iloc[0])
