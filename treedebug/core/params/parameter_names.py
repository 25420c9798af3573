"""Parameter names: every library's spelling to one canonical name, the scikit-learn wrapper's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from treedebug.core.params.parameter_tables import (
    LIGHTGBM,
    LIGHTGBM_VERSION,
    XGBOOST_BOOSTERS,
    XGBOOST_COMMON,
    XGBOOST_OBJECTIVES,
    XGBOOST_VERSION,
)

TABLE_VERSIONS = {"lightgbm": LIGHTGBM_VERSION, "xgboost": XGBOOST_VERSION}
"""The version of each library whose parameters are known."""

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
_LIGHTGBM_NATIVE = {alias: native for native, aliases in LIGHTGBM.items() for alias in (native, *aliases)}
_XGBOOST_NATIVE = {
    "learning_rate": "eta", "reg_lambda": "lambda", "reg_alpha": "alpha", "min_split_loss": "gamma",
    "random_state": "seed", "n_jobs": "nthread",
}  # fmt: skip
_EVERYWHERE = frozenset((*XGBOOST_COMMON, *(n for names in XGBOOST_BOOSTERS.values() for n in names)))
_KNOWN = {
    "lightgbm": frozenset(_LIGHTGBM_NATIVE),
    "xgboost": _EVERYWHERE | {name for names in XGBOOST_OBJECTIVES.values() for name in names},
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "xgboost": {
        "booster": "gbtree", "objective": "reg:squarederror", "learning_rate": 0.3, "max_depth": 6, "max_leaves": 0,
        "min_child_weight": 1.0, "gamma": 0.0, "reg_lambda": 1.0, "reg_alpha": 0.0, "subsample": 1.0,
        "colsample_bytree": 1.0, "scale_pos_weight": 1.0, "max_delta_step": 0.0, "num_parallel_tree": 1,
        "grow_policy": "depthwise",
    },
    "lightgbm": {
        "boosting_type": "gbdt", "objective": "regression", "learning_rate": 0.1, "num_leaves": 31, "max_depth": -1,
        "min_child_samples": 20, "min_child_weight": 1e-3, "min_split_gain": 0.0, "reg_lambda": 0.0,
        "reg_alpha": 0.0, "subsample": 1.0, "subsample_freq": 0, "colsample_bytree": 1.0, "scale_pos_weight": 1.0,
        "is_unbalance": False, "data_sample_strategy": "bagging", "max_delta_step": 0.0,
    },
}  # fmt: skip
"""What the libraries take for the parameters that rules read, by canonical name."""
_LIGHTGBM_OBJECTIVES = {
    "regression": ("regression_l2", "l2", "mean_squared_error", "mse", "l2_root", "root_mean_squared_error", "rmse"),
    "regression_l1": ("l1", "mean_absolute_error", "mae"),
    "mape": ("mean_absolute_percentage_error",),
    "multiclass": ("softmax",),
    "multiclassova": ("multiclass_ova", "ova", "ovr"),
    "cross_entropy": ("xentropy",),
    "cross_entropy_lambda": ("xentlambda",),
    "rank_xendcg": ("xendcg", "xe_ndcg", "xe_ndcg_mart", "xendcg_mart"),
}


def native_name(name: str, library: str) -> str:
    """Return the one name the library itself uses for a parameter and all its aliases.

    Unknown names stay as they are.
    """
    return {"lightgbm": _LIGHTGBM_NATIVE, "xgboost": _XGBOOST_NATIVE}.get(library, {}).get(name, name)


def known_names(library: str) -> frozenset[str]:
    """Return every spelling of every parameter the library knows, whatever the booster."""
    return _KNOWN.get(library, frozenset())


def is_newer(library: str, version: str) -> bool:
    """Return whether a library's version (major and minor) is later than the one whose parameters are known."""
    return _minor(version) > _minor(TABLE_VERSIONS.get(library, version))


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for part in version.split(".")[:2] if (digits := "".join(filter(str.isdigit, part))))


def xgboost_takes(booster: str, objective: str) -> frozenset[str]:
    """Return every spelling that XGBoost uses with this booster and objective; of an unknown objective, all of them."""
    of_objective = XGBOOST_OBJECTIVES.get(objective)
    if of_objective is None:
        of_objective = tuple(n for names in XGBOOST_OBJECTIVES.values() for n in names)
    return frozenset((*XGBOOST_COMMON, *XGBOOST_BOOSTERS.get(booster, tuple(_EVERYWHERE)), *of_objective))


def objective_name(objective: str, library: str) -> str:
    """Return the library's own name of an objective."""
    if library == "lightgbm":
        return next((name for name, also in _LIGHTGBM_OBJECTIVES.items() if objective in also), objective)
    return "reg:squarederror" if objective == "reg:linear" else objective


def canonical_name(name: str, library: str) -> str:
    """Return the canonical name of a parameter from a library's spelling or an alias of it.

    Unknown names stay as they are.
    """
    if library == "lightgbm":
        native = _LIGHTGBM_NATIVE.get(name, name)
        return _LIGHTGBM.get(native, native)
    return _XGBOOST.get(name, name)


def canonical_params(params: Mapping[str, Any], library: str) -> dict[str, Any]:
    """Return the parameters under their canonical names, numbers as numbers."""
    return {canonical_name(name, library): number(value) for name, value in params.items()}


def number(value: Any) -> Any:
    """Return text that is a number as that number; everything else unchanged."""
    if not isinstance(value, str):
        return value
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
