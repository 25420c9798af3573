"""The numbers of one step: collected on any device, fetched with one copy a device, and named once for all steps."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray

from nn_bridge.record.tensor_streams import TensorKey
from nn_bridge.statistics.array_view import array_view
from nn_bridge.statistics.block_sums import N_COLUMNS, BlockSums
from nn_bridge.statistics.joined_tensors import Joined, JoinedArrays, row_on_device, sums_on_device
from nn_bridge.statistics.tensor_sums import STATISTICS, statistics

Floats = NDArray[np.float64]
Keys = tuple[TensorKey, ...]


@dataclass
class DeviceNumbers:
    """Arrays of one step, and sums of its tensors, on whatever devices."""

    block_sums: BlockSums = field(default_factory=BlockSums)
    _held: list[Any] = field(default_factory=list)
    _sums: list[tuple[int, Sequence[int]]] = field(default_factory=list)
    """Where sums from an accelerator are held, and of which tensors they are."""

    def add(self, values: Any) -> int:
        """Keep an array of numpy or a tensor; return its place in `numbers`."""
        if isinstance(values, torch.Tensor) and values.device.type == "cpu":
            values = values.detach()
            values = array_view(values.float() if values.dtype in (torch.bfloat16, torch.float16) else values)
        self._held.append(values)
        return len(self._held) - 1

    def add_sums(self, tensors: Joined) -> range:
        """Take the sums of several tensors; return their places in `sums`."""
        places = self.block_sums.new(len(tensors.sizes))
        if isinstance(tensors, JoinedArrays):
            self.block_sums.add_lines(tensors.lines, places, tensors.less)
        else:
            self._sums.append((self.add(sums_on_device(tensors)), places))
        return places

    def add_sums_of(self, values: torch.Tensor, place: int | None = None) -> int:
        """Take the sums of a tensor of float32 or float64, or of more of the one at this place; return its place."""
        at = self.block_sums.new()[0] if place is None else place
        if values.device.type == "cpu":
            self.block_sums.add(array_view(values).reshape(-1), at)
        else:
            self._sums.append((self.add(row_on_device(values)), (at,)))
        return at

    def fetch(self) -> list[Any]:
        """Return everything kept, as numpy arrays, in the order in which it was added."""
        out: list[Any] = list(self._held)
        devices: dict[torch.device, list[int]] = {}
        for i, values in enumerate(out):
            if isinstance(values, torch.Tensor):
                devices.setdefault(values.device, []).append(i)
        for places in devices.values():
            tensors = [self._held[i].detach() for i in places]
            wide = any(t.dtype == torch.float64 for t in tensors)
            joined = torch.cat([t.reshape(-1).to(torch.float64 if wide else torch.float32) for t in tensors])
            fetched, at = joined.cpu().numpy().astype(np.float64), 0
            for i, t in zip(places, tensors, strict=True):
                out[i] = fetched[at : at + t.numel()].reshape(tuple(t.shape))
                at += t.numel()
        for place, numbers in self._sums:
            self.block_sums.add_sums(out[place].reshape(-1, N_COLUMNS), numbers)
        self._sums = []
        return out


class Group(NamedTuple):
    """Tensors of one kind, whose sums are at these `places`."""

    kind: str
    names: tuple[str, ...]
    places: Sequence[int]
    sizes: Sequence[int]
    counts: Sequence[int]
    """Entries of the whole tensors, of which the sums may be of a sample."""


@dataclass
class StepNumbers:
    """What was read of one step."""

    device_numbers: DeviceNumbers = field(default_factory=DeviceNumbers)
    groups: list[Group] = field(default_factory=list)
    single: dict[TensorKey, float | int] = field(default_factory=dict)
    """Single numbers, or where they are among the fetched arrays (int)."""

    def add(self, kind: str, names: tuple[str, ...], tensors: Joined, counts: Sequence[int]) -> None:
        """Add several tensors of one kind."""
        self.groups.append(Group(kind, names, self.device_numbers.add_sums(tensors), tensors.sizes, counts))

    def add_single(self, key: TensorKey, value: torch.Tensor | float) -> None:
        """Add one number, or a tensor of one."""
        if not isinstance(value, torch.Tensor):
            self.single[key] = float(value)
        elif value.device.type == "cpu":
            self.single[key] = float(value.detach())
        else:
            self.single[key] = self.device_numbers.add(value.detach().reshape(-1)[:1])


class Names:
    """Keys of the statistics; steps that give the same share one tuple."""

    def __init__(self) -> None:
        self._known: dict[Any, Keys] = {}

    def of(self, groups: Sequence[tuple[str, tuple[str, ...]]], single: tuple[TensorKey, ...]) -> Keys:
        """Return the keys of the statistics of some tensors, by (kind, names), and of single numbers after them."""
        mark = (tuple(groups), single)
        known = self._known.get(mark)
        if known is None:
            many = (TensorKey(name, kind, s) for kind, names in groups for name in names for s in STATISTICS)
            known = self._known[mark] = (*many, *single)
        return known


class StepSums(NamedTuple):
    """What one step gave: sums (n, 7) by place, and single numbers."""

    step: int
    groups: list[Group]
    sums: Floats
    single: dict[TensorKey, float]

    @classmethod
    def of(cls, step: int, step_numbers: StepNumbers, numbers: Sequence[Any], sums: Floats) -> Self:
        """Combine a step with the `numbers` fetched of it."""
        single = {k: float(numbers[v][0]) if isinstance(v, int) else v for k, v in step_numbers.single.items()}
        return cls(step, step_numbers.groups, sums, single)


def named(steps: Iterable[StepSums], names: Names) -> Iterator[tuple[int, Keys, Floats]]:
    """Yield step, keys and values of each; steps with the same keys, as nearly all, are computed together."""
    for (groups, single), run in itertools.groupby(steps, key=lambda s: (s.groups, tuple(s.single))):
        alike = list(run)
        keys = names.of([(g.kind, g.names) for g in groups], single)
        places = [i for g in groups for i in g.places]
        sizes, counts = [n for g in groups for n in g.sizes], [n for g in groups for n in g.counts]
        rows = np.empty((len(alike), len(keys)))
        n, table = len(keys) - len(single), np.concatenate([s.sums[places] for s in alike])
        rows[:, :n] = statistics(table, sizes * len(alike), counts * len(alike)).reshape(len(alike), n)
        rows[:, n:] = [list(s.single.values()) for s in alike]
        yield from ((s.step, keys, row) for s, row in zip(alike, rows, strict=True))
