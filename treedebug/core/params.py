"""Parameter names: every library's spelling to one canonical name, the scikit-learn wrapper's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_XGBOOST = {
    "eta": "learning_rate",
    "lambda": "reg_lambda",
    "alpha": "reg_alpha",
    "min_split_loss": "gamma",
    "seed": "random_state",
    "nthread": "n_jobs",
    "num_boost_round": "n_estimators",
}
_LIGHTGBM = {
    "boosting": "boosting_type",
    "num_iterations": "n_estimators",
    "bin_construct_sample_cnt": "subsample_for_bin",
    "min_gain_to_split": "min_split_gain",
    "min_sum_hessian_in_leaf": "min_child_weight",
    "min_data_in_leaf": "min_child_samples",
    "bagging_fraction": "subsample",
    "bagging_freq": "subsample_freq",
    "feature_fraction": "colsample_bytree",
    "lambda_l1": "reg_alpha",
    "lambda_l2": "reg_lambda",
    "seed": "random_state",
    "num_threads": "n_jobs",
}
# LightGBM's documented aliases of the parameters above and of those that the recorder reads itself.
_LIGHTGBM_ALIASES = {
    "boosting": ("boosting_type", "boost"),
    "num_iterations": (
        "num_iteration", "n_iter", "num_tree", "num_trees", "num_round", "num_rounds", "nrounds", "num_boost_round",
        "n_estimators", "max_iter",
    ),
    "learning_rate": ("shrinkage_rate", "eta"),
    "num_leaves": ("num_leaf", "max_leaves", "max_leaf", "max_leaf_nodes"),
    "min_gain_to_split": ("min_split_gain",),
    "min_sum_hessian_in_leaf": (
        "min_sum_hessian_per_leaf", "min_sum_hessian", "min_hessian", "min_child_weight",
    ),
    "min_data_in_leaf": ("min_data_per_leaf", "min_data", "min_child_samples", "min_samples_leaf"),
    "bagging_fraction": ("sub_row", "subsample", "bagging"),
    "bagging_freq": ("subsample_freq",),
    "feature_fraction": ("sub_feature", "colsample_bytree"),
    "lambda_l1": ("reg_alpha", "l1_regularization"),
    "lambda_l2": ("reg_lambda", "lambda", "l2_regularization"),
    "seed": ("random_seed", "random_state"),
    "num_threads": ("num_thread", "nthread", "nthreads", "n_jobs"),
    "early_stopping_round": ("early_stopping_rounds", "early_stopping", "n_iter_no_change"),
    "is_unbalance": ("unbalance", "unbalanced_sets"),
    "objective": ("objective_type", "app", "application", "loss"),
    "metric": ("metrics", "metric_types"),
    "num_class": ("num_classes",),
    "bin_construct_sample_cnt": ("subsample_for_bin",),
}  # fmt: skip


def canonical_name(name: str, library: str) -> str:
    """The canonical name of a parameter from a library's spelling or an alias of it; unknown names stay as they are."""
    if library == "lightgbm":
        for native, aliases in _LIGHTGBM_ALIASES.items():
            if name == native or name in aliases:
                return _LIGHTGBM.get(native, native)
        return _LIGHTGBM.get(name, name)
    return _XGBOOST.get(name, name)


def canonical_params(params: Mapping[str, Any], library: str) -> dict[str, Any]:
    """Parameters under their canonical names, numbers as numbers."""
    return {canonical_name(name, library): number(value) for name, value in params.items()}


def number(value: Any) -> Any:
    """Text that is a number as that number; everything else unchanged."""
    if not isinstance(value, str):
        return value
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


def jsonable(value: Any) -> Any:
    """A parameter as JSON-able data: callables by name, arrays as lists, anything else by its repr."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(v) for v in value]
    if hasattr(value, "tolist"):
        return jsonable(value.tolist())
    name = getattr(value, "__qualname__", None)
    return f"<{name}>" if name else repr(value)[:200]
