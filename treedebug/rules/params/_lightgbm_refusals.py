"""What LightGBM refuses: numbers out of bounds, unknown words, and metrics beside the wrong objective."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from treedebug.core.params.metric_names import KNOWN_METRICS, MULTICLASS, metric_list
from treedebug.core.params.parameter_names import native_name, number
from treedebug.core.phrases import figure
from treedebug.signals.params.parameter_view import Params

_FROM_ZERO, _ABOVE_ZERO, _SHARE = ("0 or more", 0.0, math.inf, False), ("above 0", 0.0, math.inf, True), "above 0, to 1"
_BOUNDS: dict[str, tuple[str, float, float, bool]] = {
    **dict.fromkeys(("learning_rate", "scale_pos_weight", "sigmoid", "fair_c", "poisson_max_delta_step",
                     "min_data_per_group", "max_cat_threshold", "max_cat_to_onehot", "min_data_in_bin", "top_k",
                     "bin_construct_sample_cnt", "lambdarank_truncation_level", "num_class", "alpha"), _ABOVE_ZERO),
    **dict.fromkeys(("cat_l2", "cat_smooth", "path_smooth", "linear_lambda", "monotone_penalty",
                     "early_stopping_min_delta", "num_iterations"), _FROM_ZERO),
    **dict.fromkeys(("bagging_fraction", "pos_bagging_fraction", "neg_bagging_fraction", "feature_fraction",
                     "feature_fraction_bynode"), (_SHARE, 0.0, 1.0, True)),
    **dict.fromkeys(("drop_rate", "skip_drop", "top_rate", "other_rate"), ("0 to 1", 0.0, 1.0, False)),
    "max_bin": ("2 or more", 2.0, math.inf, False), "num_leaves": ("2 to 131072", 2.0, 131072.0, False),
}  # fmt: skip
"""What LightGBM takes, in words; the bounds; and whether the lower one is outside."""
_WORDS = {
    "boosting": ("gbdt", "gbrt", "rf", "random_forest", "dart", "goss"),
    "tree_learner": ("serial", "feature", "data", "voting", "feature_parallel", "data_parallel", "voting_parallel"),
    "objective": (
        "regression", "regression_l2", "l2", "mean_squared_error", "mse", "l2_root", "root_mean_squared_error", "rmse",
        "regression_l1", "l1", "mean_absolute_error", "mae", "huber", "fair", "poisson", "quantile", "mape",
        "mean_absolute_percentage_error", "gamma", "tweedie", "binary", "multiclass", "softmax", "multiclassova",
        "multiclass_ova", "ova", "ovr", "cross_entropy", "xentropy", "cross_entropy_lambda", "xentlambda", "lambdarank",
        "rank_xendcg", "xendcg", "xe_ndcg", "xe_ndcg_mart", "xendcg_mart", "none", "null", "custom", "na", "None", "",
    ),
}  # fmt: skip
_THEIRS = {
    "binary:logistic": "binary", "reg:squarederror": "regression", "reg:linear": "regression", "gbtree": "gbdt",
    "multi:softprob": "multiclass", "multi:softmax": "multiclass", "reg:absoluteerror": "regression_l1",
    "count:poisson": "poisson", "reg:gamma": "gamma", "reg:tweedie": "tweedie", "rank:ndcg": "lambdarank",
    "rank:pairwise": "lambdarank", "reg:quantileerror": "quantile", "reg:logistic": "cross_entropy",
}  # fmt: skip
"""XGBoost's words for the same."""


def refused_by_lightgbm(params: Params, *, newer: bool) -> Iterator[tuple[str, str]]:
    """Yield the names given whose value LightGBM refuses, or drops; a newer one may know other words."""
    for name, value in params.given.items():
        native = native_name(name, "lightgbm")
        if native == "metric":
            yield from _metrics(params, name, value, newer=newer)
        elif native in _WORDS and isinstance(value, str) and not value.startswith("<"):
            if value not in _WORDS[native] and (not newer or value in _THEIRS):
                hint = f" Did you mean {_THEIRS[value]!r}?" if value in _THEIRS else ""
                yield name, f"LightGBM refuses {name}={value!r}: it knows no such {native}.{hint}"
        else:
            yield from _beyond(params, name, native, number(value))
    yield from _goss(params)


def _beyond(params: Params, name: str, native: str, amount: Any) -> Iterator[tuple[str, str]]:
    taken, low, high, is_open = _BOUNDS.get(native, ("", -math.inf, math.inf, False))
    if native == "alpha" and params.objective == "quantile":
        taken, high = "a share between 0 and 1", math.nextafter(1.0, 0.0)
    if isinstance(amount, int | float) and not (low < amount <= high or (amount == low and not is_open)):
        yield name, f"LightGBM refuses {name}={amount!r}: it takes {taken}"


def _metrics(params: Params, name: str, value: Any, *, newer: bool) -> Iterator[tuple[str, str]]:
    for metric in metric_list(value):
        if metric not in KNOWN_METRICS and (newer or "@" in metric):
            continue
        if metric not in KNOWN_METRICS:
            why = "goes on without it, and early stopping may find no metric at all"
            yield name, f"LightGBM knows no metric {metric!r} and {why}: an own metric goes to feval"
        elif params.family and (metric in MULTICLASS) != (params.family == "multi"):
            better = "; for more than two classes say auc_mu" if metric == "auc" else ""
            many = "two classes or amounts" if params.family == "multi" else "many classes"
            why = f"with objective={params.objective}: it is for {many}{better}"
            yield name, f"LightGBM refuses metric={metric!r} {why}"


def _goss(params: Params) -> Iterator[tuple[str, str]]:
    top, other = params.numeric("top_rate"), params.numeric("other_rate")
    top, other = 0.2 if top is None else top, 0.1 if other is None else other
    if "goss" in (params.booster, params.effective.get("data_sample_strategy")) and top + other > 1.0:
        both = f"top_rate={figure(top)} and other_rate={figure(other)}"
        yield "top_rate", f"LightGBM refuses {both}: both are shares of all rows, and together 1 at most"
