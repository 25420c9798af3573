"""The fourth fresh batch, data and workflow: columns that know too much, and columns that are others when it counts."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

from .core import Seen, situation
from .data import LEAK, TREES
from .ways import ask_table, draw, lgb_run, log_loss, multi_error, rmse, thirds, xgb_run


@situation(
    "alteryx/predict-customer-churn #27", "leak", measure="log loss of the real world",
    cause=LEAK + r"|holds .{0,20} of the gain|carries .{0,30}gain|explains far more",
    misleading=TREES,
)  # fmt: skip
def as_of_today_and_not_as_of_then(mended: bool) -> Seen:
    """Columns such as the number of orders hold today's value, and who left in between has ordered nothing since."""
    rng = np.random.default_rng(211)
    n = 3000
    X = rng.normal(size=(n, 5))
    y = draw(0.8 * X[:, 0] + 0.6 * X[:, 1] - 0.7, rng)
    then = rng.poisson(np.exp(2.0 + 0.3 * X[:, 2]))
    since = rng.poisson(np.where(y == 1, 0.5, 9.0))
    frame = pd.DataFrame(X, columns=["age", "plan", "visits", "price", "region"])
    known = frame.assign(orders=then if mended else then + since)
    a, v, t = thirds(n)
    d, dv = xgb.DMatrix(known.iloc[a], y[a]), xgb.DMatrix(known.iloc[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 200, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    real = known.iloc[t].assign(orders=then[t])
    loss = log_loss(y[t], m.predict(xgb.DMatrix(real), iteration_range=(0, m.best_iteration + 1)))
    return Seen(loss, run, table=ask_table(known.iloc[a], y[a], valid=(known.iloc[v], y[v])))


@situation(
    "alteryx/featuretools #2227", "leak", measure="RMSE of the real world", asked="table",
    cause=LEAK + r"|rolling.{0,200}(label|itself|same row)|future", misleading=TREES,
)  # fmt: skip
def a_rolling_mean_that_holds_today(mended: bool) -> Seen:
    """Rolling features have a gap of 0 by default: the mean of the last three days holds the day that is predicted."""
    rng = np.random.default_rng(212)
    n = 1500
    weekly = 6 * np.sin(2 * np.pi * np.arange(n) / 7)
    sales = pd.Series(60 + weekly + np.cumsum(0.1 * rng.normal(size=n)) + 8 * rng.normal(size=n))
    frame = pd.DataFrame({"weekday": np.arange(n) % 7, "price": rng.normal(10, 2, n)})
    honest = sales.shift(1).rolling(3).mean()
    frame["rolling_mean_3"] = honest if mended else sales.rolling(3).mean()
    frame["rolling_max_14"] = sales.shift(1).rolling(14).max()
    y = sales.to_numpy()
    a, v, t = slice(20, 900), slice(900, 1200), slice(1200, n)
    asked = ask_table(frame.iloc[a], y[a], valid=(frame.iloc[v], y[v]))
    d = lgb.Dataset(frame.iloc[a], y[a], free_raw_data=False)
    m, run = lgb_run(
        {"num_leaves": 15, "learning_rate": 0.05}, d, 150, [(d.create_valid(frame.iloc[v], y[v]), "valid")]
    )
    real = frame.iloc[t].assign(rolling_mean_3=honest[t])
    return Seen(rmse(y[t], m.predict(real)), run, table=asked)


GAPS = r"missing.{0,120}(zero|\b0\b|valid|rate|another|never)|(zero|\b0\b).{0,120}missing|fill"


@situation(
    "o19s/elasticsearch-learning-to-rank #481", "zero and missing", measure="RMSE", asked="table", cause=GAPS,
    misleading=TREES + "|try drop=",
)  # fmt: skip
def the_scorer_fills_gaps_with_zero(mended: bool) -> Seen:
    """A feature is missing in training where nothing matched; the scoring service has a zero there."""
    rng = np.random.default_rng(213)
    n = 3600
    X = rng.gamma(2.0, 1.5, size=(n, 5))
    gone = rng.random((n, 5)) < [0.35, 0.3, 0.0, 0.0, 0.0]
    y = np.where(gone[:, 0], 4.0, -X[:, 0]) + np.where(gone[:, 1], -2.0, X[:, 1]) + X[:, 2] + rng.normal(size=n)
    frame = pd.DataFrame(np.where(gone, np.nan, X), columns=["title_match", "body_match", "clicks", "age", "length"])
    a, v, t = thirds(n)
    service = frame if mended else frame.fillna(0)
    asked = ask_table(frame.iloc[a], y[a], valid=(service.iloc[v], y[v]))
    d, dv = xgb.DMatrix(frame.iloc[a], y[a]), xgb.DMatrix(service.iloc[v], y[v])
    m, run = xgb_run({"eta": 0.1, "max_depth": 4}, d, 100, [(dv, "valid")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(service.iloc[t]))), run, table=asked)


@situation(
    "dmlc/xgboost #6106", "columns that are not there", measure="log loss", asked="table",
    cause=r"(column|feature)s?.{0,200}(lack|absent|not in|missing from|no such|only in|has no|are not|is not|fewer)|"
    r"(lack|absent|without|fewer).{0,120}(column|feature)",
    misleading=TREES + "|try drop=",
)  # fmt: skip
def four_features_fewer(mended: bool) -> Seen:
    """Trained with all features, asked with four fewer: there are answers all the same, the last ones are missing."""
    rng = np.random.default_rng(214)
    n = 3000
    X = rng.normal(size=(n, 12))
    y = draw(X[:, 0] + 1.2 * X[:, 9] - 1.2 * X[:, 10] + X[:, 11] * X[:, 1], rng)
    frame = pd.DataFrame(X, columns=[f"f{i}" for i in range(12)])
    a, v, t = thirds(n)
    new = frame if mended else frame.iloc[:, :8]
    asked = ask_table(frame.iloc[a].assign(bought=y[a]), target="bought", valid=new.iloc[v].assign(bought=y[v]))
    d = xgb.DMatrix(frame.iloc[a], y[a])
    m, _ = xgb_run({"objective": "binary:logistic", "eta": 0.1, "max_depth": 4}, d, 80)
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(new.iloc[t].reindex(columns=frame.columns)))), table=asked)


