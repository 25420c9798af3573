"""One name for each parameter of both libraries, from the libraries' own lists: the advice is not its own judge."""

from __future__ import annotations

from typing import Any

import lightgbm as lgb

from _advice.recipes import LIGHTGBM

_XGBOOST = {
    "eta": "learning_rate", "lambda": "reg_lambda", "alpha": "reg_alpha", "min_split_loss": "gamma",
    "num_boost_round": "n_estimators", "seed": "random_state", "nthread": "n_jobs",
}  # fmt: skip
_LIGHTGBM = {
    "num_iterations": "n_estimators", "bagging_fraction": "subsample", "bagging_freq": "subsample_freq",
    "feature_fraction": "colsample_bytree", "min_sum_hessian_in_leaf": "min_child_weight",
    "min_data_in_leaf": "min_child_samples", "lambda_l1": "reg_alpha", "lambda_l2": "reg_lambda",
    "min_gain_to_split": "min_split_gain", "boosting": "boosting_type", "early_stopping_round": "early_stopping_rounds",
}  # fmt: skip
_ALIASES: dict[str, list[str]] = lgb.basic._ConfigAliases._get_all_param_aliases()  # noqa: SLF001 - LightGBM's own list
LIGHTGBM_NATIVE = {alias: native for native, aliases in _ALIASES.items() for alias in (native, *aliases)}


def canonical(name: str, library: str) -> str:
    """The scikit-learn wrapper's name of a parameter and all its aliases."""
    if library == LIGHTGBM:
        native = LIGHTGBM_NATIVE.get(name, name)
        return _LIGHTGBM.get(native, native)
    return _XGBOOST.get(name, name)


def number(value: Any) -> Any:
    """Text that is a number as that number; everything else unchanged."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
