"""What watches over a training: which datasets, which metrics, and what early stopping goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from treedebug.core.run.copied_sets import holds_training
from treedebug.core.run.eval_log import EvalLog, metric_direction
from treedebug.core.run.run_data import Header
from treedebug.signals.params.parameter_view import Params

_MAXIMIZED = ("auc", "pre", "map", "ndcg")
"""XGBoost's early stopping maximizes metrics that begin so, `mape` apart, and minimizes all others."""

_DEFAULT = {
    "binary:logistic": ("logloss",), "binary:logitraw": ("logloss",), "multi:softprob": ("mlogloss",),
    "multi:softmax": ("mlogloss",), "binary": ("binary_logloss",), "multiclass": ("multi_logloss",),
    "multiclassova": ("multi_logloss",),
}  # fmt: skip
"""What the libraries judge a classification by where no metric is named."""


@dataclass(frozen=True, eq=False)
class WatchedSets:
    """Datasets in the order they are evaluated, metrics, and early stopping."""

    library: str
    validation: tuple[str, ...]
    training: tuple[str, ...]
    """Names under which the training data is evaluated."""
    metrics: tuple[str, ...]
    patience: int | None
    planned: int | None
    """Rounds of this training, those before it not counted."""
    decides: str
    """The dataset that early stopping goes by; "" without one."""
    metric: str
    """The metric that decides; "" if unknown. LightGBM goes by all of them, and this is the first."""
    maximizes: bool | None
    """What early stopping takes for better, where known."""
    higher_is_better: bool | None
    """What the metric's name says."""

    @classmethod
    def measure(cls, header: Header, params: Params, log: EvalLog | None) -> Self:
        """Measure from the header, and the metrics recorded so far, if any."""
        facts = {n: d for n, d in header.data.items() if n != "(training data)"}
        training = tuple(n for n, d in facts.items() if d.get("is_training"))
        validation = tuple(n for n in facts if n not in training)
        metrics = tuple(log.metrics() if log is not None else ()) or _configured(params)
        patience = header.early_stopping_rounds
        if patience is None and params.library == "lightgbm":
            patience = int(params.numeric("early_stopping_round") or 0) or None
        told: dict[str, Any] = header.extra.get("stopping") or {}
        is_xgboost = params.library == "xgboost"
        order = list(facts) if is_xgboost else list(validation)
        decides = str(told.get("dataset") or (order[-1] if order else ""))
        metric = str(told.get("metric") or (metrics[-1 if is_xgboost else 0] if metrics else ""))
        planned = None if header.planned_rounds is None else header.planned_rounds - header.start_round
        return cls(
            params.library, validation, training, metrics, patience, planned, decides, metric,
            _maximizes(params.library, metric, told, log), metric_direction(metric) if metric else None,
        )  # fmt: skip


def _maximizes(library: str, metric: str, told: dict[str, Any], log: EvalLog | None) -> bool | None:
    if not metric:
        return None
    if library == "xgboost":
        wanted = told.get("maximize")
        return bool(wanted) if wanted is not None else metric != "mape" and metric.startswith(_MAXIMIZED)
    return None if log is None else log.directions.get(metric)


def is_copy(header: Header, dataset: str) -> bool:
    """Return whether a dataset has all the labels of the training data in their order, and is not said to be it."""
    return holds_training(header.data, dataset)


def _configured(params: Params) -> tuple[str, ...]:
    value = params.effective.get("eval_metric" if params.library == "xgboost" else "metric")
    names = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    if not value and not params.is_on("disable_default_eval_metric"):
        names = _DEFAULT.get(params.objective, ())
    return tuple(n for n in (str(m).strip() for m in names) if n and n not in ("None", "none", "null", "na", "custom"))
