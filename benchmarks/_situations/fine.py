"""Trainings in which nothing is wrong. Those who asked in these threads were told so, or were given this way."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from scipy import sparse
from sklearn.datasets import load_diabetes, load_digits

from .core import Seen, healthy
from .ways import ask_params, ask_table, draw, lgb_run, log_loss, mae, multi_error, rmse, thirds, xgb_run


def _table(n: int = 3000, seed: int = 71) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    return X, X[:, 0] - X[:, 1] + X[:, 2] * X[:, 3] + 0.5 * X[:, 4] + 0.7 * rng.normal(size=n)


@healthy("dmlc/xgboost #7674", "MAE")
def pseudo_huber_that_fits() -> Seen:
    """reg:pseudohubererror with labels on the scale of its slope splits from the first round on."""
    X, y = _table()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "reg:pseudohubererror", "eta": 0.1, "max_depth": 4}
    m, run = xgb_run(params, d, 300, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(mae(y[t], p), run, ask_params(params, d, 300, evals=[(dv, "valid")], early_stopping_rounds=20))


@healthy("dmlc/xgboost #5367", "RMSE")
def validation_better_than_training() -> Seen:
    """The validation error is a little below the training error: probably nothing is wrong."""
    X, y = _table(seed=72)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.1, "max_depth": 2, "subsample": 0.8}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(rmse(y[t], p), run)


@healthy("lightgbm-org/LightGBM #1318", "log loss")
def early_stopping_as_it_should_be() -> Seen:
    """LightGBM stops by one metric on one validation set, 20 rounds after the best."""
    X, z = _table(seed=73)
    y = (z > 0).astype(int)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    dv = d.create_valid(X[v], y[v])
    params = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(params, d, 500, [(d, "train"), (dv, "valid")], callbacks=[lgb.early_stopping(20, verbose=False)])
    asked = ask_params(params, d, 500, evals=[(dv, "valid")], early_stopping_rounds=20)
    return Seen(log_loss(y[t], m.predict(X[t])), run, asked)


@healthy("dmlc/xgboost #3080", "mean prediction: relative error")
def poisson_with_enough_rounds() -> Seen:
    """With many rounds the sums of predictions and labels agree, as they should."""
    rng = np.random.default_rng(74)
    X = rng.normal(size=(4000, 4))
    y = rng.poisson(np.exp(1 + 0.4 * X[:, 0] + 0.3 * X[:, 1] - 0.3 * X[:, 2]))
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "count:poisson", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 400, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(abs(float(p.mean() / y[t].mean()) - 1), run)


@healthy("lightgbm-org/LightGBM #5084", "not measured")
def queries_of_eight_rows() -> Seen:
    """What is a data query? The rows that are ranked together, here eight each."""
    rng = np.random.default_rng(75)
    X = rng.normal(size=(2400, 5))
    score = X[:, 0] + 0.8 * X[:, 1] - 0.6 * X[:, 2] + rng.normal(size=2400)
    y = np.digitize(score, [-1.5, -0.5, 0.5, 1.5])
    d = lgb.Dataset(X[:1600], y[:1600], group=np.full(200, 8), free_raw_data=False)
    dv = d.create_valid(X[1600:], y[1600:], group=np.full(100, 8))
    params = {"objective": "lambdarank", "metric": "ndcg", "num_leaves": 7, "learning_rate": 0.05, "eval_at": [5]}
    _, run = lgb_run(params, d, 300, [(dv, "valid")], callbacks=[lgb.early_stopping(30, verbose=False)])
    return Seen(0.0, run, ask_params(params, d, 300, evals=[(dv, "valid")], early_stopping_rounds=30))


@healthy("dmlc/xgboost #216", "error rate")
def ten_digits() -> Seen:
    """Classes numbered from 0 to num_class-1: the handwritten digits of scikit-learn."""
    X, y = load_digits(return_X_y=True)
    i = np.random.default_rng(76).permutation(len(y))
    X, y = X[i], y[i]
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "multi:softprob", "num_class": 10, "eta": 0.15, "max_depth": 2}
    m, run = xgb_run(params, d, 150, [(dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(multi_error(y[t], p), run)


@healthy("lightgbm-org/LightGBM #1096", "log loss")
def eight_categories_of_many_rows() -> Seen:
    """A categorical column of eight codes with some 250 rows each is what the splits were made for."""
    rng = np.random.default_rng(77)
    n = 4000
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    code = rng.integers(0, 8, n)
    y = draw(0.9 * frame.a - 0.8 * frame.b + np.array([-1, 0.5, 0, 1, -0.5, 0.8, -0.8, 0.2])[code], rng)
    given = frame.assign(shop=pd.Categorical(code))
    a, v, t = thirds(n)
    d = lgb.Dataset(given.iloc[a], y[a])
    params = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(
        params, d, 400, [(d.create_valid(given.iloc[v], y[v]), "valid")],
        callbacks=[lgb.early_stopping(20, verbose=False)],
    )  # fmt: skip
    return Seen(
        log_loss(y[t], m.predict(given.iloc[t])), run, table=ask_table(given.iloc[a], y[a], valid=(given.iloc[v], y[v]))
    )


@healthy("dmlc/xgboost #1634", "log loss")
def csr_in_both_sets() -> Seen:
    """Sparse rows in training and in validation mean the same in both: use whichever works better for you."""
    rng = np.random.default_rng(78)
    n = 4000
    dense = rng.poisson(0.3, size=(n, 20)) * rng.uniform(0.2, 1, size=(n, 20))
    rows = sparse.csr_matrix(dense)
    y = draw(2.5 * (dense[:, 0] + dense[:, 1] + dense[:, 2]) - 2.5 * (dense[:, 3] + dense[:, 4] + dense[:, 5]), rng)
    a, v, t = thirds(n)
    d, dv = xgb.DMatrix(rows[a], y[a]), xgb.DMatrix(rows[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 400, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(rows[t]), iteration_range=(0, m.best_iteration + 1))
    asked = ask_params(params, d, 400, evals=[(dv, "valid")], early_stopping_rounds=20)
    return Seen(log_loss(y[t], p), run, asked, ask_table(rows[a], y[a], valid=(rows[v], y[v])))


@healthy("lightgbm-org/LightGBM #5114", "RMSE")
def own_squared_error_from_the_mean() -> Seen:
    """An own L2 objective with init_score at the mean of the labels does what the built-in one does."""
    X, y = _table(seed=79)
    y = y + 100
    a, v, t = thirds(len(y))
    start = float(y[a].mean())
    d = lgb.Dataset(X[a], y[a], init_score=np.full(len(y[a]), start))
    dv = d.create_valid(X[v], y[v], init_score=np.full(len(y[v]), start))
    params = {"objective": lambda p, d: (p - d.get_label(), np.ones(p.size)), "metric": "l2", "num_leaves": 7}
    m, run = lgb_run(params, d, 500, [(d, "train"), (dv, "valid")], callbacks=[lgb.early_stopping(20, verbose=False)])
    return Seen(rmse(y[t], start + m.predict(X[t])), run)


@healthy("dmlc/xgboost #484", "RMSE")
def continued_while_it_helps() -> Seen:
    """100 rounds are continued with as many as validation asks for, on the same data."""
    X, y = _table(seed=80)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"eta": 0.05, "max_depth": 3}
    first = xgb.train({**params, "nthread": 1}, d, 100)
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], xgb_model=first, early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(rmse(y[t], p), run)


@healthy("dmlc/xgboost #5915", "RMSE")
def weights_around_one() -> Seen:
    """Sample weights between a half and two, in both sets, whose mean is 1."""
    X, y = _table(seed=81)
    a, v, t = thirds(len(y))
    w = np.random.default_rng(81).uniform(0.5, 1.5, len(y))
    d, dv = xgb.DMatrix(X[a], y[a], weight=w[a]), xgb.DMatrix(X[v], y[v], weight=w[v])
    params = {"eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    asked = ask_params(params, d, 500, evals=[(dv, "valid")], early_stopping_rounds=20)
    return Seen(rmse(y[t], p), run, asked, ask_table(X[a], y[a], valid=(X[v], y[v]), weight=w[a]))


@healthy("lightgbm-org/LightGBM #3255", "RMSE")
def dart_with_a_fixed_number_of_rounds() -> Seen:
    """dart without early stopping, for a number of rounds that a search has found, on scikit-learn's diabetes."""
    X, y = load_diabetes(return_X_y=True)
    a, t = slice(0, 330), slice(330, 442)
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"boosting": "dart", "num_leaves": 4, "learning_rate": 0.2, "drop_rate": 0.1, "min_data_in_leaf": 20}
    m, run = lgb_run(params, d, 60, [(d.create_valid(X[t], y[t]), "valid")])
    return Seen(rmse(y[t], m.predict(X[t])), run)
