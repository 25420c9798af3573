"""What others would have said of the same runs: SageMaker Debugger at its defaults, and plain early stopping.

Debugger's rules were never open source: they are written here after its documentation, given everything treedebug
recorded, LightGBM's runs too (which Debugger does not support), and judged in every round it would have seen.
"Similar" is `UnchangedTensor` on the deciding metric; `SimilarAcrossRuns` needs a second run and is left out.
"""

from __future__ import annotations

import math

import numpy as np

from _faults.tables import Floats
from treedebug.core.run.run_data import RunData

CAUSES = {
    "Overfit": "CV101", "Overtraining": "CV102", "LossNotDecreasing": "CV104", "ClassImbalance": "CL401",
    "Confusion": "CL402", "TreeDepth": "TR201", "FeatureImportanceOverweight": "FT302", "UnchangedTensor": "TR207",
}  # fmt: skip
"""The code of ours that names the same flaw."""
PATIENCE = 30
"""Rounds without a better validation value until the plain early stopping stops."""


def fired(run: RunData) -> dict[str, int | None]:
    """Rounds recorded when each rule first fired; None if it never did."""
    train, valid = _curves(run)
    rules = {
        "Overfit": _first(_overfit(train, valid)),
        "Overtraining": _overtraining(train, valid),
        "LossNotDecreasing": _first(_not_decreasing(train)),
        "ClassImbalance": _imbalance(run),
        "Confusion": _confusion(run),
        "TreeDepth": _tree_depth(run),
        "FeatureImportanceOverweight": _overweight(run),
        "UnchangedTensor": _first(_unchanged(valid if valid is not None else train)),
    }
    return rules | {"early stopping": _early_stopping(valid)}


def _curves(run: RunData) -> tuple[Floats | None, Floats | None]:
    """The metric that decides, on training and on validation data, lower is better."""
    found: dict[bool, Floats] = {}
    for dataset, metric in run.evals.keys():  # not a dict
        series = run.evals.series(dataset, metric)
        if metric != "spread":
            found[run.evals.is_training(dataset)] = -series.values if series.higher_is_better else series.values
    return found.get(True), found.get(False)


def _first(bad: Floats | None) -> int | None:
    return int(np.argmax(bad)) + 1 if bad is not None and bad.any() else None


def _overfit(train: Floats | None, valid: Floats | None) -> Floats | None:
    """(validation - training) / training over 0.1, once."""
    if train is None or valid is None:
        return None
    n = min(len(train), len(valid))
    with np.errstate(all="ignore"):
        return (valid[:n] - train[:n]) / np.abs(train[:n]) > 0.1


def _overtraining(train: Floats | None, valid: Floats | None) -> int | None:
    """Not better by 0.01 for 5 rounds on training and 10 on validation data."""
    if train is None or valid is None:
        return None
    waits = [_waits(train), _waits(valid)]
    n = min(len(w) for w in waits)
    return _first((waits[0][:n] >= 5) & (waits[1][:n] >= 10))


def _waits(curve: Floats, delta: float = 0.01) -> Floats:
    best, wait, waits = math.inf, 0, []
    for value in curve:
        if value < best - delta:
            best, wait = value, 0
        else:
            wait += 1
        waits.append(wait)
    return np.array(waits)


def _not_decreasing(train: Floats | None) -> Floats | None:
    """Training loss falls by less than 0.1 % in ten rounds."""
    if train is None or len(train) <= 10:
        return None
    bad = np.zeros(len(train), dtype=bool)
    with np.errstate(all="ignore"):
        bad[10:] = (train[:-10] - train[10:]) / np.abs(train[:-10]) < 0.001
    return bad


def _imbalance(run: RunData) -> int | None:
    """Ten rows of the largest class for each of the smallest."""
    label = run.header.training_label() or {}
    counts = np.array(label.get("counts", []), dtype=float)
    return 1 if len(counts) > 1 and counts.max() > 10 * max(counts.min(), 1e-9) else None


def _confusion(run: RunData) -> int | None:
    """A class with under 0.9 of its rows on the diagonal, or over 0.1 called one other class."""
    for record in run.classes:
        rows = record.confusion.sum(axis=1, keepdims=True)
        share = record.confusion / np.maximum(rows, 1)
        has = rows[:, 0] > 0
        if (np.diag(share)[has] < 0.9).any() or (share - np.diag(np.diag(share)) > 0.1).any():
            return record.round_index + 1
    return None


def _tree_depth(run: RunData) -> int | None:
    """log2 of the largest node id over 4; node ids count up to the number of nodes."""
    summary = run.summary
    if summary is None:
        return None
    last = 2 * summary.column("n_leaves") - 2
    deep = np.log2(np.maximum(last, 1)) > 4
    return int(summary.column("round_index")[int(deep.argmax())]) + 1 if deep.any() else None


def _overweight(run: RunData) -> int | None:
    """The three features most split on have over 0.8 of the splits; seen at treedebug's check rounds."""
    summary = run.summary
    if summary is None:
        return None
    for totals in summary.snapshots():
        splits = np.sort(totals.n_splits)[::-1]
        if splits.sum() and splits[:3].sum() > 0.8 * splits.sum():
            return totals.n_rounds
    return None


def _unchanged(curve: Floats | None) -> Floats | None:
    """np.allclose over three steps."""
    if curve is None or len(curve) < 4:
        return None
    bad = np.zeros(len(curve), dtype=bool)
    same = np.isclose(curve[1:], curve[:-1])
    bad[3:] = same[2:] & same[1:-1] & same[:-2]
    return bad


def _early_stopping(valid: Floats | None) -> int | None:
    return None if valid is None else _first(_waits(valid, 0.0) >= PATIENCE)
