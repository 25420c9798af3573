"""Tensors joined, and their sums, with one copy off an accelerator a step.

On the CPU numpy reduces what is joined (see `sheet`); its calls cost a fraction of torch's there. On an accelerator
torch does, and what comes of it stays there until it is fetched with the rest of the step.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nn_bridge.sheet import padding

LIMIT = 2**20
"""Larger tensors are reduced on evenly spaced entries, about this many, so that time and memory stay bounded."""
_WIDE = (torch.float32, torch.float64)


def flat(tensor: torch.Tensor, limit: int = LIMIT) -> torch.Tensor:
    """The entries of a tensor in one dimension, float32 or float64; beyond `limit` an even sample. May be a view."""
    values = tensor.detach()
    if values.layout != torch.strided:
        values = values.to_dense()
    values = values.reshape(-1)
    if values.numel() > limit:
        values = values[:: -(-values.numel() // limit)]
    return values if values.dtype in _WIDE else values.float()


def _line(tensor: torch.Tensor) -> NDArray[Any]:
    """`flat`, on the CPU; the common case takes the fewest calls."""
    if tensor.dtype in _WIDE and tensor.layout == torch.strided and tensor.numel() <= LIMIT:
        line: NDArray[Any] = tensor.detach().numpy().reshape(-1)
        return line
    return flat(tensor).numpy()


@functools.lru_cache(maxsize=256)
def _zeros(sizes: tuple[int, ...], dtype: np.dtype[Any]) -> list[NDArray[Any]]:
    """What is to stand after each of some joined arrays."""
    return [np.zeros(padding(n), dtype) for n in sizes]


@dataclass(frozen=True, eq=False)
class Segments:
    """Several tensors joined end to end; on the CPU with the padding of `sheet` between them. `sizes` are positive."""

    values: Any
    """An array of numpy on the CPU, else a tensor."""
    sizes: tuple[int, ...]

    @classmethod
    def join(cls, tensors: Sequence[torch.Tensor]) -> Segments:
        """Copy the tensors' entries; all on one device, none of them empty."""
        if tensors[0].device.type == "cpu":
            return cls.join_lines([_line(t) for t in tensors])
        parts = [flat(t) for t in tensors]
        return cls(torch.cat(parts), tuple([p.numel() for p in parts]))

    @classmethod
    def join_lines(cls, lines: Sequence[NDArray[Any]]) -> Segments:
        """Copy the entries of arrays (n,) of one kind of number."""
        sizes = tuple([line.size for line in lines])
        parts: list[Any] = [None] * (2 * len(lines))
        parts[::2], parts[1::2] = lines, _zeros(sizes, lines[0].dtype)
        return cls(np.concatenate(parts), sizes)

    def minus(self, other: Segments) -> Segments:
        """The difference, entry by entry."""
        return Segments(self.values - other.values, self.sizes)

    def divided(self, scale: torch.Tensor) -> Segments:
        """All entries divided by a number that may be on the accelerator."""
        is_here = isinstance(self.values, np.ndarray)
        return Segments(self.values / (scale.item() if is_here else scale.to(self.values.device)), self.sizes)


class Parameters:
    """Parameters that are joined again and again; all on one device, none of them empty.

    On the CPU as arrays that share their memory. These keep it alive, so that memory at the same place is the same.
    """

    def __init__(self, params: Sequence[torch.nn.Parameter]) -> None:
        self._params = list(params)
        self._places: list[int] = []
        self._lines: list[NDArray[Any]] | None = None

    def join(self) -> Segments:
        """Copy the entries."""
        places = [p.data_ptr() for p in self._params]
        if places != self._places:
            self._places, self._lines = places, self._found(places)
        return Segments.join(self._params) if self._lines is None else Segments.join_lines(self._lines)

    def _found(self, places: list[int]) -> list[NDArray[Any]] | None:
        """None where these are on an accelerator, or have to be converted."""
        if self._params[0].device.type != "cpu":
            return None
        lines = [_line(p) for p in self._params]
        return lines if [line.ctypes.data for line in lines] == places else None


def sums_on_device(joined: Segments) -> torch.Tensor:
    """(n, 7) of joined tensors on an accelerator; the columns are those of `sheet`."""
    x = joined.values
    lengths = torch.tensor(joined.sizes).to(x.device, non_blocking=True)
    ones = {
        "sum": (x * x, x, x.abs(), (x == 0).to(x.dtype), (~torch.isfinite(x)).to(x.dtype)),
        "min": (x,),
        "max": (x,),
    }
    found = {
        how: [torch.segment_reduce(v, how, lengths=lengths, unsafe=True) for v in values]
        for how, values in ones.items()
    }
    square, total, absolute, zeros, bad = found["sum"]
    return torch.stack([square, total, absolute, found["min"][0], found["max"][0], zeros, bad], dim=1)


def row_on_device(x: torch.Tensor) -> torch.Tensor:
    """(7,) of one tensor on an accelerator."""
    low, high = torch.aminmax(x)
    parts = (x.square().sum(), x.sum(), x.abs().sum(), low, high, (x == 0).sum(), (~torch.isfinite(x)).sum())
    return torch.stack([p.to(torch.float32) for p in parts])
