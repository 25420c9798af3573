"""The fourth fresh batch, XGBoost: objectives, built in and own, ranking, survival, several outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import xgboost as xgb

import treedebug

from .core import Seen, situation
from .parameters import ELSEWHERE
from .ways import DEFAULTS, ask_params, draw, log_loss, refused, rmse, thirds, told, xgb_run

Array = np.ndarray


@situation(
    "dmlc/xgboost #6447", "loss scale against label scale", measure="RMSLE",
    cause=r"squaredlogerror.{0,300}(start|base_score|far|scale|labels|hessian)|base_score|log1p|logarithm",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def squared_log_error_of_a_million(mended: bool) -> Seen:
    """reg:squaredlogerror does not converge at all: the labels go from 0 to 1,000,000, and the model predicts a few."""
    rng = np.random.default_rng(401)
    X = rng.uniform(0, 100, size=(3000, 3))
    y = X.prod(axis=1)
    a, v, t = thirds(len(y))
    z = np.log1p(y) if mended else y
    d, dv = xgb.DMatrix(X[a], z[a]), xgb.DMatrix(X[v], z[v])
    params = {"eta": 0.3, "max_depth": 6, "objective": "reg:squarederror" if mended else "reg:squaredlogerror"}
    m, run = xgb_run(params, d, 100, [(d, "train"), (dv, "valid")])
    p = m.predict(xgb.DMatrix(X[t]))
    loss = rmse(np.log1p(y[t]), p if mended else np.log1p(np.maximum(p, 0)))
    return Seen(loss, run, ask_params(params, d, 100, evals=[(d, "train"), (dv, "valid")]))


@situation(
    "dmlc/xgboost #7010", "raw scores as probabilities", measure="log loss",
    cause=r"logitraw|raw scores?|log.?odds|sigmoid|binary:logistic\b", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def a_probability_of_minus_ten(mended: bool) -> Seen:
    """predict_proba gives 11.8 and -10.8: the classifier was made with objective='binary:logitraw'."""
    rng = np.random.default_rng(402)
    X = rng.normal(size=(2400, 6))
    y = draw(2.0 * X[:, 0] + X[:, 1] * X[:, 2], rng)
    a, v, t = thirds(len(y))
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    model = xgb.XGBClassifier(
        objective="binary:logistic" if mended else "binary:logitraw", eval_metric="auc", max_depth=3, n_jobs=1,
        learning_rate=0.1, n_estimators=60, reg_alpha=0.32, verbosity=0, callbacks=[callback],
    )  # fmt: skip
    model.fit(X[a], y[a], eval_set=[(X[v], y[v])], verbose=False)
    p = model.predict_proba(X[t])[:, 1]
    return Seen(log_loss(y[t], p), told(callback.run.findings))


@situation(
    "dmlc/xgboost #4467", "own objective: form", measure="error rate",
    cause=r"(gradient|hessian|objective).{0,240}(order|shape|class|label|transpos|flatten|row|direction|agree|match|sign)",
    misleading=ELSEWHERE + "|overfit|try (eta|max_depth)=",
)  # fmt: skip
def gradients_of_classes_column_by_column(mended: bool) -> Seen:
    """An own softmax does not match multi:softprob: its gradient is flattened by columns, and is read by rows."""
    rng = np.random.default_rng(403)
    X = rng.normal(size=(2400, 5))
    y = np.argmax(np.c_[X[:, 0] + X[:, 1], X[:, 2] - X[:, 0], X[:, 3]] + 0.5 * rng.normal(size=(2400, 3)), axis=1)
    a, v, t = thirds(len(y))

    def softmax(margin: Array, data: xgb.DMatrix) -> tuple[Array, Array]:
        p = np.exp(margin - margin.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        grad, hess = p - np.eye(3)[data.get_label().astype(int)], 2 * p * (1 - p)
        order = "C" if mended else "F"
        return grad.ravel(order).reshape(p.shape), np.maximum(hess.ravel(order).reshape(p.shape), 1e-6)

    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"num_class": 3, "max_depth": 4, "eta": 0.3, "eval_metric": "mlogloss"}
    m, run = xgb_run(params, d, 50, [(d, "train"), (dv, "valid")], obj=softmax)
    p = m.predict(xgb.DMatrix(X[t]), output_margin=True)
    return Seen(float(np.mean(p.argmax(axis=1) != y[t])), run)


@situation(
    "dmlc/xgboost #4410", "own objective: raw scores", measure="log loss",
    cause=r"sigmoid|raw scores?|margin|log.?odds|probabilit|squared error", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def an_own_log_loss_without_its_sigmoid(mended: bool) -> Seen:
    """'Does pred mean the raw margin or the transformed value?' The gradient was written for probabilities."""
    rng = np.random.default_rng(404)
    X = rng.normal(size=(2400, 6))
    y = draw(2.5 * X[:, 0] + 1.5 * X[:, 1] * X[:, 2], rng)
    a, v, t = thirds(len(y))

    def own(pred: Array, data: xgb.DMatrix) -> tuple[Array, Array]:
        p = 1 / (1 + np.exp(-pred)) if mended else np.clip(pred, 1e-3, 1 - 1e-3)
        return p - data.get_label(), p * (1 - p)

    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"max_depth": 3, "eta": 0.1, "base_score": 0.5 if not mended else 0.0, "eval_metric": "logloss"}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")], obj=own)
    margin = m.predict(xgb.DMatrix(X[t]), output_margin=True)
    return Seen(log_loss(y[t], 1 / (1 + np.exp(-margin))), run)


@situation(
    "dmlc/xgboost #10097", "pairs of a ranking", measure="pairs in the wrong order",
    cause=r"num_pair|pair_method|topk|\bpairs\b", misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def one_pair_a_query_of_the_top(mended: bool) -> Seen:
    """lambdarank_num_pair_per_sample=1 was meant for 'mean'; the default is 'topk': only the first place is learned."""
    rng = np.random.default_rng(405)
    n, size = 6000, 60
    X = rng.normal(size=(n, 8))
    score = X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=n)
    q = np.arange(n) // size
    y = np.concatenate([np.argsort(np.argsort(score[q == i])) * 20 // size for i in range(n // size)])
    cut, end = n // 2, 3 * n // 4
    d, dv = (xgb.DMatrix(X[i], y[i], qid=q[i]) for i in (slice(0, cut), slice(cut, end)))
    params: dict[str, Any] = {"objective": "rank:pairwise", "eta": 0.1, "max_depth": 4, "eval_metric": "ndcg"}
    params |= {"lambdarank_num_pair_per_sample": 1, "ndcg_exp_gain": False}
    params |= {"lambdarank_pair_method": "mean"} if mended else {}
    m, run = xgb_run(params, d, 40, [(dv, "valid")])
    p, g = m.predict(xgb.DMatrix(X[end:])).reshape(-1, size), y[end:].reshape(-1, size)
    above = g[:, :, None] > g[:, None, :]
    wrong = (p[:, :, None] < p[:, None, :]) + 0.5 * (p[:, :, None] == p[:, None, :])
    return Seen(float(np.mean(wrong[above])), run, ask_params(params, d, 40, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #6861", "grades of a ranking", measure="training is refused", asked="params",
    cause=r"negative|below (0|zero)|less than (0|zero)|start at 0|smallest.{0,40}-\d", misleading=ELSEWHERE,
)  # fmt: skip
def grades_below_zero(mended: bool) -> Seen:
    """'Can labels of a ranking be negative, say from -2 to 2?' No: rank:ndcg refuses them, seen before training."""
    rng = np.random.default_rng(406)
    X = rng.normal(size=(800, 4))
    y = np.clip(np.round(X[:, 0] + rng.normal(size=800)), -2, 2) + (2 if mended else 0)
    d = xgb.DMatrix(X, y, qid=np.arange(800) // 20)
    params = {"objective": "rank:ndcg", "max_depth": 3}
    failed = refused(lambda: xgb.train({"nthread": 1, "verbosity": 0, **params}, d, 5))
    return Seen(failed, params=ask_params(params, d, 5))


@situation(
    "dmlc/xgboost #9979", "survival", measure="negative partial log-likelihood",
    cause=r"overfit|overtrain|fewer rounds|early_stopping|stop at|validation.{0,120}(rose|rises|worse|best)",
    misleading=ELSEWHERE,
)  # fmt: skip
def hazards_without_end(mended: bool) -> Seen:
    """Predictions of survival:cox are infinite: 500 rounds with eta=0.3 on 300 patients, and no stop."""
    rng = np.random.default_rng(407)
    X = rng.normal(size=(600, 6))
    life, end = rng.exponential(np.exp(-0.8 * X[:, 0] - 0.5 * X[:, 1])), rng.exponential(1.0, 600)
    y = np.where(life < end, life, -end)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "survival:cox", "eta": 0.03 if mended else 0.3, "max_depth": 2 if mended else 6}
    more = {"early_stopping_rounds": 20} if mended else {}
    m, run = xgb_run(params, d, 500, [(d, "train"), (dv, "valid")], **more)
    last = m.best_iteration + 1 if mended else 0
    m = m[:last] if last else m
    loss = float(m.eval(xgb.DMatrix(X[t], y[t])).rpartition(":")[2])
    return Seen(loss if np.isfinite(loss) else 1e9, run, ask_params(params, d, 500, evals=[(dv, "valid")], **more))


@situation(
    "dmlc/xgboost #11666", "survival", measure="training is refused", asked="params",
    cause=r"label_lower_bound|label_upper_bound|\bbounds?\b", misleading=ELSEWHERE,
)  # fmt: skip
def times_without_their_bounds(mended: bool) -> Seen:
    """'labels_lower_bound_.Size() == ndata (0 vs 420)': survival:aft reads bounds, and the times came as labels."""
    rng = np.random.default_rng(408)
    X = rng.normal(size=(600, 4))
    time, died = rng.exponential(np.exp(X[:, 0])), rng.random(600) < 0.7
    d = xgb.DMatrix(X, time)
    if mended:
        d = xgb.DMatrix(X, label_lower_bound=time, label_upper_bound=np.where(died, time, np.inf))
    params = {"objective": "survival:aft", "eval_metric": "aft-nloglik", "max_depth": 3, "eta": 0.1}
    failed = refused(lambda: xgb.train({"nthread": 1, "verbosity": 0, **params}, d, 5))
    return Seen(failed, params=ask_params(params, d, 5))


@situation(
    "dmlc/xgboost #10136", "quantiles", measure="how far the coverage is from 80 %",
    cause=r"overfit|overtrain|quantile.{0,240}(\blie\b|cover|share of|too (few|many)|%)|coverage",
    misleading=ELSEWHERE,
)  # fmt: skip
def quantiles_that_hug_the_training_rows(mended: bool) -> Seen:
    """'0.1 forecasts are higher than the actuals and 0.9 forecasts lower': deep trees know the training rows."""
    rng = np.random.default_rng(409)
    X = rng.uniform(-2, 2, size=(2400, 6))
    y = np.sin(2 * X[:, 0]) + X[:, 1] + (0.6 + 0.2 * X[:, 2]) * rng.normal(size=2400)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params: dict[str, Any] = {"objective": "reg:quantileerror", "eta": 0.1, "max_depth": 3 if mended else 10}
    params |= {"min_child_weight": 40} if mended else {}
    rounds, between = 100 if mended else 300, []
    for alpha in (0.1, 0.9):
        params |= {"quantile_alpha": alpha}
        m, run = xgb_run(params, d, rounds, [(d, "train"), (dv, "valid")])
        between.append(m.predict(xgb.DMatrix(X[t])))
    inside = float(np.mean((y[t] >= between[0]) & (y[t] <= between[1])))
    return Seen(abs(inside - 0.8), run, ask_params(params, d, rounds, evals=[(d, "train"), (dv, "valid")]))


@situation(
    "zzd1992/GBDTMO #1", "several outputs", measure="RMSE of the small output in its spreads",
    cause=r"(output|target|label|column)s?.{0,240}(scale|spread|deviation|range|large|small|standardi|normali|unit)",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def one_output_is_a_thousand_times_the_other(mended: bool) -> Seen:
    """'The range of the outputs should be the same, or the loss is unbalanced': vector leaves serve the large one."""
    rng = np.random.default_rng(410)
    X = rng.uniform(-2, 2, size=(2400, 8))
    small = np.sin(2 * X[:, 0]) + X[:, 1] + 0.2 * rng.normal(size=2400)
    large = 1000 * (np.sin(2 * X[:, 4]) + X[:, 5] * X[:, 6] + 0.6 * rng.normal(size=2400))
    a, v, t = thirds(2400)
    y = np.c_[small, large / (1000 if mended else 1)]
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"multi_strategy": "multi_output_tree", "tree_method": "hist", "eta": 0.1, "max_depth": 4}
    m, run = xgb_run(params, d, 80, [(d, "train"), (dv, "valid")])
    loss = rmse(small[t], m.predict(xgb.DMatrix(X[t]))[:, 0]) / small.std()
    return Seen(loss, run, ask_params(params, d, 80, evals=[(d, "train"), (dv, "valid")]))
