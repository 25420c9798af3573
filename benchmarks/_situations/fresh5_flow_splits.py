"""The fifth fresh batch, data and workflow: splits, searches, and columns that are others when it counts."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.feature_selection import SelectKBest

from .core import Seen, situation
from .data import COPIES, LEAK, TREES
from .parameters import ELSEWHERE
from .runs import compared
from .training import noisy
from .ways import (
    ask_table,
    draw,
    lgb_recorded,
    lgb_run,
    log_loss,
    multi_error,
    one_minus_auc,
    rmse,
    thirds,
    xgb_recorded,
    xgb_run,
)


@situation(
    "lightgbm-org/LightGBM #2706", "missing values", measure="RMSE", asked="table",
    cause=r"missing.{0,200}(training|valid|rate|never|no row)|(never|not) missing", misleading=TREES + "|try drop=",
)  # fmt: skip
def no_gap_in_training_and_many_afterwards(mended: bool) -> Seen:
    """A feature has no nulls in training and has some in the test: no error, and much worse predictions."""
    rng = np.random.default_rng(301)
    n = 3600
    X = rng.normal(5, 1.5, size=(n, 5))
    y = 2 * X[:, 0] + X[:, 1] + np.sin(X[:, 2]) + 0.5 * rng.normal(size=n)
    gone = rng.random(n) < 0.4
    frame = pd.DataFrame(X, columns=["salary", "years", "age", "rooms", "floor"])
    gaps = frame.assign(salary=np.where(gone, np.nan, X[:, 0]))
    a, v, t = thirds(n)
    train = (gaps if mended else frame).iloc[a]
    asked = ask_table(train, y[a], valid=(gaps.iloc[v], y[v]))
    d = lgb.Dataset(train, y[a], free_raw_data=False)
    m, run = lgb_run({"num_leaves": 15}, d, 100, [(d.create_valid(gaps.iloc[v], y[v]), "valid")])
    return Seen(rmse(y[t], m.predict(gaps.iloc[t])), run, table=asked)


@situation(
    "stats.stackexchange #568195", "parameters at the edge of a search", measure="log loss", asked="compare",
    cause=r"\bedge\b|\bbound|(largest|highest) (value )?(tried|of)|widen|beyond", misleading=ELSEWHERE,
)  # fmt: skip
def the_default_depth_was_not_in_the_grid(mended: bool) -> Seen:
    """The search over depths 2 to 5 does worse than the defaults: 6, the default, was not among them."""
    rng = np.random.default_rng(302)
    n = 9000
    X = rng.integers(0, 2, size=(n, 8)) + 0.1 * rng.normal(size=(n, 8))
    cell = np.round(X[:, :7]).astype(int) @ (2 ** np.arange(7))
    y = draw(np.where(rng.random(128) < 0.5, -2.2, 2.2)[cell], rng)
    a, v, t = thirds(n)
    runs, losses = [], []
    for depth in (2, 3, 4, 5, 6, 7) if mended else (2, 3, 4, 5):
        params = {"objective": "binary:logistic", "max_depth": depth, "eta": 0.3}
        m, run = xgb_recorded(params, xgb.DMatrix(X[a], y[a]), 60, [(xgb.DMatrix(X[v], y[v]), "cv")])
        runs.append(run)
        losses.append(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))))
    return Seen(min(losses), compare=compared(*runs))


@situation(
    "AlexanderKroll/ProSmith #10", "copies in both sets", measure="log loss told and not true",
    cause=COPIES + r"|valid\w*.{0,160}(training (data|rows)|trained on|in training|learned by heart|same rows)|"
    r"(trained on|part of|stand in).{0,120}valid",
    misleading=ELSEWHERE + "|leak",
)  # fmt: skip
def the_final_model_knows_the_validation_rows(mended: bool) -> Seen:
    """Training and validation rows are put together for the final model, which is judged on validation rows again."""
    X, y = noisy(4000, 303)
    v, t = slice(1500, 2000), slice(2000, 4000)
    a = slice(0, 1500) if mended else slice(0, 2000)
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 6}
    m, run = xgb_run(params, d, 150, [(d, "train"), (dv, "val")])
    said, true = (log_loss(y[i], m.predict(xgb.DMatrix(X[i]))) for i in (v, t))
    asked = ask_table(X[a], y[a], valid=(X[v], y[v]))
    return Seen(abs(true - said), run, table=asked)


@situation(
    "datascience.stackexchange #28800", "another relation in another population", measure="log loss", asked="table",
    cause=r"relation|depends on other|together|combination|interact|not like|(joint|pair)", misleading=TREES,
)  # fmt: skip
def it_transfers_badly_to_the_other_clinic(mended: bool) -> Seen:
    """AUC is 0.78 on population A and 0.68 on B, though each feature is spread and correlates as before."""
    rng = np.random.default_rng(304)
    n = 6000
    X = rng.normal(size=(n, 6))
    b = np.arange(n) >= 3000
    y = draw(0.7 * X[:, 0] + np.where(b, -1.1, 1.1) * X[:, 1] * X[:, 2] + 0.6 * X[:, 3], rng)
    frame = pd.DataFrame(X, columns=["age", "dose", "weight", "marker", "beds", "shift"])
    v, t = slice(4500, 5200), slice(5200, n)
    a = slice(3000, 4500) if mended else slice(0, 3000)
    asked = ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v]))
    d, dv = xgb.DMatrix(frame.iloc[a], y[a]), xgb.DMatrix(frame.iloc[v], y[v])
    m, run = xgb_run({"objective": "binary:logistic", "eta": 0.1, "max_depth": 4}, d, 80, [(d, "A"), (dv, "B")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(frame.iloc[t]))), run, table=asked)


@situation(
    "dotnet/machinelearning #7164", "rows of a series, split at random", measure="error rate told and not true",
    asked="table", misleading=TREES + "|try drop=",
    cause=LEAK + r"|neighbou?r|near(ly)? (the same|equal|copies)|overlap|\btime\b|at random|shuffl|" + COPIES,
)  # fmt: skip
def overlapping_windows_of_a_series(mended: bool) -> Seen:
    """90 % in the tool's split and 45 % in two files: each row holds means of the last days, as its neighbours do."""
    rng = np.random.default_rng(305)
    n = 2600
    price = pd.Series(np.cumsum(rng.normal(size=n + 300)))
    X = np.stack([(price - price.rolling(k).mean())[200 : 200 + n] for k in (10, 20, 40, 80, 120, 200)], axis=1)
    y = (price[240 : 240 + n].to_numpy() > price[200 : 200 + n].to_numpy()).astype(int)
    rows = np.arange(2000)
    order = np.r_[rows[:1400], rows[1450:]] if mended else rng.permutation(rows)
    a, v, t = order[:1400], order[1400:], np.arange(2050, n)
    asked = ask_table(X[a], y[a], valid=(X[v], y[v]))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "multi:softprob", "num_class": 2, "eta": 0.1, "max_depth": 8}
    m, run = xgb_run(params, d, 100, [(dv, "valid")])
    said, true = (multi_error(y[i], m.predict(xgb.DMatrix(X[i]))) for i in (v, t))
    return Seen(true - said, run, table=asked)


