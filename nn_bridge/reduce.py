"""Tensors joined, and their sums, with one copy off an accelerator a step.

On the CPU numpy reduces what is joined (see `sheet`); its calls cost a fraction of torch's there. On an accelerator
torch does, and what comes of it stays there until it is fetched with the rest of the step. Everything here is to be
called without gradients.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from nn_bridge.sheet import WIDTH, padding

LIMIT = 2**20
"""Larger tensors are reduced on evenly spaced entries, about this many, so that time and memory stay bounded."""
_DOUBLES = (torch.float64,)
_SINGLES = (torch.float32,)


def flat(tensor: torch.Tensor, limit: int = LIMIT) -> torch.Tensor:
    """The entries of a tensor in one dimension, float32 or float64; beyond `limit` an even sample. May be a view."""
    if _is_plain(tensor, limit):
        return tensor.view(-1)
    values = tensor.detach()
    if values.layout != torch.strided:
        values = values.to_dense()
    values = values.reshape(-1)
    if values.numel() > limit:
        values = values[:: -(-values.numel() // limit)]
    return values if values.dtype in (*_SINGLES, *_DOUBLES) else values.float()


def _is_plain(tensor: torch.Tensor, limit: int) -> bool:
    """Whether the entries can be used as they lie in memory: the common case, and the fast one."""
    is_dense = tensor.layout == torch.strided and tensor.dtype == torch.float32
    return is_dense and tensor.numel() <= limit and tensor.is_contiguous()


@functools.cache
def _zeros(dtype: torch.dtype) -> torch.Tensor:
    return torch.zeros(WIDTH, dtype=dtype)


@dataclass(frozen=True, eq=False)
class Segments:
    """Several tensors joined end to end; on the CPU with the padding of `sheet` between them. `sizes` are positive."""

    values: torch.Tensor
    sizes: tuple[int, ...]

    @classmethod
    def join(cls, tensors: Sequence[torch.Tensor]) -> Segments:
        """Copy the tensors' entries; all on one device, none of them empty."""
        parts = [flat(t) for t in tensors]
        sizes = tuple([p.numel() for p in parts])
        if parts[0].device.type == "cpu":
            zeros = _zeros(parts[0].dtype)
            parts = [x for p, n in zip(parts, sizes, strict=True) for x in (p, zeros[: padding(n)])]
        return cls(torch.cat(parts).detach(), sizes)

    def minus(self, other: Segments) -> Segments:
        """The difference, entry by entry."""
        return Segments(self.values - other.values, self.sizes)

    def divided(self, scale: torch.Tensor) -> Segments:
        """All entries divided by a number that may be on the accelerator."""
        return Segments(self.values / scale.to(self.values.device), self.sizes)


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
