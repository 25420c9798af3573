"""The fourth fresh batch, data and workflow: rare classes, weights, thresholds, probabilities, labels."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Seen, situation
from .parameters import ELSEWHERE
from .ways import ask_params, ask_table, draw, lgb_run, log_loss, mae, one_minus_auc, thirds, xgb_run

Array = np.ndarray


def rare(n: int, seed: int, level: float) -> tuple[Array, Array]:
    """Two classes of which one is rare; the chances are known to nobody."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    return X, draw(0.9 * X[:, 0] + 0.7 * X[:, 1] * X[:, 2] + level, rng)


SHARE = r"share|probabilit|positives|base rate|undersampl|resampl|balance"


@situation(
    "lightgbm-org/LightGBM #1042", "resampled training rows", measure="log loss",
    cause=rf"(predict|probabilit|mean|labels?).{{0,200}}({SHARE})|"
    r"% of the rows of \w+ and .{0,12}in the training data",
    misleading=ELSEWHERE + "|overfit|num_leaves",
)  # fmt: skip
def undersampled_and_judged_as_it_is(mended: bool) -> Seen:
    """Only a tenth of the majority class is kept in training, for memory; the probabilities are five times too high."""
    X, y = rare(20000, 221, -4.2)
    a, v, t = thirds(len(y))
    rows = np.arange(len(y))[a]
    kept = np.random.default_rng(221).random(len(rows)) < 0.1
    rows = rows[(y[rows] == 1) | kept]
    w = np.where(y[rows] == 1, 1.0, 10.0) if mended else None
    d = lgb.Dataset(X[rows], y[rows], weight=w, free_raw_data=False)
    params = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.05}
    m, run = lgb_run(params, d, 80, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, table=ask_table(X[rows], y[rows], valid=(X[v], y[v])))


WEIGHTS = r"is_unbalance|scale_pos_weight|class weights?|\bweight"


@situation(
    "lightgbm-org/LightGBM #6229", "probabilities under class weights", measure="log loss",
    cause=WEIGHTS, misleading=ELSEWHERE + "|num_leaves",
)  # fmt: skip
def is_unbalance_at_two_in_a_thousand(mended: bool) -> Seen:
    """With is_unbalance on 99.8 % to 0.2 % predict_proba gives nothing but 1.0 and 0.0."""
    X, y = rare(16000, 222, -7.2)
    a, v, t = thirds(len(y))
    d = lgb.Dataset(X[a], y[a], free_raw_data=False)
    params = {"objective": "binary", "num_leaves": 7 if mended else 31, "learning_rate": 0.02 if mended else 0.1}
    params |= {"min_data_in_leaf": 40} if mended else {"is_unbalance": True}
    m, run = lgb_run(params, d, 100, [(d.create_valid(X[v], y[v]), "valid")])
    return Seen(log_loss(y[t], m.predict(X[t])), run, ask_params(params, d, 100))


@situation(
    "stats.stackexchange #417806", "probabilities under class weights", measure="log loss",
    cause=r"scale_pos_weight.{0,200}probabilit|probabilit.{0,200}(scale_pos_weight|weight)|" + WEIGHTS,
    misleading=ELSEWHERE,
)  # fmt: skip
def a_thousand_trees_and_a_weight_of_ten(mended: bool) -> Seen:
    """Classes are 10 to 1 and the reliability curve is no diagonal: scale_pos_weight=10 was set."""
    X, y = rare(6000, 223, -2.9)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.02, "max_depth": 3} | (
        {} if mended else {"scale_pos_weight": 10}
    )
    m, run = xgb_run(params, d, 150, [(dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 150, evals=[(dv, "valid")]))


THRESHOLD = r"threshold|cut.?off|\b0\.5\b|rare|imbalanc|never predicted|majority"


@situation(
    "datascience.stackexchange #17857", "threshold of a rare class", measure="1 - F1", cause=THRESHOLD,
    misleading=ELSEWHERE + "|overfit|underfit|max_depth",
)  # fmt: skip
def every_row_is_called_negative(mended: bool) -> Seen:
    """With 7 % positives no probability is above 0.5, and all are called negative: F1 is best at a threshold of 0.1."""
    X, y = rare(8000, 224, -3.2)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eval_metric": "error", "eta": 0.05, "max_depth": 3}
    m, run = xgb_run(params, d, 100, [(d, "train"), (dv, "valid")])
    p, q = m.predict(xgb.DMatrix(X[v])), m.predict(xgb.DMatrix(X[t]))
    cuts = np.linspace(0.02, 0.5, 49)
    cut = cuts[np.argmax([_f1(y[v], p > c) for c in cuts])] if mended else 0.5
    return Seen(1 - _f1(y[t], q > cut), () if mended else run)


def _f1(y: Array, called: Array) -> float:
    right = float(np.sum(called & (y == 1)))
    return 2 * right / max(float(called.sum() + (y == 1).sum()), 1.0)


@situation(
    "alteryx/evalml #2080", "accuracy of a rare class", measure="1 - AUC",
    cause=r"(error|accuracy).{0,240}(threshold|rare|majority|imbalanc|constant|every row|same|ties?|coarse|0\.5|"
    r"best in round 0|another metric|logloss|auc)|(logloss|\bauc\b|aucpr).{0,120}(error|accuracy)|" + THRESHOLD,
    misleading=ELSEWHERE + "|overfit|overtrain",
)  # fmt: skip
def ninety_five_percent_by_calling_nobody(mended: bool) -> Seen:
    """The baseline that calls nobody has the best accuracy, 0.951: by that metric training stops in its first round."""
    X, y = rare(6000, 225, -3.6)
    a, v, t = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.05, "max_depth": 3}
    params |= {"eval_metric": "logloss" if mended else "error"}
    m, run = xgb_run(params, d, 300, [(dv, "valid")], early_stopping_rounds=20)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(
        one_minus_auc(y[t], p), run, ask_params(params, d, 300, evals=[(dv, "valid")], early_stopping_rounds=20)
    )


