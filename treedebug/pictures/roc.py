"""ROC and precision-recall curves of the best and of the last round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from treedebug.pictures.picture import AnyRun, Floats, NoPicture, Picture, data_of
from treedebug.pictures.predicted import Predicted, class_choice, needs, predicted
from treedebug.pictures.thinning import evenly

MOST_CLASSES = 6
_MOST_POINTS = 200
NOT_CLASSES = "the labels are no classes"


@dataclass(frozen=True, kw_only=True, eq=False)
class RankCurve:
    """One class against the rest. Columns by threshold, the highest first; weights count."""

    dataset: str
    round_index: int
    role: str
    class_index: int
    threshold: Floats
    x: Floats
    """False positive rate, or recall."""
    y: Floats
    """True positive rate, or precision."""
    area: float
    """Under the ROC curve, or the average precision; of all rows of the sample, not of the points drawn."""
    share: float
    """Of the rows that are of the class: the precision of guessing."""
    half: tuple[float, float] | None
    """The point at a probability of one half."""
    n_rows: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Roc(Picture):
    """ROC curves: of two classes that of the second; of more, those of which the fewest rows are found, worst first."""

    name: ClassVar[str] = "roc"
    question: ClassVar[str] = "How well does the model rank the rows of a class before the others?"

    curves: tuple[RankCurve, ...]
    n_classes: int


@dataclass(frozen=True, kw_only=True, eq=False)
class PrecisionRecall(Picture):
    """Precision-recall curves, of the classes of `Roc`."""

    name: ClassVar[str] = "precision_recall"
    question: ClassVar[str] = "How many false alarms does each further hit cost?"

    curves: tuple[RankCurve, ...]
    n_classes: int


def roc(run: AnyRun) -> Roc | NoPicture:
    """Return the ROC curves."""
    found = _curves(run, is_roc=True)
    return found if isinstance(found, NoPicture) else Roc(curves=found, n_classes=data_of(run).header.n_classes)


def precision_recall(run: AnyRun) -> PrecisionRecall | NoPicture:
    """Return the precision-recall curves."""
    found = _curves(run, is_roc=False)
    if isinstance(found, NoPicture):
        return found
    return PrecisionRecall(curves=found, n_classes=data_of(run).header.n_classes)


def _curves(run: AnyRun, *, is_roc: bool) -> tuple[RankCurve, ...] | NoPicture:
    data = data_of(run)
    if not data.header.n_classes:
        return NoPicture(NOT_CLASSES)
    seen = predicted(data)
    classes = class_choice(seen, most=MOST_CLASSES) if seen else []
    curves = (_curve(p, c, is_roc=is_roc) for p in seen for c in classes)
    return tuple(c for c in curves if c is not None) or NoPicture(needs(data))


def _curve(p: Predicted, c: int, *, is_roc: bool) -> RankCurve | None:
    is_class, score = p.classes == c, p.scores[:, c]
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, np.array([True])))
    hits, alarms = np.cumsum((p.weight * is_class)[order])[last], np.cumsum((p.weight * ~is_class)[order])[last]
    if hits[-1] <= 0 or alarms[-1] <= 0:
        return None
    recall, threshold = hits / hits[-1], score[order][last]
    x, y = (alarms / alarms[-1], recall) if is_roc else (recall, hits / (hits + alarms))
    x, y = np.append(0.0, x), np.append(0.0 if is_roc else y[0], y)
    threshold = np.append(np.inf, threshold)
    area = np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2.0) if is_roc else np.sum(np.diff(x) * y[1:])
    at = _kept(x, y)
    over = int((threshold > 0.5).sum()) - 1  # the point behind all rows over one half
    return RankCurve(
        dataset=p.dataset,
        round_index=p.round_index,
        role=p.role,
        class_index=c,
        threshold=threshold[at],
        x=x[at],
        y=y[at],
        area=float(area),
        share=float(hits[-1] / (hits[-1] + alarms[-1])),
        half=(float(x[over]), float(y[over])) if over > 0 and p.n_classes == 2 else None,
        n_rows=len(p.label),
    )


def _kept(x: Floats, y: Floats) -> NDArray[np.int64]:
    """Return the positions of the points to draw: evenly spaced along both axes together."""
    if len(x) <= _MOST_POINTS:
        return np.arange(len(x), dtype=np.int64)
    way = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    found = np.searchsorted(way, np.linspace(0.0, way[-1], _MOST_POINTS))
    return np.unique(np.append(found, [0, len(x) - 1])[evenly(len(found) + 2, len(found) + 2)])
