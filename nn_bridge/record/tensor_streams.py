"""What is recorded of a network's tensors: statistics by step, silent units, histograms, whole tensors.

A *step* is one step of the optimiser, counted from 0. A *round* is what the rules on curves count: the first ten steps
are round 0 (the opening), and from then on every evaluation that the user logs closes a round (see docs/nn.md).
`RunData.rounds.iterations` says how many steps there were after each round.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn_bridge.record.growing_table import StepTable
from nn_bridge.record.network_facts import NetFacts

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WEIGHT, GRADIENT, UPDATE, ACTIVATION = "weight", "gradient", "update", "activation"
INPUT, OUTPUT, LOSS, LABELS, OPTIMIZER, MODE, KERNEL, CUSTOM = (
    "input", "output", "loss", "labels", "optimizer", "mode", "kernel", "custom",
)  # fmt: skip
PROBE, SALIENCY = "probe", "saliency"
"""Whole tensors of probed rows: outputs of a layer, and the gradient of the output by the input."""
KINDS = (WEIGHT, GRADIENT, UPDATE, ACTIVATION, INPUT, OUTPUT, LOSS, LABELS, OPTIMIZER, MODE, KERNEL, CUSTOM)
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
    "headroom": "optimizer: how many times longer the step could be before the loss of its batch rises, 1024 at most",
    "scale": "optimizer: factor by which AMP's GradScaler has multiplied the loss",
    "skipped": "optimizer: 1 where AMP's GradScaler skipped the step because of a non-finite gradient, else 0",
    "eval_mode_share": "mode: share of the forward passes with gradients, since the round began, in eval mode",
    "carried": "mode: 1 where the step's gradients were added to those of the step before (never set to zero), else 0",
    "gradient_arrived": "mode: 1 where a backward pass of the step gave a gradient other than zero, else 0",
    "evaluation_rows": "mode: rows of the forward passes without gradients, since the round began",
    "evaluation_noise": "output: largest difference of two evaluations of the same rows, over their spread; once",
    "row_influence": "output: largest difference of rows evaluated alone or with others, over their spread; once",
    "train_mode_share": "mode: share of the forward passes without gradients, since the round began, in train mode",
    "distance": "kernel: 1 - cosine of the tangent kernel before the step and that of the start",
    "velocity": "kernel: 1 - cosine of the tangent kernel and that of the measurement before, a step",
    "effective_rank": "kernel: exp of the entropy of its eigenvalues' shares",
    "weight_change": "kernel: norm of (weights - weights at the start) over that of the weights at the start",
    "linear_r2": "kernel: R2 of the net linearised at its start (the same weights), against the net",
    "start_r2": "kernel: R2 of the outputs' change by ridge regression on the kernel of the start, a row by the others",
    "now_r2": "kernel: the same on the kernel of now: near 1 where the rows are enough to tell",
    "alignment": "kernel: cosine of the centred kernel and that of the labels",
    "ridge_score": "kernel: accuracy (or R2) of ridge regression on the kernel, each row predicted from the others",
}
"""What each statistic means. Weights, gradients and activations have the first eight; updates too (see `TensorLog`)."""

N_BINS = 64
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
        """(65,) edges of the log2_histogram of absolute values."""
        return np.exp2(np.arange(_LOWEST, _LOWEST + N_BINS + 1, dtype=np.float64))


class _Block:
    """Sampled steps that have the same statistics, a row each."""

    def __init__(self, keys: tuple[TensorKey, ...]) -> None:
        self.keys = keys
        self.rows = StepTable(len(keys), np.float64)
        self.place = {key: i for i, key in enumerate(keys)}
        self.layers: dict[str, dict[str, None]] = {}
        """By kind, in order."""
        for key in keys:
            self.layers.setdefault(key.kind, {})[key.layer] = None


class TensorLog:
    """All statistics so far, by step, layer, kind and statistic.

    `update` is how far the optimiser moved a parameter in the step: its statistics are those of (after - before).
    `weight` is before the step, `gradient` as the optimiser saw it (accumulated, clipped, unscaled). `activation` is a
    module's output, reduced over all its calls within the step. Layers are in the order in which the net has them.
    """

    MISSING: ClassVar[str] = NetFacts.MISSING

    def __init__(self) -> None:
        self._blocks: dict[tuple[TensorKey, ...], _Block] = {}
        self._latest = _Block(())
        self._silent: dict[str, StepTable] = {}
        self._histograms: dict[tuple[str, str], list[Histogram]] = {}
        self._stop: int | None = None

    # -- recording -------------------------------------------------------------------------------------------------

    def append(self, step: int, round_index: int, keys: tuple[TensorKey, ...], values: Floats) -> None:
        """Add one sampled step; `values` (n_keys,). The same keys again and again cost least."""
        if self._latest.keys is not keys:  # hundreds of keys: comparing them costs more than all the rest
            known = self._blocks.get(keys)
            self._latest = self._blocks.setdefault(keys, _Block(keys)) if known is None else known
        self._latest.rows.append(step, round_index, values)

    def append_silent(self, layer: str, *, step: int, round_index: int, mask: NDArray[np.bool_]) -> None:
        """Add which units of a layer were silent on a sampled step's batch; `mask` (n_units,)."""
        held = self._silent.get(layer)
        if held is None or held.width != len(mask):
            held = self._silent[layer] = StepTable(len(mask), np.bool_)
        held.append(step, round_index, mask)

    def append_histogram(self, layer: str, kind: str, histogram: Histogram) -> None:
        """Add a histogram of one tensor."""
        self._histograms.setdefault((layer, kind), []).append(histogram)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        for rows in (*(b.rows for b in self._blocks.values()), *self._silent.values()):
            rows.truncate(n_rounds)
        for histograms in self._histograms.values():
            histograms[:] = [h for h in histograms if h.round_index < n_rounds]

    # -- reading ---------------------------------------------------------------------------------------------------

    def until(self, n_rounds: int) -> TensorLog:
        """Return the log as it was when `n_rounds` rounds were recorded; shares the numbers with this one."""
        view = TensorLog()
        view.__dict__.update(self.__dict__)
        view._stop = n_rounds
        return view

    def keys(self) -> list[TensorKey]:
        """Return every (layer, kind, statistic) with at least one value, in order of appearance."""
        return list(dict.fromkeys(key for block, _ in self._held() for key in block.keys))

    def layers(self, kind: str) -> list[str]:
        """Return the layers of a kind, in the order of the net."""
        return list(dict.fromkeys(layer for block, _ in self._held() for layer in block.layers.get(kind, ())))

    @property
    def steps(self) -> Integers:
        """(n,) all sampled steps, ascending."""
        parts = [block.rows.read(n)[0] for block, n in self._held()]
        return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)

    def series(self, layer: str, kind: str, statistic: str) -> TensorSeries:
        """Return one statistic over the steps; empty (n = 0) where it was never recorded."""
        key = TensorKey(layer, kind, statistic)
        parts = [(*block.rows.read(n), block.place[key]) for block, n in self._held() if key in block.place]
        if not parts:
            none = np.empty(0, dtype=np.int64)
            return TensorSeries(key, none, none, np.empty(0))
        steps, rounds = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
        values = np.concatenate([rows[:, at] for _, _, rows, at in parts])
        order = np.argsort(steps, kind="stable")
        return TensorSeries(key, steps[order], rounds[order], values[order])

    def table(self, kind: str, statistic: str, layers: Iterable[str] | None = None) -> LayerTable:
        """Return one statistic of all layers of a kind (or of these layers) side by side, a row a sampled step."""
        names = tuple(self.layers(kind) if layers is None else layers)
        keys = [TensorKey(name, kind, statistic) for name in names]
        parts = []
        for block, n in self._held():
            columns = [(j, block.place[key]) for j, key in enumerate(keys) if key in block.place]
            if columns:
                parts.append((*block.rows.read(n), np.array(columns)))
        if not parts:
            none = np.empty(0, dtype=np.int64)
            return LayerTable(names, none, none, np.empty((0, len(names))))
        steps, first = np.unique(np.concatenate([part[0] for part in parts]), return_index=True)
        rounds = np.concatenate([part[1] for part in parts])[first]
        values = np.full((len(steps), len(names)), np.nan)
        for at, _, rows, places in parts:
            values[np.searchsorted(steps, at)[:, None], places[:, 0]] = rows[:, places[:, 1]]
        return LayerTable(names, steps, rounds, values)

    def silent(self, layer: str) -> SilentUnits:
        """Return the silent units of a layer at every sampled step; no rows where none were recorded."""
        held = self._silent.get(layer)
        if held is None:
            held = StepTable(0, np.bool_)
        return SilentUnits(layer, *held.read(held.n(self._stop)))

    def silent_layers(self) -> list[str]:
        """Return the layers whose silent units are recorded."""
        return [name for name, held in self._silent.items() if held.n(self._stop)]

    def histograms(self, layer: str, kind: str) -> list[Histogram]:
        """Return the histograms of one tensor, by step."""
        found = self._histograms.get((layer, kind), [])
        return [h for h in found if self._stop is None or h.round_index < self._stop]

    def histogram_keys(self) -> list[tuple[str, str]]:
        """Return (layer, kind) of every tensor that has a histogram."""
        return [key for key in self._histograms if self.histograms(*key)]

    def blocks(self) -> Iterable[tuple[Sequence[TensorKey], Integers, Floats]]:
        """Yield (keys, steps (n,), values (n, n_keys)) of steps that were sampled alike; for frames."""
        for block, n in self._held():
            steps, _, rows = block.rows.read(n)
            yield block.keys, steps, rows

    def rows(self) -> Iterable[tuple[tuple[TensorKey, ...], Integers, Integers, Floats]]:
        """Yield (keys, steps (n,), rounds (n,), values (n, n_keys)) of steps that were sampled alike."""
        for block, n in self._held():
            yield (block.keys, *block.rows.read(n))

    def _held(self) -> list[tuple[_Block, int]]:
        """Return the blocks with at least one step, and how many."""
        found = [(block, block.rows.n(self._stop)) for block in list(self._blocks.values())]
        return [(block, n) for block, n in found if n]
