"""What is recorded of a network's tensors: statistics by step, silent units, histograms, whole tensors.

A *step* is one step of the optimiser, counted from 0. A *round* is what the rules on curves count: the first ten steps
are round 0 (the opening), and from then on every evaluation that the user logs closes a round (see docs/nn.md).
`RunData.rounds.iterations` says how many steps there were after each round.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WEIGHT, GRADIENT, UPDATE, ACTIVATION = "weight", "gradient", "update", "activation"
INPUT, OUTPUT, LOSS, LABELS, OPTIMIZER, MODE, CUSTOM = (
    "input", "output", "loss", "labels", "optimizer", "mode", "custom",
)  # fmt: skip
KINDS = (WEIGHT, GRADIENT, UPDATE, ACTIVATION, INPUT, OUTPUT, LOSS, LABELS, OPTIMIZER, MODE, CUSTOM)
STATISTICS = {
    "norm": "Euclidean norm",
    "mean": "mean",
    "mean_abs": "mean of the absolute values",
    "var": "variance (over all entries; population)",
    "min": "smallest entry",
    "max": "largest entry",
    "zero_share": "share of entries that are exactly 0",
    "nonfinite_share": "share of entries that are NaN or infinite; the other statistics are then NaN or infinite too",
    "silent_share": "activations: share of units that are 0 on every row of the batch",
    "saturated_share": "activations: share of entries the function squashes flat, abs(input) >= 5 (tanh, sigmoid)",
    "value": "loss: the training loss of the step",
    "entropy": "labels: entropy of the batch's classes, in nats",
    "row_sum_deviation": "output: mean of abs(row sum - 1) of what the loss is given",
    "row_min": "output: smallest entry of what the loss is given",
    "learning_rate": "optimizer: of one parameter group",
    "scale": "optimizer: factor by which AMP's GradScaler has multiplied the loss",
    "skipped": "optimizer: 1 where AMP's GradScaler skipped the step because of a non-finite gradient, else 0",
    "eval_mode_share": "mode: share of the forward passes with gradients, since the round began, in eval mode",
    "carried": "mode: 1 where the step's gradients were added to those of the step before (never set to zero), else 0",
    "train_mode_share": "mode: share of the forward passes without gradients, since the round began, in train mode",
}
"""What each statistic means. Weights, gradients and activations have the first eight; updates too (see `TensorLog`)."""

N_OCTAVES = 64
_LOWEST = -40
"""The first octave of a histogram is [2**-40, 2**-39)."""


class TensorKey(NamedTuple):
    """What a statistic is of. `layer` is the parameter's name (weight, gradient, update) or the module's (activation).

    "" for what belongs to the whole net (loss, labels, mode, input and output); "group 0" for an optimiser's group;
    "evaluation" for the input of the last forward pass without gradients (kind input).
    """

    layer: str
    kind: str
    statistic: str


@dataclass(frozen=True, eq=False)
class TensorSeries:
    """One statistic over the sampled steps. Arrays have shape (n,), steps ascending; values may be NaN or infinite."""

    key: TensorKey
    steps: Integers
    rounds: Integers
    values: Floats


@dataclass(frozen=True, eq=False)
class LayerTable:
    """One statistic of all layers of a kind. `values` (n_steps, n_layers), NaN where a layer was not sampled."""

    layers: tuple[str, ...]
    """In the order of the net."""
    steps: Integers
    rounds: Integers
    values: Floats


@dataclass(frozen=True, eq=False)
class SilentUnits:
    """Which units of a layer were 0 on every row of a sampled batch. `masks` (n, n_units)."""

    layer: str
    steps: Integers
    rounds: Integers
    masks: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts by sign and octave. `negative`, `positive` (64,): entry k counts abs(value) in [2**(k-40), 2**(k-39)).

    What is smaller or larger is counted in the first and last octave.
    """

    step: int
    round_index: int
    negative: Integers
    zeros: int
    positive: Integers
    nonfinite: int

    @property
    def edges(self) -> Floats:
        """(65,) edges of the octaves of absolute values."""
        return np.exp2(np.arange(_LOWEST, _LOWEST + N_OCTAVES + 1, dtype=np.float64))


@dataclass
class _Block:
    """Sampled steps that have the same statistics; `values` holds one row a step."""

    keys: tuple[TensorKey, ...]
    steps: array[int] = field(default_factory=lambda: array("q"))
    rounds: array[int] = field(default_factory=lambda: array("q"))
    values: list[Floats] = field(default_factory=list)
    place: dict[TensorKey, int] = field(init=False)

    def __post_init__(self) -> None:
        self.place = {key: i for i, key in enumerate(self.keys)}


