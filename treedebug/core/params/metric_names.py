"""The names of LightGBM's metrics, and which of them are for more than two classes."""

from __future__ import annotations

from typing import Any

_NOTHING = ("", "none", "null", "na", "custom")
MULTICLASS = frozenset((
    "multi_logloss", "multiclass", "softmax", "multiclassova", "multiclass_ova", "ova", "ovr", "multi_error", "auc_mu",
))  # fmt: skip
"""The only metrics that LightGBM takes with an objective of many classes, and with no other."""
_OTHERS = (
    "l1", "mean_absolute_error", "mae", "regression_l1", "l2", "mean_squared_error", "mse", "regression_l2",
    "regression", "rmse", "root_mean_squared_error", "l2_root", "r2", "quantile", "mape",
    "mean_absolute_percentage_error", "huber", "fair", "poisson", "gamma", "gamma_deviance", "tweedie", "ndcg",
    "lambdarank", "rank_xendcg", "xendcg", "xe_ndcg", "xe_ndcg_mart", "xendcg_mart", "map", "mean_average_precision",
    "auc", "average_precision", "binary_logloss", "binary", "binary_error", "cross_entropy", "xentropy",
    "cross_entropy_lambda", "xentlambda", "kullback_leibler", "kldiv",
)  # fmt: skip
KNOWN_METRICS = MULTICLASS | frozenset(_OTHERS)
"""What LightGBM's `metric` takes; it drops any other name without an error."""


def metric_list(value: Any) -> list[str]:
    """Return the metrics that a parameter names, without those that stand for none and functions of the user's own."""
    names = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple | set) else []
    told = [str(n).strip() for n in names]
    return [n for n in told if n.lower() not in _NOTHING and not n.startswith("<")]
