"""Tables that are not what they seem: leaks, copies, codes, missing values, scales."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from scipy import sparse

from .core import Seen, situation
from .ways import ask_params, ask_table, draw, lgb_run, log_loss, one_minus_auc, rmse, thirds, xgb_run

TREES = r"try (max_depth|num_leaves|min_child_weight|min_data_in_leaf|eta|learning_rate)=|overfit"
LEAK = r"leak|disguise|known when|alone predicts|perfect"


@situation(
    "DataTalksClub/machine-learning-zoomcamp #712",
    "leak",
    measure="log loss of the real world",
    cause=LEAK,
    misleading=TREES,
)
def the_label_is_made_of_a_column(mended: bool) -> Seen:
    """Late deliveries are predicted with 97 % by the shipping times, from which lateness is computed."""
    rng = np.random.default_rng(31)
    n = 2400
    frame = pd.DataFrame(rng.normal(size=(n, 5)), columns=["distance", "weight", "hour", "price", "stock"])
    late = 0.8 * frame.distance + 0.6 * frame.weight + rng.normal(size=n)
    y = (late > 0.5).to_numpy().astype(int)
    known = frame if mended else frame.assign(days_for_shipping=np.round(4 + 2 * late + 0.3 * rng.normal(size=n)))
    a, v, t = thirds(n)
    d, dv = xgb.DMatrix(known.iloc[a], y[a]), xgb.DMatrix(known.iloc[v], y[v])
    m, run = xgb_run(
        {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3},
        d,
        150,
        [(d, "train"), (dv, "valid")],
        early_stopping_rounds=15,
    )
    real = known.iloc[t].copy()
    if not mended:
        real["days_for_shipping"] = 4.0  # not shipped yet
    loss = log_loss(y[t], m.predict(xgb.DMatrix(real), iteration_range=(0, m.best_iteration + 1)))
    return Seen(loss, run, table=ask_table(known.iloc[a], y[a], valid=(known.iloc[v], y[v])))


@situation(
    "lightgbm-org/LightGBM #2536",
    "leak",
    measure="RMSE of the real world",
    cause=LEAK + "|holds .{0,20} of the gain",
    misleading=TREES,
)
def the_target_with_a_little_noise(mended: bool) -> Seen:
    """A leak of the target, with noise on top, is among the features; R2 is 0.999."""
    rng = np.random.default_rng(32)
    X = rng.normal(size=(2400, 6))
    y = 2 * X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=2400)
    leak = np.zeros(2400) if mended else y + 0.05 * rng.normal(size=2400)
    X_all = np.c_[X, leak]
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X_all[a], y[a])
    m, run = lgb_run({"num_leaves": 15}, d, 150, [(d.create_valid(X_all[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(np.c_[X[t], np.zeros(len(y[t]))])), run, table=ask_table(X_all[a], y[a]))


COPIES = r"overlap|(rows?|copies|duplicat).{0,80}(train|valid|both|twice|more than once)|oversampl|repeat an earlier"


@situation(
    "pycaret/pycaret #3507",
    "copies in both sets",
    measure="AUC promised and not kept",
    asked="table",
    cause=COPIES,
    misleading=TREES,
)
def oversampled_before_the_split(mended: bool) -> Seen:
    """An AUC of 1 on random data, with every tree model: the rare class was multiplied before the split."""
    rng = np.random.default_rng(33)
    X = rng.normal(size=(1500, 6))
    y = draw(0.8 * X[:, 0] - 1.8, rng)
    rows, test = np.arange(1000), np.arange(1000, 1500)
    more = rng.permutation(np.r_[rows, np.repeat(rows[y[rows] == 1], 4)])
    a, v = (rows[:700], rows[700:]) if mended else (more[: int(0.7 * len(more))], more[int(0.7 * len(more)) :])
    asked = ask_table(X[a], y[a], valid=(X[v], y[v]))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eval_metric": "auc", "eta": 0.1, "max_depth": 6}
    m, run = xgb_run(params, d, 200, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[test]), iteration_range=(0, m.best_iteration + 1))
    return Seen(one_minus_auc(y[test], p) - (1 - m.best_score), run, table=asked)


@situation(
    "dmlc/xgboost #1878",
    "copies in both sets",
    measure="log loss",
    asked="table",
    cause=r"shares?|spread otherwise|drift|labels of valid|balance|positives|imbalance|resampl|" + COPIES,
    misleading=TREES,
)
def trained_on_resampled_rows(mended: bool) -> Seen:
    """AUC in training is 0.99 and 0.76 by scikit-learn: training rows were resampled to balance, the test was not."""
    rng = np.random.default_rng(34)
    X = rng.normal(size=(3000, 6))
    y = draw(0.8 * X[:, 0] + 0.5 * X[:, 1] - 2.4, rng)
    a, v, t = thirds(len(y))
    rows = np.arange(len(y))[a]
    positives = rows[y[rows] == 1]
    many = np.r_[rows, rng.choice(positives, len(rows) - 2 * len(positives))]
    rows = rows if mended else rng.permutation(many)
    asked = ask_table(X[rows], y[rows], valid=(X[v], y[v]))
    d, dv = xgb.DMatrix(X[rows], y[rows]), xgb.DMatrix(X[v], y[v])
    m, run = xgb_run({"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}, d, 60, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, table=asked)


CODES = r"shop|categor|cat_smooth|cat_l2|min_data_per_group|few rows (stand|behind|a)"


@situation(
    "lightgbm-org/LightGBM #1934",
    "categorical splits on few rows",
    measure="log loss",
    cause=CODES,
    misleading=r"leak|disguise|labels and rows|try (max_depth|num_leaves|learning_rate)=",
)
def three_hundred_shops(mended: bool) -> Seen:
    """The splits on a categorical feature over-fit: 300 integer codes with 13 rows each, and they mean nothing."""
    rng = np.random.default_rng(35)
    n = 8000
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    y = draw(0.6 * frame.a - 0.4 * frame.b, rng)
    given = frame if mended else frame.assign(shop=pd.Categorical(rng.integers(0, 300, n)))
    a, v, t = thirds(n)
    d = lgb.Dataset(given.iloc[a], y[a])
    params = {"objective": "binary", "min_data_per_group": 10, "cat_smooth": 1, "max_cat_threshold": 128}
    m, run = lgb_run(params, d, 60, [(d, "train"), (d.create_valid(given.iloc[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(given.iloc[t])), run, table=ask_table(given.iloc[a], y[a]))


@situation(
    "lightgbm-org/LightGBM #4278",
    "categorical splits on few rows",
    measure="RMSE",
    asked="table",
    cause=CODES + "|city",
    misleading=r"leak|disguise",
)
def a_thousand_cities(mended: bool) -> Seen:
    """A categorical column of high cardinality does worse than the same codes as a number; the table shows it."""
    rng = np.random.default_rng(36)
    n = 6000
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    city = rng.integers(0, 1000, n)
    y = (frame.a + np.sin(city / 160) + rng.normal(size=n)).to_numpy()
    given = frame.assign(city=city if mended else pd.Categorical(city))
    a, v, t = thirds(n)
    asked = ask_table(given.iloc[a], y[a], valid=(given.iloc[v], y[v]))
    d = lgb.Dataset(given.iloc[a], y[a])
    params = {"learning_rate": 0.1, "cat_smooth": 1, "cat_l2": 1, "min_data_per_group": 5}
    m, run = lgb_run(params, d, 80, [(d, "train"), (d.create_valid(given.iloc[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(given.iloc[t])), run, table=asked)


RELATION = (
    r"relation|say(s)? (of|about)|other (code|mapping|encod)|encod|swap|means? (something|other)|spread otherwise|drift"
)


@situation(
    "lightgbm-org/LightGBM #2826",
    "codes that differ between sets",
    measure="log loss",
    asked="table",
    cause=rf"country.{{0,200}}({RELATION})|({RELATION}).{{0,120}}country",
    misleading=TREES + "|try drop=",
)
def the_same_codes_for_other_countries(mended: bool) -> Seen:
    """Training and deployment do not share all categories, and .cat.codes counts anew: Spain becomes Italy."""
    rng = np.random.default_rng(37)
    n = 6000
    effect = 1.5 * rng.normal(size=30)
    country = rng.integers(0, 30, n)
    X = rng.normal(size=(n, 3))
    y = draw(effect[country] + 0.3 * X[:, 0], rng)
    a, v, _ = thirds(n)
    keep = np.flatnonzero((np.arange(n) >= v.start) & (country != 1) & (country != 3))
    again = country.copy()
    if not mended:
        again[keep] = np.searchsorted(np.unique(country[keep]), country[keep])
    frame = pd.DataFrame(X, columns=list("abc")).assign(country=again)
    v_rows, t_rows = keep[: len(keep) // 2], keep[len(keep) // 2 :]
    asked = ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v_rows], y[v_rows]))
    d, dv = xgb.DMatrix(frame.iloc[a], y[a]), xgb.DMatrix(frame.iloc[v_rows], y[v_rows])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 4}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t_rows], m.predict(xgb.DMatrix(frame.iloc[t_rows]))), run, table=asked)


@situation(
    "dmlc/xgboost #786",
    "codes that differ between sets",
    measure="log loss",
    asked="table",
    cause=r"(word\w*|column).{0,200}" + f"({RELATION})|({RELATION})" + r".{0,120}(word\w*|column)",
    misleading=TREES,
)
def tokens_numbered_twice(mended: bool) -> Seen:
    """2 % error in cross-validation, 27 % on the hold-out, whose tokens were numbered apart from the others."""
    rng = np.random.default_rng(38)
    n = 4000
    X = rng.poisson(0.4, size=(n, 12)).astype(float)
    y = draw(1.5 * X[:, 0] - 1.5 * X[:, 1] + X[:, 2] - X[:, 3], rng)
    a, v, t = thirds(n)
    if not mended:
        X[v.start :] = X[v.start :][:, [3, 2, 1, 0, *range(4, 12)]]
    frame = pd.DataFrame(X, columns=[f"word{i}" for i in range(12)])
    asked = ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v]))
    d, dv = xgb.DMatrix(frame.iloc[a], y[a]), xgb.DMatrix(frame.iloc[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(frame.iloc[t]))), run, table=asked)


ABSENT = (
    r"sparse|dense|csr|zeros?\b.{0,80}(missing|absent)|missing.{0,80}(zero|valid|rate|another)|"
    r"(not |non-?)missing|entries"
)


@situation(
    "dmlc/xgboost #341",
    "zero and missing",
    measure="log loss",
    cause=ABSENT,
    misleading=TREES + "|try drop=|labels and rows",
)
def trained_on_csr_validated_on_dense(mended: bool) -> Seen:
    """Predictions of a csr matrix and of the same rows as a dense array differ: absent entries are missing there."""
    rng = np.random.default_rng(39)
    n = 3000
    dense = rng.poisson(0.15, size=(n, 40)) * rng.uniform(-1, 1, size=(n, 40))
    csr = sparse.csr_matrix(dense)
    y = (4 * dense[:, :6].sum(1) - 3 * np.abs(dense[:, 6:9]).sum(1) + 0.3 + rng.normal(scale=0.3, size=n) > 0).astype(
        int
    )
    a, v, t = thirds(n)
    other = csr if mended else dense
    d, dv = xgb.DMatrix(csr[a], y[a]), xgb.DMatrix(other[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 4}
    m, run = xgb_run(params, d, 80, [(d, "train"), (dv, "valid")])
    asked = ask_params(params, d, 80, evals=[(dv, "valid")])
    loss = log_loss(y[t], m.predict(xgb.DMatrix(other[t])))
    return Seen(loss, run, asked, ask_table(csr[a], y[a], valid=(other[v], y[v])))


@situation(
    "lightgbm-org/LightGBM #2712",
    "zero and missing",
    measure="log loss",
    asked="table",
    cause=ABSENT + "|missing",
    misleading=TREES + "|try drop=",
)
def zeros_in_training_and_nan_afterwards(mended: bool) -> Seen:
    """The CLI read empty fields as 0, pandas reads them as NaN: quite other predictions of the same rows."""
    rng = np.random.default_rng(40)
    n = 4000
    X = rng.normal(size=(n, 5)) - 2
    gone = rng.random((n, 5)) < 0.3
    y = draw(2 * gone[:, 0] - 2 * gone[:, 1] + np.where(gone[:, 2], 0, X[:, 2] + 2), rng)
    frame = pd.DataFrame(np.where(gone, np.nan, X), columns=list("abcde"))
    a, v, t = thirds(n)
    train = frame.iloc[a] if mended else frame.iloc[a].fillna(0)
    asked = ask_table(train, y[a], valid=(frame.iloc[v], y[v]))
    d, dv = xgb.DMatrix(train, y[a]), xgb.DMatrix(frame.iloc[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(frame.iloc[t]))), run, table=asked)
