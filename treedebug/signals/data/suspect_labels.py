"""Labels that predictions contradict: how many there are, and which, by a run's margins and by the table itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.margin_log import MarginLog, MarginRecord, kept_rows
from treedebug.core.run.run_data import Header
from treedebug.engine.resolve import Missing
from treedebug.signals.curves.metric_facts import class_counts
from treedebug.signals.data.noise_rate import Floats, Parts, noise_fit, noise_share, parts_of, surest
from treedebug.signals.data.suspect_labels_of_table import ProfileSuspects

AREA_ROUNDS = 60
"""The area under the margin is taken over these first rounds: later ones learn the wrong labels by heart."""


@dataclass(frozen=True, eq=False)
class MarginSuspects:
    """What the margins of a run say of its labels.

    `rows`, `areas` (n_rows,): row numbers of the training data in order of the area under their margin, the lowest
    first, and that area (mean margin over the first rounds), after Pleiss et al., "Identifying Mislabeled Data using
    the Area Under the Margin Ranking", 2020.
    """

    rows: NDArray[np.int64]
    areas: Floats
    parts: Parts
    """Of the rows held out."""
    n_classes: int
    counts: tuple[float, ...]
    """Training rows of each class, as labelled; () where unknown."""
    transfer: float
    """Confidence on the rows held out over that on the training rows (medians): small where much is learnt by heart."""
    n_held_out: int
    n_rounds: int
    """Rounds trained so far."""

    @classmethod
    def measure(cls, log: MarginLog, header: Header) -> Self:
        """Raise Missing unless the margins of classes were kept, of the training data and of a validation set."""
        if header.n_classes < 2:  # a classification
            raise Missing("judges labels that are classes; run.margins has the residuals of amounts")
        training = [d for d in log.datasets() if header.data.get(d, {}).get("is_training")]
        held_out = [d for d in log.datasets() if d not in training]
        if not training or not held_out:
            raise Missing("needs the margins of the training data and of a validation set: see the notes of the run")
        mine, theirs = log.of(training[0]), log.of(held_out[-1])
        area, own = _area(mine, "margin", header), _area(mine, "lead", header)
        lead, is_wrong = _area(theirs, "lead", header), _area(theirs, "margin", header) < 0
        if not (len(area) and len(lead) and np.isfinite(area).all() and np.isfinite(lead).all()):
            raise Missing("the margins are not finite")
        order = np.argsort(area, kind="stable")
        counts = class_counts(header.data[training[0]].get("label"))
        return cls(
            rows=kept_rows(mine[0].n_rows, len(area))[order],
            areas=area[order],
            parts=parts_of(lead, is_wrong),
            n_classes=header.n_classes,
            counts=() if counts is None else tuple(counts.tolist()),
            transfer=float(np.median(lead) / max(float(np.median(own)), 1e-12)),
            n_held_out=len(lead),
            n_rounds=mine[-1].round_index + 1 - header.start_round,
        )


@dataclass(frozen=True)
class Noise:
    """Estimated share of wrong labels, its standard deviation, and the share contradicted of the surest quarter."""

    share: float
    deviation: float
    contradicted: float


@dataclass(frozen=True, eq=False)
class LabelSuspects:
    """What a run's margins and out-of-fold predictions of the table say of the labels; one of them at least."""

    run: MarginSuspects | None
    table: ProfileSuspects | None
    counts: tuple[float, ...] = ()
    """Training rows of each class, as labelled; () where unknown."""

    @classmethod
    def measure(cls, run: MarginSuspects | None, table: ProfileSuspects | None) -> Self:
        """Raise Missing without either."""
        if run is None and table is None:
            raise Missing(
                "judges classes; needs their margins on training and validation data (row_margins=True), "
                "or the data: treedebug.check(table, target=...), or the callback's data="
            )
        return cls(run, table, (run.counts if run is not None else ()) or (table.counts if table is not None else ()))

    def noise(self, *, with_run: bool) -> Noise:
        """Return the estimate from the table, and from the rows the run held out; they are different rows."""
        seen = [(self.run.parts, self.run.n_classes)] if with_run and self.run is not None else []
        if self.table is not None:
            seen.append((self.table.parts, self.table.n_classes))
        wrong, rows = np.sum([surest(parts) for parts, _ in seen], axis=0).tolist()
        return Noise(*noise_share([noise_fit(*one) for one in seen]), wrong / max(rows, 1))


def _area(records: list[MarginRecord], column: str, header: Header) -> Floats:
    """Return (n_kept,) mean of the margins, or of the leads, over the first rounds."""
    first = header.start_round
    kept = [r for r in records if r.round_index < first + AREA_ROUNDS] or records[:1]
    at = np.array([r.round_index for r in kept], dtype=np.float64)
    # Every record stands for the rounds nearer to it than to another one.
    ends = np.concatenate([at[:1] - 0.5, (at[1:] + at[:-1]) / 2.0, at[-1:] + 0.5])
    values = [r.margin if column == "margin" else r.lead if r.lead is not None else np.abs(r.margin) for r in kept]
    weights = np.diff(ends)
    total = sum(w * v.astype(np.float64) for w, v in zip(weights, values, strict=True))
    return np.asarray(total / weights.sum())