@situation(
    "wildwasser/sneaker #63", "rows of a series, split at random", measure="error rate told and not true",
    asked="table", cause=r"\btime(stamp)?\b.{0,200}|neighbou?r|shuffl|at random|\blater\b|future|chronolog",
    misleading=TREES + "|try drop=",
)  # fmt: skip
def coins_of_one_hour_on_both_sides(mended: bool) -> Seen:
    """77.6 % in the test and a loss in the backtest: hours of 2025 train the model that is tested on 2024."""
    rng = np.random.default_rng(306)
    hours, coins = 400, 6
    hour = np.repeat(np.arange(hours), coins)
    market = rng.integers(0, 2, hours)[hour]
    mood = np.repeat(rng.normal(size=hours), coins)
    y = np.where(rng.random(len(hour)) < 0.12, 1 - market, market)
    frame = pd.DataFrame({"timestamp": 1_700_000_000 + 3600 * hour, "coin": np.tile(np.arange(coins), hours)})
    frame["volume"], frame["index"] = mood + 0.02 * rng.normal(size=len(hour)), rng.normal(size=len(hour))
    rows = np.flatnonzero(hour < 300)
    order = rows if mended else rng.permutation(rows)
    a, v, t = order[:1300], order[1300:], np.flatnonzero(hour >= 300)
    asked = ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v]))
    d, dv = xgb.DMatrix(frame.iloc[a], y[a]), xgb.DMatrix(frame.iloc[v], y[v])
    params = {"objective": "multi:softprob", "num_class": 2, "eta": 0.3, "max_depth": 10}
    m, run = xgb_run(params, d, 60, [(dv, "test")])
    said, true = (multi_error(y[i], m.predict(xgb.DMatrix(frame.iloc[i]))) for i in (v, t))
    return Seen(true - said, run, table=asked)