@situation(
    "datascience.stackexchange #82012", "features that differ between sets", measure="log loss", asked="table",
    cause=r"(column|feature|claims|days|amount|visits).{0,200}(constant|one value|always|all 0|spread otherwise|drift|"
    r"distribut|never varies|same value)",
    misleading=TREES + "|imbalanc",
)  # fmt: skip
def new_records_without_their_history(mended: bool) -> Seen:
    """All of 43,000 new records are called non-compliant: what is counted over a year is still 0 in each of them."""
    rng = np.random.default_rng(215)
    n = 4000
    frame = pd.DataFrame({"claims": rng.poisson(3.0, n), "days": rng.gamma(2, 40, n), "amount": rng.gamma(2, 300, n)})
    frame["age"], frame["visits"] = rng.integers(18, 90, n), rng.poisson(5.0, n)
    y = draw(0.9 * (frame.claims - 3) + (frame.visits - 5) * 0.5 + 0.5, rng)
    a, v, t = thirds(n)
    new = frame if mended else frame.assign(claims=0, visits=0)
    asked = ask_table(frame.iloc[a].assign(fine=y[a]), target="fine", valid=new.iloc[v])
    m, _ = xgb_run({"objective": "binary:logistic", "eta": 0.1, "max_depth": 4}, xgb.DMatrix(frame.iloc[a], y[a]), 80)
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(new.iloc[t]))), table=asked)


