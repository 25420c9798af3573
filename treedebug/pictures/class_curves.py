"""Classes over the rounds: share of the labels, of the predictions, recall and precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.run.class_log import ClassRecord
from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of
from treedebug.pictures.thinning import evenly

MOST_CLASSES = 12
_MOST_ROUNDS = 120
NO_CLASSES = "no class balance was recorded: it needs a classification and a validation set"


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassesOf:
    """One dataset. Matrices have shape (n_rounds, n_classes); NaN where a class has no labels, or no predictions."""

    dataset: str
    is_training: bool
    rounds: Ints
    classes: tuple[int, ...]
    """Those drawn: the worst recall at the end first, at most a dozen."""
    n_classes: int
    n_rows: int
    label_share: Floats
    """(n_classes,)"""
    predicted_share: Floats
    recall: Floats
    precision: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassCurves(Picture):
    """Recall, precision and share of each class over the rounds, one entry a dataset, validation first."""

    name: ClassVar[str] = "class_curves"
    question: ClassVar[str] = "Which class does the model neglect, and does more training help it?"

    datasets: tuple[ClassesOf, ...]


def class_curves(run: AnyRun) -> ClassCurves | NoPicture:
    """Return the class balance over the rounds."""
    data = data_of(run)
    names = validation_first(data.classes.datasets(), data.evals.is_training)
    found = [_of(name, data.classes.of(name), is_training=data.evals.is_training(name)) for name in names]
    kept = tuple(f for f in found if f is not None)
    return ClassCurves(datasets=kept) if kept else NoPicture(NO_CLASSES)


def validation_first(names: list[str], is_training: Callable[[str], bool]) -> list[str]:
    """Return the last validation set, which decides, then the others, then the training data."""
    latest = names[::-1]
    return [n for n in latest if not is_training(n)] + [n for n in latest if is_training(n)]


def _of(dataset: str, records: list[ClassRecord], *, is_training: bool) -> ClassesOf | None:
    records = [r for r in records if r.n_rows]
    if not records:
        return None
    last = records[-1]
    n_classes = len(last.label_weight)
    labelled = np.flatnonzero(last.label_share > 0)
    worst = labelled[np.argsort(last.recall[labelled], kind="stable")][:MOST_CLASSES]
    kept = [records[i] for i in evenly(len(records), _MOST_ROUNDS)]
    return ClassesOf(
        dataset=dataset,
        is_training=is_training,
        rounds=np.array([r.round_index for r in kept], dtype=np.int64),
        classes=tuple(int(c) for c in worst),
        n_classes=n_classes,
        n_rows=last.n_rows,
        label_share=last.label_share[worst],
        predicted_share=np.array([r.predicted_share[worst] for r in kept]),
        recall=np.array([r.recall[worst] for r in kept]),
        precision=np.array([r.precision[worst] for r in kept]),
    )
