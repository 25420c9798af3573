"""Labels that are missing or impossible, log links, and probabilities that are off."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .ways import ask_params, ask_table, draw, lgb_run, log_loss, mae, refused, rmse, thirds, xgb_run

TREES = r"try max_depth=|try num_leaves=|try min_child_weight=|try drop="
MISSING_LABELS = r"(label|target).{0,60}(missing|nan|not a number|infinite)|(missing|nan).{0,60}(label|target)"


@situation(
    "lightgbm-org/LightGBM #4483", "missing labels", measure="RMSE", cause=MISSING_LABELS, misleading=TREES + "|overfit"
)
def missing_labels_become_zero(mended: bool) -> Seen:
    """A tenth of the labels is missing; LightGBM silently takes them as 0."""
    rng = np.random.default_rng(11)
    X = rng.normal(size=(2000, 5))
    y = 50 + 5 * X[:, 0] + 4 * X[:, 1] + rng.normal(size=2000)
    a, v, t = thirds(len(y))
    gone = rng.random(len(y)) < 0.1
    z = np.where(gone, np.nan, y)
    rows = np.arange(len(y))[a]
    rows = rows[~gone[rows]] if mended else rows
    d = lgb.Dataset(X[rows], z[rows], free_raw_data=False)
    params = {"num_leaves": 7}
    m, run = lgb_run(params, d, 80, [(d.create_valid(X[v], y[v]), "valid")])
    asked = ask_table(X[rows], z[rows], valid=(X[v], y[v]))
    return Seen(rmse(y[t], m.predict(X[t])), run, ask_params(params, d, 80), asked)


@situation(
    "lightgbm-org/LightGBM #7041",
    "missing labels",
    measure="RMSE",
    cause=MISSING_LABELS + r"|labels?.{0,40}(all|same|constant|one value)|(all|same|constant).{0,40}labels?",
    misleading=TREES + "|overfit|try num_iterations=",
)
def validation_labels_all_missing(mended: bool) -> Seen:
    """Every validation label is missing, and LightGBM still reports a loss: that of predicting 0."""
    rng = np.random.default_rng(12)
    X = rng.normal(size=(2000, 5))
    y = 1.5 * X[:, 0] + X[:, 1] + 0.5 * rng.normal(size=2000)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a])
    dv = d.create_valid(X[v], y[v] if mended else np.full(v.stop - v.start, np.nan))
    m, run = lgb_run({"num_leaves": 7}, d, 150, [(dv, "valid")], callbacks=[lgb.early_stopping(10, verbose=False)])
    return Seen(rmse(y[t], m.predict(X[t])), run)


@situation(
    "dmlc/xgboost #6723",
    "impossible labels",
    measure="training is refused",
    asked="params",
    cause=r"(label|zero|0).{0,80}(gamma|positive|zero)|tweedie",
    misleading=TREES + r"|try eta=|overfit",
)
def zeros_under_gamma(mended: bool) -> Seen:
    """There are zeros among the labels of reg:gamma: nan in every round in those days, an error since."""
    rng = np.random.default_rng(13)
    X = rng.normal(size=(1000, 4))
    y = rng.gamma(2, np.exp(0.5 * X[:, 0]))
    y[:100] = 0
    d = xgb.DMatrix(X, y)
    params = {"objective": "reg:tweedie" if mended else "reg:gamma", "eta": 0.1, "max_depth": 3}
    return Seen(refused(lambda: xgb_run(params, d, 10)), params=ask_params(params, d, 60))


@situation(
    "dmlc/xgboost #12444",
    "impossible labels",
    measure="metric is not finite",
    cause=r"tweedie_variance_power|variance power",
    misleading=TREES + r"|try eta=|overfit",
)
def tweedie_of_power_one(mended: bool) -> Seen:
    """tweedie_variance_power=1.0 is accepted, and the metric is -inf in every round."""
    rng = np.random.default_rng(14)
    X = rng.normal(size=(800, 4))
    y = rng.poisson(np.exp(0.5 + 0.5 * X[:, 0]))
    d = xgb.DMatrix(X, y)
    params = {"objective": "reg:tweedie", "tweedie_variance_power": 1.3 if mended else 1.0, "eta": 0.1, "max_depth": 2}
    seen: dict[str, dict[str, list[float]]] = {}
    _, run = xgb_run(params, d, 60, [(d, "train")], evals_result=seen)
    last = next(iter(seen["train"].values()))[-1]
    return Seen(float(not np.isfinite(last)), run, ask_params(params, d, 60))


@situation(
    "lightgbm-org/LightGBM #5428",
    "impossible labels",
    measure="training is refused",
    asked="params",
    cause=r"negative|below (0|zero)|(not|never) negative",
    misleading=TREES,
)
def negative_labels_under_tweedie(mended: bool) -> Seen:
    """'[tweedie]: at least one target label is negative': a refund among the sales, seen before training."""
    rng = np.random.default_rng(15)
    X = rng.normal(size=(800, 4))
    y = rng.gamma(1, np.exp(0.5 * X[:, 0]))
    y[5] = 0.0 if mended else -3.0
    d = lgb.Dataset(X, y, free_raw_data=False)
    params = {"objective": "tweedie"}
    return Seen(refused(lambda: lgb_run(params, d, 10)), params=ask_params(params, d, 100))


@situation(
    "dmlc/xgboost #3080",
    "log link with few rounds",
    measure="mean prediction: relative error",
    cause=(
        r"log link|link|base_score|mean prediction|bias|(few|more) rounds|too few|"
        r"rounds are (too )?few|try num_boost_round=\d\d"
    ),
    misleading=r"try drop=|overfit|try min_child_weight=|try max_depth=",
)
def poisson_with_five_rounds(mended: bool) -> Seen:
    """The sum of the predictions is far from the sum of the labels: five rounds on a log link, begun at 0.5."""
    rng = np.random.default_rng(16)
    X = rng.normal(size=(3000, 4))
    y = rng.poisson(np.exp(3 + 0.4 * X[:, 0]))
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "count:poisson", "eta": 0.1, "base_score": 0.5}
    rounds = 100 if mended else 5
    m, run = xgb_run(params, d, rounds, [(d, "train"), (dv, "valid")])
    loss = abs(float(m.predict(xgb.DMatrix(X[t])).mean() / y[t].mean()) - 1)
    return Seen(loss, run, ask_params(params, d, rounds))


@situation(
    "dmlc/xgboost #853",
    "loss scale against label scale",
    measure="MAE",
    cause=r"max_delta_step",
    misleading=r"try drop=|overfit|try min_child_weight=",
)
def poisson_with_a_small_step(mended: bool) -> Seen:
    """count:poisson from the wrapper converges poorly: max_delta_step was set, and ends every leaf at 0.02."""
    rng = np.random.default_rng(17)
    X = rng.normal(size=(3000, 4))
    y = rng.poisson(np.exp(1.5 + 0.8 * X[:, 0] + 0.5 * X[:, 1]))
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "count:poisson", "eta": 0.1, "max_delta_step": 0.7 if mended else 0.02, "max_depth": 3}
    m, run = xgb_run(params, d, 150, [(d, "train"), (dv, "valid")])
    return Seen(mae(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 150))


OFF = r"probabilit|calibrat|mean prediction|share of (the )?positives|log ?loss"
CALIBRATION = (
    rf"(scale_pos_weight|is_unbalance|(?<!child_)weigh).{{0,200}}({OFF})|"
    rf"({OFF}).{{0,200}}(scale_pos_weight|is_unbalance|weigh)"
)


def _rare(n: int = 6000, shift: float = 3.6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(18)
    X = rng.normal(size=(n, 6))
    return X, draw(X[:, 0] + X[:, 1] - shift, rng)


@situation(
    "dmlc/xgboost #500",
    "mean prediction against the share of positives",
    measure="log loss",
    cause=CALIBRATION,
    misleading=r"try drop=|try max_depth=|overfit",
)
def weighted_probabilities_in_a_gains_table(mended: bool) -> Seen:
    """With scale_pos_weight the average predicted response rate is 0.6, and the real one 0.04."""
    X, y = _rare()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3, "eval_metric": "auc"}
    params |= {} if mended else {"scale_pos_weight": 25}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 60))


@situation(
    "lightgbm-org/LightGBM #2107",
    "mean prediction against the share of positives",
    measure="log loss",
    cause=CALIBRATION,
    misleading=r"try drop=|try num_leaves=|overfit",
)
def how_to_get_the_right_probability(mended: bool) -> Seen:
    """How do I get the right probability with is_unbalance? It is far from the share of the positives."""
    X, y = _rare()
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "is_unbalance": not mended, "num_leaves": 7, "learning_rate": 0.05}
    params |= {"metric": "auc"}
    m, run = lgb_run(params, d, 80, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 80))


@situation(
    "lightgbm-org/LightGBM #2570",
    "label precision",
    measure="RMSE",
    cause=r"float32|precision|digits|(large|big).{0,40}labels?|label.{0,60}(shift|subtract|centre|center)",
    misleading=TREES + "|overfit",
)
def labels_too_large_for_float32(mended: bool) -> Seen:
    """Labels in the billions are kept as float32: seconds since 1970 are rounded to 128."""
    rng = np.random.default_rng(19)
    X = rng.normal(size=(2000, 4))
    y = 1.7e9 + 40 * X[:, 0] + 30 * X[:, 1] + 5 * rng.normal(size=2000)
    a, v, t = thirds(len(y))
    by = y[a].mean() if mended else 0.0
    d = lgb.Dataset(X[a], y[a] - by, free_raw_data=False)
    m, run = lgb_run({"num_leaves": 7}, d, 100, [(d.create_valid(X[v], y[v] - by), "valid")])
    return Seen(rmse(y[t], by + m.predict(X[t])), run, ask_params({"num_leaves": 7}, d, 100), ask_table(X[a], y[a]))


@situation(
    "lightgbm-org/LightGBM #2672",
    "imbalance",
    measure="share of rare rows missed at 0.5",
    cause=r"rare|imbalance|threshold|scale_pos_weight|share of (the )?positives",
    misleading=r"try drop=|try max_depth=|overfit",
)
def a_rare_class_is_never_called(mended: bool) -> Seen:
    """The model calls one class only: 4 % are positive, and decisions are taken at 0.5."""
    X, y = _rare()
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3, "eval_metric": "aucpr" if mended else "error"}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    at = float(np.quantile(m.predict(dv), 1 - 2 * y[v].mean())) if mended else 0.5
    missed = float(np.mean(m.predict(xgb.DMatrix(X[t]))[y[t] == 1] < at))
    return Seen(missed, run, table=ask_table(X[a], y[a]))