@situation(
    "feature-engine/feature_engine #163", "row numbers as a feature", measure="log loss", asked="table",
    cause=r"\bindex\b.{0,200}(row|identif|number|order|sorted|id\b|tells the rows)|(identif|row number|running number|"
    r"order of the rows|counts the rows).{0,160}",
    misleading=TREES,
)  # fmt: skip
def reset_index_left_a_column(mended: bool) -> Seen:
    """reset_index without drop=True keeps the row number as a column; the file was sorted by outcome once."""
    rng = np.random.default_rng(216)
    n = 3000
    X = rng.normal(size=(n, 5))
    y = draw(0.9 * X[:, 0] + 0.5 * X[:, 1], rng)
    order = np.argsort(y + 0.6 * rng.normal(size=n))
    frame = pd.DataFrame(X[order], columns=list("abcde"))
    given = frame if mended else frame.reset_index()
    y = y[order]
    mixed = rng.permutation(n)
    a, v, t = (mixed[i] for i in thirds(n))
    asked = ask_table(given.iloc[a], y[a], valid=(given.iloc[v], y[v]))
    d, dv = xgb.DMatrix(given.iloc[a], y[a]), xgb.DMatrix(given.iloc[v], y[v])
    m, run = xgb_run({"objective": "binary:logistic", "eta": 0.1, "max_depth": 3}, d, 60, [(dv, "valid")])
    new = frame.iloc[t].reset_index(drop=True)
    new = new if mended else new.reset_index()
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(new))), run, table=asked)


@situation(
    "aws-samples/amazon-sagemaker-immersion-day #63", "columns in another place", measure="RMSE", asked="table",
    cause=r"order|swap|shifted|misplac|looks like|(another|other) column|relation|spread otherwise|drift",
    misleading=TREES + "|try drop=",
)  # fmt: skip
def the_first_column_is_dropped_twice(mended: bool) -> Seen:
    """The test rows had no label any more, and the first column is dropped all the same: all others move up by one."""
    rng = np.random.default_rng(217)
    n = 2400
    X = np.c_[rng.integers(18, 90, n), rng.gamma(2, 1000, n), rng.integers(1, 12, n), rng.normal(size=n), rng.random(n)]
    y = X[:, 0] / 20 + X[:, 1] / 800 - X[:, 2] / 4 + X[:, 3] + 0.5 * rng.normal(size=n)
    a, v, t = thirds(n)
    moved = X if mended else np.c_[X[:, 1:], np.zeros(n)]
    asked = ask_table(X[a], y[a], valid=(moved[v], y[v]))
    m, run = xgb_run({"eta": 0.1, "max_depth": 4}, xgb.DMatrix(X[a], y[a]), 80, [(xgb.DMatrix(moved[v], y[v]), "test")])
    return Seen(rmse(y[t], m.predict(xgb.DMatrix(moved[t]))), run, table=asked)


@situation(
    "SdSarthak/AegisAI #514", "codes that differ between sets", measure="error rate", asked="table",
    cause=r"(skill|field|column|feature).{0,200}(constant|one value|always|spread otherwise|drift|encod|relation|code)",
    misleading=TREES + "|try drop=",
)  # fmt: skip
def every_live_record_has_code_zero(mended: bool) -> Seen:
    """The service calls le.fit_transform on the one record it is asked about: every category becomes 0."""
    rng = np.random.default_rng(218)
    n = 3000
    frame = pd.DataFrame({"skill": rng.integers(0, 9, n), "field": rng.integers(0, 5, n), "years": rng.gamma(2, 3, n)})
    y = (np.array([0, 2, 1, 2, 0, 1, 2, 1, 0])[frame.skill] + (frame.field > 2) + (rng.random(n) < 0.1)) % 3
    a, v, t = thirds(n)
    live = frame if mended else frame.assign(skill=0, field=0)
    asked = ask_table(frame.iloc[a].assign(role=y[a]), target="role", valid=live.iloc[v])
    params = {"objective": "multi:softprob", "num_class": 3, "eta": 0.2, "max_depth": 5}
    m, _ = xgb_run(params, xgb.DMatrix(frame.iloc[a], y.iloc[a]), 60)
    return Seen(multi_error(y.iloc[t], m.predict(xgb.DMatrix(live.iloc[t]))), table=asked)
