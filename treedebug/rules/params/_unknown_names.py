"""What was probably meant by a name the library does not know, and which names have no effect where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treedebug.core.params.parameter_names import canonical_name, known_names, native_name, number, xgboost_takes
from treedebug.core.run.run_data import Header
from treedebug.signals.params.parameter_view import Params

MEANT = {
    "xgboost": {
        "num_leaves": "max_leaves", "max_leaf_nodes": "max_leaves", "boosting": "booster", "boosting_type": "booster",
        "metric": "eval_metric", "metrics": "eval_metric", "feature_fraction": "colsample_bytree",
        "bagging_fraction": "subsample", "lambda_l1": "reg_alpha", "lambda_l2": "reg_lambda",
        "l2_leaf_reg": "reg_lambda",
        "min_sum_hessian_in_leaf": "min_child_weight", "min_data_in_leaf": "min_child_weight",
        "min_child_samples": "min_child_weight", "min_samples_leaf": "min_child_weight",
        "min_gain_to_split": "gamma", "min_split_gain": "gamma", "num_threads": "nthread", "verbose": "verbosity",
        "silent": "verbosity", "depth": "max_depth", "max_bins": "max_bin", "device_type": "device",
        "gpu_id": "device", "drop_rate": "rate_drop", "random_seed": "seed", "num_classes": "num_class",
        "max_leaf": "max_leaves", "loss": "objective", "is_unbalance": "scale_pos_weight",
    },
    "lightgbm": {
        "gamma": "min_gain_to_split", "min_split_loss": "min_gain_to_split", "eval_metric": "metric",
        "booster": "boosting", "colsample_bylevel": "feature_fraction_bynode", "tree_method": "tree_learner",
        "depth": "max_depth", "l2_leaf_reg": "lambda_l2", "iterations": "num_iterations", "silent": "verbosity",
        "max_features": "feature_fraction", "num_boosting_rounds": "num_iterations",
    },
}  # fmt: skip
"""Names of other libraries, and what this one calls the same thing."""
ARGUMENTS = {
    "xgboost": (
        "num_boost_round", "num_round", "n_estimators", "num_iterations", "n_iter", "iterations",
        "early_stopping_rounds", "early_stopping_round", "verbose_eval", "evals", "obj", "feval", "custom_metric",
        "maximize", "callbacks", "xgb_model", "evals_result",
    ),
    "lightgbm": ("valid_sets", "valid_names", "feval", "init_model", "callbacks", "keep_training_booster"),
}  # fmt: skip
"""Arguments of `train` that are often put among the parameters."""


def unused(params: Params) -> dict[str, str]:
    """Names the library knows and does not use here, each with the reason."""
    known = known_names(params.library)
    if params.library == "xgboost":
        takes = xgboost_takes(params.booster or "gbtree", params.objective)
        where = f"booster={params.booster or 'gbtree'} with {params.objective or 'this objective'} does not use it"
        found = {n: where for n, v in params.given.items() if n in known - takes and not _is_default(n, v)}
        if str(params.effective.get("tree_method")) == "exact":
            exact = "tree_method=exact grows every tree level by level; use hist"
            found |= {n: exact for n in ("max_leaves", "grow_policy", "max_bin") if _is_set(params, n)}
        return found
    reasons = {native: why for natives, why in _lightgbm_unused(params) for native in natives}
    return {
        name: reasons[native]
        for name, value in params.given.items()
        if (native := native_name(name, "lightgbm")) in reasons
        and not _is_default(canonical_name(name, "lightgbm"), value)
    }


_DEFAULTS: dict[str, Any] = {
    "subsample": 1.0, "subsample_freq": 0, "scale_pos_weight": 1.0, "is_unbalance": False, "drop_rate": 0.1,
    "rate_drop": 0.0, "top_rate": 0.2, "other_rate": 0.1, "alpha": 0.9, "fair_c": 1.0, "tweedie_variance_power": 1.5,
    "poisson_max_delta_step": 0.7, "linear_lambda": 0.0, "max_drop": 50, "skip_drop": 0.5, "num_grad_quant_bins": 4,
    "num_class": 1, "max_delta_step": 0, "learning_rate": 0.1, "max_depth": -1,
}  # fmt: skip


def idle_feature_weights(params: Params, header: Header) -> str:
    """Return why the weights of XGBoost's features do nothing; "" if they do something, or there are none."""
    given = any(facts.get("feature_weights") for facts in header.data.values() if facts.get("is_training"))
    drawn = [params.numeric(f"colsample_by{what}") for what in ("tree", "level", "node")]
    if not given or any(share is not None and share < 1.0 for share in drawn):
        return ""
    return (
        "feature_weights have no effect: columns are drawn by them, and no colsample_by... is below 1, so all are taken"
    )


def _is_set(params: Params, name: str) -> bool:
    value = params.given.get(name)
    return value is not None and number(value) not in (0, 256, "depthwise")


def _is_default(name: str, value: Any) -> bool:
    plain = number(value)
    return name in _DEFAULTS and bool(plain == _DEFAULTS[name])


def _lightgbm_unused(params: Params) -> Iterator[tuple[tuple[str, ...], str]]:
    goss = params.booster == "goss" or params.effective.get("data_sample_strategy") == "goss"
    if goss:
        yield ("bagging_fraction", "bagging_freq"), "goss draws the rows itself"
    elif not (params.numeric("subsample_freq") or 0) > 0:
        yield ("bagging_fraction",), "rows are only drawn if bagging_freq is 1 or more, and it is 0"
    if not goss:
        yield ("top_rate", "other_rate"), "only goss uses it (data_sample_strategy=goss)"
    if params.booster != "dart":
        yield ("drop_rate", "max_drop", "skip_drop", "xgboost_dart_mode", "uniform_drop"), "only boosting=dart uses it"
    if params.booster in ("rf", "random_forest"):
        yield ("learning_rate",), "a random forest does not shrink its trees"
    if not params.is_on("linear_tree"):
        yield ("linear_lambda",), "only linear_tree uses it"
    elif params.numeric("n_estimators") == 1:
        yield ("linear_tree",), "the first tree always has constant leaves, and there is one round: train more rounds"
    if not any(params.was_given(n) for n in ("header", "label_column", "two_round")):  # those are of files, too
        yield (
            ("ignore_column", "weight_column", "group_column"),
            "LightGBM reads it only with data that it loads itself from a file",
        )
    if not params.is_on("use_quantized_grad"):
        yield ("num_grad_quant_bins",), "only use_quantized_grad uses it"
    yield from _of_objective(params.objective.split(" ")[0])


def _of_objective(objective: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """What this objective does not use; a function of the user's own may use anything."""
    if objective in ("custom", ""):
        return
    for users, names in _OBJECTIVE_ONLY:
        if objective not in users:
            yield (
                names,
                f"objective={objective} does not use it"
                + (" (for the penalty on leaf values say lambda_l1)" if names == ("alpha",) else ""),
            )


_OBJECTIVE_ONLY = (
    (("binary", "multiclassova"), ("scale_pos_weight", "is_unbalance")),
    (("huber", "quantile"), ("alpha",)),
    (("fair",), ("fair_c",)),
    (("tweedie",), ("tweedie_variance_power",)),
    (("poisson",), ("poisson_max_delta_step",)),
)
