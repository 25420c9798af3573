"""The numbers of one step: gathered wherever they are, fetched with one copy a device, and named once for all steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nn_bridge.streams import TensorKey
from nn_bridge.sums import N_COLUMNS, STATISTICS, statistics

Floats = NDArray[np.float64]
Keys = tuple[TensorKey, ...]


@dataclass
class Gathered:
    """Arrays of one step, on whatever devices."""

    held: list[Any] = field(default_factory=list)

    def add(self, values: Any) -> int:
        """Keep an array of numpy or a tensor; returns its place in `numbers`."""
        self.held.append(values)
        return len(self.held) - 1

    def numbers(self) -> list[Floats]:
        """All of them as numpy arrays of float64, in the order they were added."""
        out: list[Any] = list(self.held)
        devices: dict[torch.device, list[int]] = {}
        for i, values in enumerate(self.held):
            if isinstance(values, torch.Tensor):
                devices.setdefault(values.device, []).append(i)
        for places in devices.values():
            tensors = [self.held[i].detach() for i in places]
            wide = any(t.dtype == torch.float64 for t in tensors)
            joined = torch.cat([t.reshape(-1).to(torch.float64 if wide else torch.float32) for t in tensors])
            fetched, at = joined.cpu().numpy().astype(np.float64), 0
            for i, t in zip(places, tensors, strict=True):
                out[i] = fetched[at : at + t.numel()].reshape(tuple(t.shape))
                at += t.numel()
        return out


@dataclass(frozen=True, eq=False)
class Group:
    """The sums of several tensors of one kind, a row each; `place` is where they are in a `Gathered`."""

    kind: str
    names: tuple[str, ...]
    sizes: NDArray[np.int64]
    counts: NDArray[np.int64]
    """Entries of the whole tensors, of which the sums may be of a sample."""
    place: int


@dataclass
class Taken:
    """What was read of one step."""

    gathered: Gathered = field(default_factory=Gathered)
    groups: list[Group] = field(default_factory=list)
    single: dict[TensorKey, int] = field(default_factory=dict)
    """Where single numbers are."""

    def add(self, kind: str, names: tuple[str, ...], sums: Any, *, sizes: Any, counts: Any) -> None:
        """The sums (n, 7) of some tensors."""
        self.groups.append(Group(kind, names, np.asarray(sizes), np.asarray(counts), self.gathered.add(sums)))

    def add_single(self, key: TensorKey, value: torch.Tensor | float) -> None:
        """One number, or a tensor of one."""
        held = value.detach().reshape(-1)[:1] if isinstance(value, torch.Tensor) else (float(value),)
        self.single[key] = self.gathered.add(held)


class Names:
    """Keys of the statistics; steps that give the same share one tuple."""

    def __init__(self) -> None:
        self._known: dict[Any, Keys] = {}

    def of(self, groups: Sequence[tuple[str, tuple[str, ...]]], single: tuple[TensorKey, ...]) -> Keys:
        """The keys of the statistics of some tensors, by (kind, names), and of single numbers after them."""
        mark = (tuple(groups), single)
        known = self._known.get(mark)
        if known is None:
            many = (TensorKey(name, kind, s) for kind, names in groups for name in names for s in STATISTICS)
            known = self._known[mark] = (*many, *single)
        return known


def named(taken: Taken, numbers: Sequence[Any], names: Names) -> tuple[Keys, Floats]:
    """Keys and values of all that was taken."""
    groups = taken.groups
    keys = names.of([(g.kind, g.names) for g in groups], tuple(taken.single))
    rows = [np.asarray(numbers[g.place], dtype=np.float64).reshape(-1, N_COLUMNS) for g in groups]
    parts: list[Any] = []
    if rows:
        sizes, counts = (np.concatenate([getattr(g, n) for g in groups]) for n in ("sizes", "counts"))
        parts.append(statistics(np.concatenate(rows), sizes, counts).reshape(-1))
    parts += [numbers[at] for at in taken.single.values()]
    return keys, np.concatenate(parts) if parts else np.empty(0)
