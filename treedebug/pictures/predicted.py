"""The recorded predictions as pictures need them: of the best and the last round, as probabilities or amounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from treedebug.core.run.prediction_log import MARGIN, SHARE, PredictionLog, PredictionRecord, SampledRows
from treedebug.core.run.run_data import RunData
from treedebug.pictures.class_curves import validation_first
from treedebug.pictures.learning_curves import deciding_loss
from treedebug.pictures.picture import Floats, Ints, once

MOST_SETS = 4
"""Datasets that are drawn."""
BEST, LAST = "best", "last"


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predictions of one dataset after one round. Arrays (n_rows,), rows of unknown label or prediction left out."""

    dataset: str
    round_index: int
    role: str
    """"last", or "best" of the best round where that is another one."""
    is_training: bool
    n_classes: int
    """0 of amounts and rankings."""
    label: Floats
    weight: Floats
    scores: Floats
    """(n_rows, n_classes) probabilities, or (n_rows,) amounts or ranking scores."""
    rows: SampledRows

    @property
    def classes(self) -> Ints:
        """(n_rows,) labels as class numbers."""
        return self.label.astype(np.int64)


def predicted(run: RunData) -> tuple[Predicted, ...]:
    """Return the predictions by dataset and round: validation first, the last round before the best; empty if none."""
    return once(run, _predicted)


def _predicted(run: RunData) -> tuple[Predicted, ...]:
    log = run.stream(PredictionLog)
    if log is None:
        return ()
    loss = deciding_loss(run)
    found = []
    for name in validation_first(log.datasets(), run.evals.is_training)[:MOST_SETS]:
        records = log.of(name)
        kept = [(records[-1], LAST)]
        best = None if loss is None else loss.best_round
        earlier = [r for r in records[:-1] if r.round_index == best] or records[-2:-1]
        kept += [(r, BEST) for r in earlier]
        found += [_one(run, r, log.rows[name], role) for r, role in kept]
    return tuple(p for p in found if len(p.label))


def _one(run: RunData, record: PredictionRecord, rows: SampledRows, role: str) -> Predicted:
    scores = record.scores.astype(np.float64)
    n_classes = run.header.n_classes
    if n_classes:
        values = probabilities(scores, record.scale)
        known = np.isfinite(values).all(axis=1)
    else:
        values = scores[:, 0]
        known = np.isfinite(values)
    known &= np.isfinite(rows.labels)
    weight = np.ones(len(known)) if rows.weights is None else rows.weights.astype(np.float64)
    return Predicted(
        record.dataset, record.round_index, role, run.evals.is_training(record.dataset), n_classes,
        rows.labels[known].astype(np.float64), weight[known], values[known], rows,
    )  # fmt: skip


def probabilities(scores: Floats, scale: str) -> Floats:
    """Return (n_rows, n_classes) probabilities from scores (n_rows, n_outputs), one output for two classes."""
    if scores.shape[1] == 1:
        p = scores[:, 0] if scale != MARGIN else 1.0 / (1.0 + np.exp(-np.clip(scores[:, 0], -700, 700)))
        return np.stack([1.0 - p, p], axis=1)
    if scale == MARGIN:
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))
    if scale == SHARE:
        return scores
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))


def needs(run: RunData) -> str:
    """Return why there are no predictions, and what to do."""
    noted = next((n.message for n in reversed(run.notes) if n.topic == "predictions"), "")
    return noted or f"{PredictionLog.MISSING}. run.replay(X, y) fills them in for this one"


def class_choice(found: tuple[Predicted, ...], *, most: int) -> list[int]:
    """Return the classes to draw: the second of two; else those of which the fewest rows are found, the worst first."""
    first = found[0]
    if first.n_classes == 2:
        return [1]
    counts = np.bincount(first.classes, minlength=first.n_classes)
    hits = np.bincount(first.classes[first.scores.argmax(axis=1) == first.classes], minlength=first.n_classes)
    recall = np.where(counts > 0, hits / np.maximum(counts, 1), np.inf)
    return [int(c) for c in np.argsort(recall, kind="stable")[:most] if counts[c]]