@situation(
    "scikit-learn/scikit-learn #14643", "features chosen on all rows", measure="1 - AUC less what was told",
    asked="table", misleading=TREES,
    cause=r"(features|columns).{0,160}(rows|chance|select|many)|too few rows|more (columns|features) than",
)  # fmt: skip
def the_best_of_two_thousand_features(mended: bool) -> Seen:
    """The 25 best of 2,000 features are chosen on all rows, and cross-validated afterwards: noise reaches 65 %."""
    rng = np.random.default_rng(307)
    X, new = rng.normal(size=(400, 2000)), rng.normal(size=(2000, 2000))
    y, z = rng.integers(0, 2, 400), rng.integers(0, 2, 2000)
    a, v = slice(0, 270), slice(270, 400)
    chosen = SelectKBest(k=25).fit(X[a] if mended else X, y[a] if mended else y).get_support()
    asked = ask_table(pd.DataFrame(X), y) if not mended else ask_table(pd.DataFrame(X[a][:, :20]), y[a])
    m, _ = xgb_run({"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}, xgb.DMatrix(X[a][:, chosen], y[a]), 60)
    said, true = (
        one_minus_auc(label, m.predict(xgb.DMatrix(rows[:, chosen]))) for rows, label in ((X[v], y[v]), (new, z))
    )
    return Seen(abs(true - said), table=asked)


@situation(
    "lightgbm-org/LightGBM #1554", "runs that differ by seed alone", measure="difference between two seeds",
    asked="compare", cause=r"\bseed\b|averag|chance|noise", misleading=ELSEWHERE,
)  # fmt: skip
def ten_per_cent_by_the_seed(mended: bool) -> Seen:
    """Another seed changes the accuracy by ten per cent, with colsample_bytree=0.5 and scale_pos_weight=55."""
    rng = np.random.default_rng(308)
    n = 6000
    X = rng.normal(size=(n, 8))
    y = draw(1.2 * X[:, 0] + X[:, 1] * X[:, 2] - 4.6, rng)
    a, v, t = thirds(n)
    runs, models = [], []
    for seed in range(10 if mended else 2):
        d = lgb.Dataset(X[a], y[a], free_raw_data=False)
        params = {"objective": "binary", "metric": "auc", "seed": seed, "feature_fraction": 0.25, "num_leaves": 63}
        params |= {"scale_pos_weight": 55, "bagging_fraction": 0.5, "bagging_freq": 1, "min_data_in_leaf": 5}
        m, run = lgb_recorded(params, d, 60, [(d.create_valid(X[v], y[v]), "valid")])
        runs.append(run)
        models.append(m.predict(X[t]))
    half = len(models) // 2
    one, two = np.mean(models[:half], axis=0), np.mean(models[half:], axis=0)
    return Seen(float(np.abs(one - two).mean()), compare=() if mended else compared(*runs))
