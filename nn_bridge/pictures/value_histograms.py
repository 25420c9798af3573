"""Histograms of one tensor over the steps: values by sign and power of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nn_bridge.record.tensor_streams import N_BINS, Floats, Histogram, Integers, TensorLog
from treedebug.core.errors import did_you_mean
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of
from treedebug.pictures.thinning import evenly

MOST_STEPS = 150
_MOST_NAMED = 6
_RARE = 0.005
"""Values so small that no step has this share of them in their octave, or below it, are counted with the zeros."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ValueHistograms(Picture):
    """Rows from the most negative octave over zero to the largest one."""

    name: ClassVar[str] = "value_histograms"
    question: ClassVar[str] = "How large are the values, and do they drift, vanish or explode?"

    layer: str
    kind: str
    steps: Integers
    """(n_steps,)"""
    signs: tuple[int, ...]
    """(n_rows,) -1, 0 or 1."""
    octaves: tuple[int, ...]
    """(n_rows,) k of the row of the sizes from 2**k on, up to the next; of the zeros 0."""
    share: Floats
    """(n_steps, n_rows) of the values of a step."""
    has_small: bool
    """The row of the zeros counts values, too, that are too small and too rare to have a row."""

    @property
    def zero(self) -> int:
        """The row of the zeros."""
        return self.signs.index(0)


def value_histograms(run: AnyRun, layer: str, kind: str) -> ValueHistograms | NoPicture:
    """Return the histograms of a layer's weight, gradient or activation over the steps."""
    log = data_of(run).stream(TensorLog) or TensorLog()
    found = log.histograms(layer, kind)
    if not found:
        return NoPicture(no_histogram(log, layer, kind))
    return _of([found[i] for i in evenly(len(found), MOST_STEPS)], layer, kind)


def no_histogram(log: TensorLog, layer: str, kind: str) -> str:
    """Return why a tensor has no histogram, with the names of those that have one."""
    known = [f"{at}, {of}" for at, of in log.histogram_keys()]
    there = "; ".join(known[:_MOST_NAMED]) + " ..." * (len(known) > _MOST_NAMED)
    return f"no histogram of {layer!r} ({kind}) is recorded.{did_you_mean(f'{layer}, {kind}', known)} " + (
        f"There are {len(known)}: {there}" if known else "There is none: they are kept once a round"
    )


def _of(found: list[Histogram], layer: str, kind: str) -> ValueHistograms:
    counts = np.array([[*h.negative[::-1], h.zeros, *h.positive] for h in found], dtype=np.float64)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    negative, positive = share[:, :N_BINS][:, ::-1], share[:, N_BINS + 1 :]
    smallest, largest = _range(negative + positive)
    kept = np.arange(smallest, largest + 1)
    small = negative[:, :smallest].sum(axis=1) + positive[:, :smallest].sum(axis=1)
    below = kept[::-1] if negative[:, kept].any() else kept[:0]
    above = kept if positive[:, kept].any() else kept[:0]
    lowest = int(np.log2(found[0].edges[0]))
    return ValueHistograms(
        layer=layer,
        kind=kind,
        steps=np.array([h.step for h in found], dtype=np.int64),
        signs=(*(-1 for _ in below), 0, *(1 for _ in above)),
        octaves=(*(int(k) + lowest for k in below), 0, *(int(k) + lowest for k in above)),
        share=np.column_stack([negative[:, below], share[:, N_BINS] + small, positive[:, above]]),
        has_small=bool(small.any()),
    )


def _range(by_octave: NDArray[np.float64]) -> tuple[int, int]:
    """Return the octaves to draw: up to the largest, from the smallest that is not rare with all below it."""
    seen = np.flatnonzero(by_octave.any(axis=0))
    if not len(seen):
        return 0, -1
    matters = np.flatnonzero((np.cumsum(by_octave, axis=1) >= _RARE).any(axis=0))
    return int(matters[0] if len(matters) else seen[-1]), int(seen[-1])
