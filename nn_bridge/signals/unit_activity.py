"""What the units do: saturated, silent, zero, without variance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Self

import numpy as np
from numpy.typing import NDArray

from nn_bridge.record.network_facts import UNKNOWN, NetFacts
from nn_bridge.record.tensor_streams import ACTIVATION, GRADIENT, WEIGHT, Floats, Integers, TensorLog
from treedebug.engine.resolve import Missing

_RECTIFIERS = ("ReLU", "ReLU6")
EVALUATION = "evaluation"
"""The layer name of inputs that the net was evaluated on."""


@dataclass(frozen=True, eq=False)
class Saturation:
    """Share of entries that the function squashes flat, for each layer with tanh or sigmoid behind it."""

    layers: tuple[str, ...]
    functions: tuple[str, ...]
    steps: Integers
    rounds: Integers
    shares: Floats
    """(n_steps, n_layers)"""

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Raise Missing where no such layer was sampled."""
        last = set(facts.loss.last_layers)
        names = [k.layer for k in log.keys() if k[1:] == (ACTIVATION, "saturated_share")]
        names = [n for n in names if n not in last]
        if not names:
            raise Missing("no layer with tanh or sigmoid behind it was recorded")
        table = log.table(ACTIVATION, "saturated_share", names)
        layers = {x.name: x.activation for x in facts.layers}
        functions = tuple(layers.get(n, UNKNOWN) for n in names)
        return cls(tuple(names), functions, table.steps, table.rounds, table.values)

    def of(self, function: str) -> list[int]:
        """Return the positions of the layers with this function."""
        return [j for j, f in enumerate(self.functions) if f == function]


@dataclass(frozen=True)
class SilentLayer:
    """Units of a layer that were 0 on every row of every sampled batch since a step."""

    layer: str
    n_units: int
    n_silent: int
    since_step: int
    n_batches: int

    @property
    def share(self) -> float:
        """Silent units over all units."""
        return self.n_silent / max(self.n_units, 1)


@dataclass(frozen=True, eq=False)
class SilentLayers:
    """Silent units of each layer with ReLU behind it, over the last `WINDOW` sampled batches."""

    WINDOW = 8
    layers: tuple[SilentLayer, ...]
    round_index: int

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Raise Missing where no such layer was sampled."""
        names = log.silent_layers()
        if not names:
            raise Missing("no layer with ReLU behind it was recorded")
        functions = {x.name: x.activation for x in facts.layers}
        found, last = [], 0
        for name in names:
            units = log.silent(name)
            recent = units.masks[-cls.WINDOW :]
            module = _rectifier(name, facts)
            if module in names and np.array_equal(log.silent(module).masks[-cls.WINDOW :], recent):
                continue  # the same units, seen once before and once behind the module
            last = max(last, int(units.rounds[-1]))
            if functions.get(name, "relu") in ("relu", UNKNOWN, "relu6"):
                n_silent = int(recent.all(axis=0).sum())
                since = int(units.steps[-len(recent)])
                found.append(SilentLayer(name, recent.shape[1], n_silent, since, len(recent)))
        return cls(tuple(found), last)


def _rectifier(name: str, facts: NetFacts) -> str:
    """Return the ReLU module that comes behind a layer, before the next one with weights; "" for none."""
    order = [x.name for x in facts.layers]
    behind = facts.layers[order.index(name) + 1 :] if name in order else ()
    return next((x.name for x in takewhile(lambda x: not x.is_weighted, behind) if x.type in _RECTIFIERS), "")


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean, variance and share of zeros of one kind of tensor over the steps. Arrays (n_steps, n_layers)."""

    kind: str
    layers: tuple[str, ...]
    steps: Integers
    rounds: Integers
    mean: Floats
    var: Floats
    zero_share: Floats

    @classmethod
    def of(cls, log: TensorLog, kind: str) -> Self | None:
        """Measure one kind; return None if it was never sampled."""
        names = [n for n in log.layers(kind) if n != EVALUATION]
        tables = [log.table(kind, statistic, names) for statistic in ("mean", "var", "zero_share")]
        if not names or not len(tables[0].steps) or any(t.values.shape != tables[0].values.shape for t in tables):
            return None
        mean, var, zero = (t.values for t in tables)
        return cls(kind, tuple(names), tables[0].steps, tables[0].rounds, mean, var, zero)


@dataclass(frozen=True, eq=False)
class Spreads:
    """`Spread` of every kind of tensor that has one; at least one."""

    found: tuple[Spread, ...]

    @classmethod
    def measure(cls, log: TensorLog) -> Self:
        """Raise Missing where no tensor was sampled."""
        kinds = dict.fromkeys(k.kind for k in log.keys() if k.statistic == "zero_share")
        found = tuple(s for kind in kinds if (s := Spread.of(log, kind)) is not None)
        if not found:
            raise Missing("no tensor was sampled yet")
        return cls(found)


def zero_shares(spread: Spread, facts: NetFacts) -> Floats:
    """Return the share of zeros (n_steps, n_layers); NaN for weights and gradients of all but matrices.

    Biases start at zero by custom, a loss of differences gives the last one no gradient, and a batch touches few rows
    of an embedding.
    """
    looked_up = {x.name for x in facts.layers if x.type.startswith("Embedding")}
    sparse = looked_up if spread.kind == GRADIENT else set()
    matrices = {p.name for p in facts.matrices() if p.module not in sparse}
    counts = [spread.kind not in (WEIGHT, GRADIENT) or name in matrices for name in spread.layers]
    return np.where(counts, spread.zero_share, np.nan)


def dropouts(facts: NetFacts) -> dict[str, float]:
    """Return the share of its input that each dropout layer sets to zero, by name."""
    given = {x.name: (x.settings or {}).get("p", 0.0) for x in facts.layers if "Dropout" in x.type}
    return {name: float(share) if isinstance(share, int | float) else 0.0 for name, share in given.items()}


def bad_since(bad: NDArray[np.bool_], n_least: int) -> NDArray[np.int64]:
    """Return, (n_layers,), the step since which a layer is bad without a break; -1 if for fewer than `n_least`.

    `bad` has shape (n_steps, n_layers).
    """
    n = len(bad)
    if not n:
        return np.full(bad.shape[1], -1, dtype=np.int64)
    good = ~bad
    last = np.where(good.any(axis=0), n - 1 - good[::-1].argmax(axis=0), -1)
    return np.asarray(np.where(n - 1 - last >= n_least, last + 1, -1), dtype=np.int64)
