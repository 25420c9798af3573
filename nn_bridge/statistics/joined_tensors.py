"""Tensors joined, and their sums, with one copy off an accelerator a step.

On the CPU numpy reduces the joined arrays (see `block_sums`): its calls cost a fraction of torch's there. On an
accelerator torch does, and the sums stay there until they are fetched with the rest of the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray

from nn_bridge.statistics.array_view import array_view
from nn_bridge.statistics.block_sums import joined

LIMIT = 2**20
"""Larger tensors are reduced on evenly spaced entries, about this many, so that time and memory stay bounded."""
_WIDE = (torch.float32, torch.float64)


def flat(tensor: torch.Tensor, limit: int = LIMIT) -> torch.Tensor:
    """Flatten a tensor to float32 or float64, perhaps as a view; beyond `limit` take an even sample."""
    values = tensor.detach()
    if values.layout == torch.sparse_coo and values.numel() > limit:
        return _thinned(values, -(-values.numel() // limit))
    if values.layout != torch.strided:
        values = values.to_dense()
    values = values.reshape(-1)
    if values.numel() > limit:
        values = values[:: -(-values.numel() // limit)]
    return values if values.dtype in _WIDE else values.float()


def _thinned(tensor: torch.Tensor, every: int) -> torch.Tensor:
    """Return evenly spaced entries of a sparse tensor without making it dense: it may be a thousand times as large."""
    held = tensor.coalesce()
    values = held.values().reshape(held.values().shape[0], -1)
    row = torch.zeros_like(held.indices()[0])
    for size, index in zip(held.shape, held.indices(), strict=False):
        row = row * size + index
    at = (row * values.shape[1])[:, None] + torch.arange(values.shape[1], device=row.device)
    is_taken = at % every == 0
    line = torch.zeros(-(-tensor.numel() // every), dtype=values.dtype, device=values.device)
    line[at[is_taken] // every] = values[is_taken]
    return line if line.dtype in _WIDE else line.float()


def _line(tensor: torch.Tensor) -> NDArray[Any]:
    """Flatten on the CPU; the common case takes the fewest calls."""
    if tensor.dtype in _WIDE and tensor.layout == torch.strided and tensor.numel() <= LIMIT:
        line: NDArray[Any] = array_view(tensor.detach()).reshape(-1)
        return line
    return array_view(flat(tensor))


@dataclass(frozen=True, eq=False)
class JoinedArrays:
    """Several tensors on the CPU, each as an array (n,) that may share its memory; minus `less`, if given."""

    lines: Sequence[NDArray[Any]]
    less: NDArray[Any] | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Of each; positive."""
        return tuple([line.size for line in self.lines])

    def copied(self) -> NDArray[Any]:
        """Return a copy of all entries."""
        return joined(self.lines, self.sizes)

    def minus(self, kept: Any) -> JoinedArrays:
        """Return the difference, entry by entry."""
        return JoinedArrays(self.lines, kept)

    def divided(self, scale: torch.Tensor) -> JoinedArrays:
        """Return all entries divided by a number."""
        return JoinedArrays([line / line.dtype.type(scale.item()) for line in self.lines])


@dataclass(frozen=True, eq=False)
class JoinedOnDevice:
    """Several tensors on an accelerator, joined end to end. `sizes` are positive."""

    values: torch.Tensor
    sizes: tuple[int, ...]

    def copied(self) -> torch.Tensor:
        """Return a copy of all entries."""
        return self.values

    def minus(self, kept: Any) -> JoinedOnDevice:
        """Return the difference, entry by entry."""
        return JoinedOnDevice(self.values - kept, self.sizes)

    def divided(self, scale: torch.Tensor) -> JoinedOnDevice:
        """Return all entries divided by a number that may be on the accelerator."""
        return JoinedOnDevice(self.values / scale.to(self.values.device), self.sizes)


Joined = JoinedArrays | JoinedOnDevice


def join(tensors: Sequence[torch.Tensor]) -> Joined:
    """Join tensors on one device, none of them empty, to be measured together."""
    if tensors[0].device.type == "cpu":
        return JoinedArrays([_line(t) for t in tensors])
    parts = [flat(t) for t in tensors]
    return JoinedOnDevice(torch.cat(parts), tuple([p.numel() for p in parts]))


class Parameters:
    """Parameters that are measured again and again; all on one device, none of them empty.

    On the CPU as arrays that share their memory, as long as it is where it was and as large.
    """

    def __init__(self, params: Sequence[torch.nn.Parameter]) -> None:
        self._params = list(params)
        self._places: list[tuple[int, int]] = []
        """Where each begins, and how many entries it has."""
        self._lines: JoinedArrays | None = None

    def now(self) -> Joined:
        """Return the parameters as they are now."""
        places = [(p.data_ptr(), p.numel()) for p in self._params]
        if places != self._places:
            found = join(self._params)
            starts = [line.ctypes.data for line in found.lines] if isinstance(found, JoinedArrays) else []
            is_shared = starts == [start for start, _ in places]
            self._places, self._lines = places, found if is_shared and isinstance(found, JoinedArrays) else None
        return join(self._params) if self._lines is None else self._lines


def sums_on_device(joined: JoinedOnDevice) -> torch.Tensor:
    """Return (n, 7) sums of joined tensors on an accelerator; the columns are those of `block_sums`."""
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
    """Return (7,) sums of one tensor on an accelerator."""
    low, high = torch.aminmax(x)
    parts = (x.square().sum(), x.sum(), x.abs().sum(), low, high, (x == 0).sum(), (~torch.isfinite(x)).sum())
    return torch.stack([p.to(torch.float32) for p in parts])
