"""Saliency: how far the output follows each input, on the rows that were probed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.pictures.latent_space import NOT_PROBED
from nn_bridge.record.tensor_streams import INPUT, SALIENCY, Floats, Integers
from nn_bridge.record.whole_tensors import WholeTensors
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of

MOST_INPUTS, MOST_EXAMPLES, MOST_SIDE = 20, 4, 28
_TABLE = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Saliency(Picture):
    """Of rows that are lists of numbers: the strongest inputs. Of images and sequences: maps."""

    name: ClassVar[str] = "saliency"
    question: ClassVar[str] = "Which inputs does the output follow?"

    inputs: tuple[str, ...]
    """The strongest inputs, first the strongest; empty for images and sequences."""
    strength: Floats
    """How far the output moves as an input moves by its standard deviation: mean of the absolute values."""
    half: int
    """So many of the strongest inputs hold half of the strength of all."""
    n_inputs: int
    n_rows: int
    step: int
    mean_map: Floats
    """(height, width) absolute gradient, mean over the rows, summed over the channels; empty for lists of numbers."""
    examples: tuple[SaliencyExample, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class SaliencyExample:
    """One row: what came in, and what the output follows. Maps (height, width)."""

    label: int
    """Its class, -1 for unknown."""
    input: Floats
    gradient: Floats


def saliency(run: AnyRun) -> Saliency | NoPicture:
    """Return the saliency of the latest probe."""
    whole = data_of(run).stream(WholeTensors) or WholeTensors()
    inputs, gradients = whole.of("", INPUT), whole.of("", SALIENCY)
    if not inputs or not gradients:
        return NoPicture(NOT_PROBED)
    try:
        rows, found = inputs[-1].load(), gradients[-1].load()
    except ValueError as error:
        return NoPicture(f"the record of the probed rows is malformed: {error}")
    x, gradient = (np.asarray(t.values, dtype=np.float64) for t in (rows, found))
    if x.ndim < _TABLE or x.shape != gradient.shape or not np.isfinite([x, gradient]).all():
        return NoPicture("the probed rows or their gradients are not finite")
    is_table = x.ndim == _TABLE
    size = np.abs(gradient).mean(axis=0)
    strength = size * x.std(axis=0) if is_table else size
    order = np.argsort(-strength, kind="stable") if is_table else np.empty(0, dtype=np.int64)
    maps = np.empty((0, 0)) if is_table else _map(size)
    labels = rows.labels if len(rows.labels) == len(x) else np.full(len(x), -1)
    return Saliency(
        inputs=tuple(f"input {i}" for i in order[:MOST_INPUTS]),
        strength=strength[order[:MOST_INPUTS]] if is_table else np.empty(0),
        half=_half(strength),
        n_inputs=int(np.prod(x.shape[1:])),
        n_rows=len(x),
        step=found.step,
        mean_map=maps,
        examples=() if is_table else tuple(
            SaliencyExample(label=int(labels[i]), input=_map(x[i], is_input=True), gradient=_map(np.abs(gradient[i])))
            for i in _one_a_class(labels)
        ),
    )  # fmt: skip


def _half(strength: Floats) -> int:
    ordered, total = np.sort(strength, axis=None)[::-1], float(strength.sum())
    return int(np.searchsorted(np.cumsum(ordered), total / 2.0)) + 1 if total > 0 else 0


def _one_a_class(labels: Integers) -> list[int]:
    """Return the first row of each of some classes, then others."""
    firsts = np.unique(labels, return_index=True)[1].tolist()
    return [*firsts, *(i for i in range(len(labels)) if i not in firsts)][:MOST_EXAMPLES]


def _map(values: Floats, *, is_input: bool = False) -> Floats:
    """Return (height, width): channels, which come first, averaged or summed up; large ones by blocks."""
    while values.ndim > _TABLE:
        values = values.mean(axis=0) if is_input else values.sum(axis=0)
    if values.ndim < _TABLE:
        values = values[None, :]
    for axis in (0, 1):
        n = values.shape[axis]
        edges = np.unique(np.linspace(0, n, min(n, MOST_SIDE) + 1).astype(np.int64))
        counts = np.diff(edges)
        values = np.add.reduceat(values, edges[:-1], axis=axis) / (counts[:, None] if axis == 0 else counts[None, :])
    return values
