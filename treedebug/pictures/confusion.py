"""Confusion matrix of the best and of the last round, with precision, recall and F1 of each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.run_data import RunData
from treedebug.pictures.class_curves import NO_CLASSES, validation_first
from treedebug.pictures.learning_curves import deciding_loss
from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of

MOST_CLASSES = 20
"""More are merged into one row and column, those least often mistaken first."""
OTHERS = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class ConfusionOf:
    """One dataset after one round. `counts` (k, k), label down, prediction across; columns (k,)."""

    dataset: str
    round_index: int
    role: str
    """"last", or "best" for the recorded round nearest to the best one."""
    is_training: bool
    classes: tuple[int, ...]
    """Class numbers; -1 for all others together."""
    counts: Ints
    recall: Floats
    precision: Floats
    f1: Floats
    accuracy: float
    n_rows: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Confusion(Picture):
    """Confusion matrices, validation and the last round first."""

    name: ClassVar[str] = "confusion"
    question: ClassVar[str] = "Which classes are taken for which?"

    matrices: tuple[ConfusionOf, ...]
    n_classes: int


def confusion(run: AnyRun) -> Confusion | NoPicture:
    """Return the confusion matrices of the last and of the best round."""
    data = data_of(run)
    found = [m for name in validation_first(data.classes.datasets(), data.evals.is_training) for m in _of(data, name)]
    if not found:
        return NoPicture(NO_CLASSES)
    return Confusion(matrices=tuple(found), n_classes=len(data.classes.last(found[0].dataset).label_weight))


def _of(run: RunData, dataset: str) -> list[ConfusionOf]:
    records = [r for r in run.classes.of(dataset) if r.n_rows]
    if not records:
        return []
    is_training, last, loss = run.evals.is_training(dataset), records[-1], deciding_loss(run)
    chosen = _choice(last.confusion)
    found = [_one(last, "last", chosen, is_training=is_training)]
    if loss is not None:
        near = min(records, key=lambda r: (abs(r.round_index - loss.best_round), r.round_index))
        if near is not last:
            found.append(_one(near, "best", chosen, is_training=is_training))
    return found


def _choice(counts: Ints) -> NDArray[np.int64] | None:
    """Return the classes with the most mistakes, in their own order; None for all."""
    if len(counts) <= MOST_CLASSES:
        return None
    mistakes = counts.sum(axis=0) + counts.sum(axis=1) - 2 * np.diag(counts)
    return np.sort(np.argsort(-mistakes, kind="stable")[: MOST_CLASSES - 1])


def _one(record: ClassRecord, role: str, chosen: NDArray[np.int64] | None, *, is_training: bool) -> ConfusionOf:
    counts, classes = record.confusion, tuple(range(len(record.confusion)))
    if chosen is not None:
        place = np.full(len(counts), len(chosen))
        place[chosen] = np.arange(len(chosen))
        counts = np.zeros((len(chosen) + 1,) * 2, dtype=np.int64)
        np.add.at(counts, (place[:, None], place[None, :]), record.confusion)
        classes = (*(int(c) for c in chosen), OTHERS)
    recall, precision, f1 = scores_of(counts)
    return ConfusionOf(
        dataset=record.dataset,
        round_index=record.round_index,
        role=role,
        is_training=is_training,
        classes=classes,
        counts=counts,
        recall=recall,
        precision=precision,
        f1=f1,
        accuracy=float(np.trace(record.confusion) / record.n_rows),
        n_rows=record.n_rows,
    )


def scores_of(counts: Ints) -> tuple[Floats, Floats, Floats]:
    """Return (recall, precision, F1) of each class; NaN where it has no labels, or no predictions."""
    hits = np.diag(counts).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (
            hits / counts.sum(axis=1),
            hits / counts.sum(axis=0),
            2.0 * hits / (counts.sum(axis=0) + counts.sum(axis=1)),
        )
