"""What a training of a booster tells before its first round: rows, rounds planned, loss, rate, kind of booster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from treedebug.core.params.parameter_names import canonical_name
from treedebug.core.plain_json import plain
from treedebug.recorders.caller_frames import caller_locals

_DEFAULT_RATE = {"xgboost": 0.3, "lightgbm": 0.1}
_LOSSES = {
    "binary:logistic": "logloss", "binary:logitraw": "logloss", "binary": "logloss", "reg:squarederror": "rmse",
    "reg:linear": "rmse", "regression": "rmse", "regression_l2": "rmse", "l2": "rmse", "mean_squared_error": "rmse",
    "mse": "rmse", "l2_root": "rmse", "rmse": "rmse", "root_mean_squared_error": "rmse",
}  # fmt: skip
_DEFAULT_OBJECTIVE = {"xgboost": "reg:squarederror", "lightgbm": "regression"}
REFUSED = {
    "dart": "DART rescales earlier trees by the learning rate, in every round anew: the rate is no step size there",
    "rf": "in a random forest trees are averaged, and the learning rate is ignored",
}
"""Kinds of boosters without a rate that could be scheduled, and why."""
XGBOOST, LIGHTGBM = "xgboost.training", "lightgbm.engine"


@dataclass(frozen=True)
class TrainingFacts:
    """Facts of one training that is about to begin; None for what it does not tell."""

    library: str
    start: int
    """Rounds the booster already has."""
    planned: int | None
    """Rounds this training adds."""
    n_rows: int | None
    """Rows that each booster is trained on."""
    loss: str | None
    """"logloss" or "rmse", where the objective is a binary classification or a least-squares regression."""
    rate: float | None
    """The learning rate in force; None where it cannot be told."""
    booster: str
    """"gbtree", "dart", "rf", ..., as the parameters say."""
    is_cv: bool
    training: frozenset[str] = frozenset()
    """Names of evaluated datasets that are the training data."""
    evaluated: frozenset[str] | None = None
    """Names of the evaluated datasets; None where that is not known yet."""


def xgboost_facts(model: Any) -> TrainingFacts:
    """Return the facts of the training that calls XGBoost's `before_training` or its first `before_iteration`."""
    is_cv = hasattr(model, "cvfolds")
    frame = caller_locals(XGBOOST, "cv" if is_cv else "train")
    params = _canonical(frame.get("params"), "xgboost")
    continued = bool(not frame or frame.get("xgb_model") is not None) and not is_cv
    evals = frame.get("evals") or []
    training = frame.get("dtrain")
    names = ["train", "test"] if is_cv else [name for _, name in evals]
    rows = _rows([pack.dtrain for pack in model.cvfolds] if is_cv else [training])
    return TrainingFacts(
        "xgboost",
        start=int(model.num_boosted_rounds()) if continued else 0,
        planned=_count(frame.get("num_boost_round")),
        n_rows=rows,
        loss=_loss(params, "xgboost") if not continued or "objective" in params else None,
        rate=None if continued else _number(params.get("learning_rate", _DEFAULT_RATE["xgboost"])),
        booster=_kind(params, "xgboost"),
        is_cv=is_cv,
        training=frozenset(["train"] if is_cv else [name for data, name in evals if data is training]),
        evaluated=frozenset(names) if frame else None,
    )


def lightgbm_facts(env: Any) -> TrainingFacts:
    """Return the facts of the training that calls a callback of LightGBM before its first round."""
    is_cv = hasattr(env.model, "boosters")
    params = _canonical(env.params, "lightgbm")
    boosters = env.model.boosters if is_cv else [env.model]
    return TrainingFacts(
        "lightgbm",
        start=int(env.begin_iteration),
        planned=int(env.end_iteration - env.begin_iteration),
        n_rows=_rows([getattr(booster, "train_set", None) for booster in boosters]),
        loss=_loss(params, "lightgbm"),
        rate=_number(params.get("learning_rate", _DEFAULT_RATE["lightgbm"])),
        booster=_kind(params, "lightgbm"),
        is_cv=is_cv,
        training=frozenset({"train", *(str(getattr(b, "_train_data_name", "training")) for b in boosters)}),
    )


def booster_kind(params: Any, library: str) -> str:
    """Return "gbtree", "gbdt", "dart", "rf", ..., as the parameters say, in whatever spelling."""
    return _kind(_canonical(params, library), library)


def _kind(params: Mapping[str, Any], library: str) -> str:
    name, default = ("booster", "gbtree") if library == "xgboost" else ("boosting_type", "gbdt")
    kind = str(params.get(name) or default)
    return "rf" if kind == "random_forest" else kind


def _canonical(params: Any, library: str) -> dict[str, Any]:
    pairs = params.items() if isinstance(params, Mapping) else (params or [])
    return {canonical_name(str(name), library): value for name, value in pairs if value is not None}


def _loss(params: Mapping[str, Any], library: str) -> str | None:
    objective = params.get("objective", _DEFAULT_OBJECTIVE[library])
    return _LOSSES.get(objective) if isinstance(objective, str) else None


def _rows(tables: list[Any]) -> int | None:
    for table in tables:
        count = getattr(table, "num_row", None) or getattr(table, "num_data", None)
        if callable(count):
            return int(count())
    return None


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int) and value > 0 else None


def _number(value: Any) -> float | None:
    number = plain(value)
    return float(number) if isinstance(number, int | float) and not isinstance(number, bool) else None
