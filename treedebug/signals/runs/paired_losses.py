"""Two runs on the same validation rows: how far their losses differ row by row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.margin_log import MarginLog, MarginRecord, row_losses
from treedebug.core.run.run_data import RunData
from treedebug.signals.curves.metric_facts import LOGLOSSES, base_name, class_weights

Floats = NDArray[np.float64]
_ERRORS = ("error", "merror", "binary_error", "multi_error")
_SQUARED, _ROOTS, _ABSOLUTE = ("mse", "l2"), ("rmse",), ("mae", "l1")


def paired_error(runs: tuple[RunData, RunData], *, dataset: str, metric: str, best: tuple[int, int]) -> float | None:
    """Return the standard error of the difference of a metric of two runs, from the differences on the same rows.

    That is the paired t-test's (Student, "The Probable Error of a Mean", 1908): rows that are hard for both cancel out.
    The rows' losses are those of the recorded round nearest to each run's `best`. None where they were not kept (see
    `row_margins`), where the rows are not the same, or where the metric is not a mean over rows.
    """
    records = [_nearest(run, dataset, at) for run, at in zip(runs, best, strict=True)]
    if records[0] is None or records[1] is None or not _same_rows(runs, dataset):
        return None
    losses = [_losses(r, metric, run.header.n_classes) for r, run in zip(records, runs, strict=True) if r is not None]
    if losses[0] is None or losses[1] is None:
        return None
    difference = losses[1] - losses[0]
    if len(difference) < 2 or not np.isfinite(difference).all():  # a scatter takes two
        return None
    error = float(difference.std(ddof=1) / np.sqrt(len(difference)))
    if base_name(metric) in _ROOTS:  # a - b = (a^2 - b^2) / (a + b)
        total = float(np.sqrt(losses[0].mean()) + np.sqrt(losses[1].mean()))
        return error / total if total > 0 else 0.0
    return error


def _nearest(run: RunData, dataset: str, round_index: int) -> MarginRecord | None:
    log = run.stream(MarginLog)
    found = [] if log is None else log.of(dataset)
    return min(found, key=lambda r: abs(r.round_index - round_index), default=None)


def _same_rows(runs: tuple[RunData, RunData], dataset: str) -> bool:
    """Return whether the same rows were kept, by their labels; weighted ones are not judged."""
    logs = [run.stream(MarginLog) for run in runs]
    labels = [None if log is None else log.labels.get(dataset) for log in logs]
    weighted = any(class_weights(run.header.data.get(dataset, {}).get("label")) is not None for run in runs)
    if labels[0] is None or labels[1] is None or weighted:
        return False
    return bool(np.array_equal(labels[0], labels[1]))


def _losses(record: MarginRecord, metric: str, n_classes: int) -> Floats | None:
    """Return (n_kept,) what each row adds to the metric; None for a metric that is not a mean over rows."""
    base, margin = base_name(metric), record.margin.astype(np.float64)
    if n_classes and base in LOGLOSSES:
        return row_losses(record, n_classes).astype(np.float64)
    if n_classes and base in _ERRORS and "@" not in metric:
        return (margin < 0).astype(np.float64)
    if not n_classes and base in (*_SQUARED, *_ROOTS):
        return np.square(margin)
    return -margin if not n_classes and base in _ABSOLUTE else None