@situation(
    "hankehly/JapanHorseRaceAnalytics #41", "probabilities under class weights", measure="log loss", asked="params",
    cause=r"scale_pos_weight.{0,240}(balance|share|already|twice|half|50 %|equal|as many)|"
    r"(already|twice|balanced).{0,160}scale_pos_weight",
    misleading=ELSEWHERE,
)  # fmt: skip
def smote_and_a_weight_on_top(mended: bool) -> Seen:
    """SMOTE has made the classes equal, and the weight of the positive class is raised all the same."""
    X, y = rare(6000, 226, -2.6)
    a, v, t = thirds(len(y))
    rng = np.random.default_rng(226)
    positive = np.flatnonzero(y[a] == 1)
    more = int((y[a] == 0).sum() - len(positive))
    i, j = rng.choice(positive, (2, more))
    made = X[i] + rng.random((more, 1)) * (X[j] - X[i])
    both, labels = np.r_[X[a], made], np.r_[y[a], np.ones(more, int)]
    order = rng.permutation(len(labels))
    d, dv = xgb.DMatrix(both[order], labels[order]), xgb.DMatrix(X[v], y[v])
    params = {"objective": "binary:logistic", "eta": 0.1, "max_depth": 3} | ({} if mended else {"scale_pos_weight": 9})
    m, run = xgb_run(params, d, 80, [(d, "train"), (dv, "valid")])
    return Seen(log_loss(y[t], m.predict(xgb.DMatrix(X[t]))), run, ask_params(params, d, 80, evals=[(dv, "valid")]))


@situation(
    "dmlc/xgboost #803", "labels that differ between sets", measure="error rate",
    cause=r"labels?.{0,160}(number|encod|shift|order|code|permut|mean(s|ing)? (something|other)|out of step|belong|"
    r"relation|align|not those)|labels and rows|(no better|not better|worse) than (a )?constant|never (beats|better)",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def the_labels_of_validation_are_encoded_anew(mended: bool) -> Seen:
    """The wrapper encodes the training labels and not those of eval_set: class b is 1 in one and 0 in the other."""
    rng = np.random.default_rng(227)
    n = 4000
    X = rng.normal(size=(n, 6))
    y = np.digitize(X[:, 0] + 0.8 * X[:, 1] + 0.5 * rng.normal(size=n), [-1.2, 0.0, 1.2])
    a, v, t = thirds(n)
    z = y[v] if mended else np.array([3, 0, 1, 2])[y[v]]
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], z)
    params = {"objective": "multi:softprob", "num_class": 4, "eta": 0.1, "max_depth": 3}
    m, run = xgb_run(params, d, 200, [(d, "train"), (dv, "validation_0")], early_stopping_rounds=10)
    p = m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1))
    return Seen(float(np.mean(np.argmax(p, axis=1) != y[t])), run, table=ask_table(X[a], y[a], valid=(X[v], z)))


@situation(
    "datascience.stackexchange #75903", "a label with a heavy tail", measure="error of the logarithm",
    cause=r"labels?.{0,200}(heavy|tail|outlier|skew|logarithm|\blog\b|large(st)? (values|labels)|times the median|"
    r"squared)|(outlier|skew|heavy tail|logarithm|few (large|rows)).{0,160}(labels?|error|loss)",
    misleading=ELSEWHERE + "|overfit",
)  # fmt: skip
def spikes_of_five_thousand(mended: bool) -> Seen:
    """Labels lie between 5 and 30 and spike up to 5,000: their squares are all that squared error sees."""
    rng = np.random.default_rng(228)
    n = 4000
    X = rng.normal(size=(n, 6))
    z = 2.6 + 0.5 * X[:, 0] + 0.3 * X[:, 1] + 0.2 * rng.normal(size=n)
    z = z + (rng.random(n) < 0.02) * rng.uniform(2, 5.5, n)
    y = np.exp(z)
    a, v, t = thirds(n)
    change, back = (np.log, np.exp) if mended else (np.asarray, np.asarray)
    d, dv = xgb.DMatrix(X[a], change(y[a])), xgb.DMatrix(X[v], change(y[v]))
    m, run = xgb_run({"eta": 0.1, "max_depth": 4}, d, 100, [(d, "train"), (dv, "valid")], early_stopping_rounds=20)
    p = back(m.predict(xgb.DMatrix(X[t]), iteration_range=(0, m.best_iteration + 1)))
    return Seen(mae(np.log(y[t]), np.log(np.maximum(p, 1.0))), run, table=ask_table(X[a], change(y[a])))