class TensorLog:
    """All statistics so far, by step, layer, kind and statistic.

    `update` is how far the optimiser moved a parameter in the step: its statistics are those of (after - before).
    `weight` is before the step, `gradient` as the optimiser saw it (accumulated, clipped, unscaled). `activation` is a
    module's output, reduced over all its calls within the step. Layers are in the order in which the net has them.
    """

    MISSING: ClassVar[str] = "judges the training of a network: record it with nn_bridge.TorchRecorder"

    def __init__(self) -> None:
        self._blocks: dict[tuple[TensorKey, ...], _Block] = {}
        self._silent: dict[str, list[tuple[int, int, NDArray[np.bool_]]]] = {}
        self._histograms: dict[tuple[str, str], list[Histogram]] = {}
        self._stop: int | None = None

    # -- recording -------------------------------------------------------------------------------------------------

    def append(self, step: int, round_index: int, keys: tuple[TensorKey, ...], values: Floats) -> None:
        """One sampled step; `values` (n_keys,). The same keys again and again cost least."""
        block = self._blocks.get(keys)
        if block is None:
            block = self._blocks[keys] = _Block(keys)
        block.values.append(values)
        block.steps.append(step)
        block.rounds.append(round_index)

    def append_silent(self, layer: str, *, step: int, round_index: int, mask: NDArray[np.bool_]) -> None:
        """Which units of a layer were silent on a sampled step's batch; `mask` (n_units,)."""
        self._silent.setdefault(layer, []).append((step, round_index, mask))

    def append_histogram(self, layer: str, kind: str, histogram: Histogram) -> None:
        """A histogram of one tensor."""
        self._histograms.setdefault((layer, kind), []).append(histogram)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        for block in self._blocks.values():
            keep = int(np.searchsorted(np.array(block.rounds), n_rounds))
            del block.steps[keep:], block.rounds[keep:], block.values[keep:]
        for masks in self._silent.values():
            masks[:] = [m for m in masks if m[1] < n_rounds]
        for histograms in self._histograms.values():
            histograms[:] = [h for h in histograms if h.round_index < n_rounds]

    # -- reading ---------------------------------------------------------------------------------------------------

    def until(self, n_rounds: int) -> TensorLog:
        """The log as it was when `n_rounds` rounds were recorded; shares the numbers with this one."""
        view = TensorLog()
        view.__dict__.update(self.__dict__)
        view._stop = n_rounds
        return view

    def keys(self) -> list[TensorKey]:
        """Every (layer, kind, statistic) with at least one value, in order of appearance."""
        return list(dict.fromkeys(key for block in self._blocks.values() if self._n(block) for key in block.keys))

    def layers(self, kind: str) -> list[str]:
        """Layers of a kind, in the order of the net."""
        return list(dict.fromkeys(key.layer for key in self.keys() if key.kind == kind))

    @property
    def steps(self) -> Integers:
        """(n,) all sampled steps, ascending."""
        parts = [np.array(b.steps, dtype=np.int64)[: self._n(b)] for b in self._blocks.values()]
        return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)

    def series(self, layer: str, kind: str, statistic: str) -> TensorSeries:
        """One statistic over the steps; empty (n = 0) where it was never recorded."""
        key = TensorKey(layer, kind, statistic)
        steps, rounds, values = self._column(key)
        order = np.argsort(steps, kind="stable")
        return TensorSeries(key, steps[order], rounds[order], values[order])

    def table(self, kind: str, statistic: str, layers: Iterable[str] | None = None) -> LayerTable:
        """One statistic of all layers of a kind (or of these layers) side by side, a row for each sampled step."""
        names = tuple(self.layers(kind) if layers is None else layers)
        columns = [self.series(name, kind, statistic) for name in names]
        filled = [c for c in columns if len(c.steps)]
        if not filled:
            none = np.empty(0, dtype=np.int64)
            return LayerTable(names, none, none, np.empty((0, len(names))))
        steps, first = np.unique(np.concatenate([c.steps for c in filled]), return_index=True)
        rounds = np.concatenate([c.rounds for c in filled])[first]
        values = np.full((len(steps), len(names)), np.nan)
        for j, column in enumerate(columns):
            values[np.searchsorted(steps, column.steps), j] = column.values
        return LayerTable(names, steps, rounds, values)

    def silent(self, layer: str) -> SilentUnits:
        """The silent units of a layer at every sampled step; no rows where none were recorded."""
        kept = [m for m in self._silent.get(layer, ()) if self._stop is None or m[1] < self._stop]
        masks = np.stack([m[2] for m in kept]) if kept else np.empty((0, 0), dtype=np.bool_)
        steps, rounds = (np.array([m[i] for m in kept], dtype=np.int64) for i in (0, 1))
        return SilentUnits(layer, steps, rounds, masks)

    def silent_layers(self) -> list[str]:
        """Layers whose silent units are recorded."""
        return [name for name in self._silent if len(self.silent(name).steps)]

    def histograms(self, layer: str, kind: str) -> list[Histogram]:
        """The histograms of one tensor, by step."""
        found = self._histograms.get((layer, kind), [])
        return [h for h in found if self._stop is None or h.round_index < self._stop]

    def histogram_keys(self) -> list[tuple[str, str]]:
        """(layer, kind) of every tensor that has a histogram."""
        return [key for key in self._histograms if self.histograms(*key)]

    def blocks(self) -> Iterable[tuple[Sequence[TensorKey], Integers, Floats]]:
        """(keys, steps (n,), values (n, n_keys)) of steps that were sampled alike; for frames."""
        for block in self._blocks.values():
            n = self._n(block)
            if n:
                yield block.keys, np.array(block.steps, dtype=np.int64)[:n], np.stack(block.values[:n])

    def _n(self, block: _Block) -> int:
        # The writer appends the round last, so that a reader beside it sees whole rows only.
        rounds = np.array(block.rounds, dtype=np.int64)
        return len(rounds) if self._stop is None else int(np.searchsorted(rounds, self._stop))

    def _column(self, key: TensorKey) -> tuple[Integers, Integers, Floats]:
        steps: list[Integers] = []
        rounds: list[Integers] = []
        values: list[Floats] = []
        for block in self._blocks.values():
            n = self._n(block)
            at = block.place.get(key)
            if n and at is not None:
                steps.append(np.array(block.steps, dtype=np.int64)[:n])
                rounds.append(np.array(block.rounds, dtype=np.int64)[:n])
                values.append(np.array([row[at] for row in block.values[:n]], dtype=np.float64))
        if not steps:
            none = np.empty(0, dtype=np.int64)
            return none, none, np.empty(0)
        return np.concatenate(steps), np.concatenate(rounds), np.concatenate(values)
