"""Tensors to numbers: several statistics of many tensors in a few passes, with one copy off an accelerator a step.

On the CPU numpy reduces the joined tensors segment by segment; its calls cost a fraction of torch's there. On an
accelerator torch does the same, and what comes of it stays there until it is fetched with the rest of the step.
Everything here is to be called without gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nn_bridge.sums import segment_sums

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


@dataclass(frozen=True, eq=False)
class Segments:
    """Several tensors joined end to end. `starts`, `sizes` (n,); `sizes` are positive."""

    values: torch.Tensor
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def join(cls, tensors: Sequence[torch.Tensor]) -> Segments:
        """Copy the tensors' entries; all on one device, none of them empty."""
        parts = [flat(t) for t in tensors]
        sizes = np.array([p.numel() for p in parts], dtype=np.int64)
        return cls(torch.cat(parts).detach(), np.cumsum(sizes) - sizes, sizes)

    def minus(self, other: Segments) -> Segments:
        """The difference, entry by entry."""
        return Segments(self.values - other.values, self.starts, self.sizes)

    def divided(self, scale: torch.Tensor) -> Segments:
        """All entries divided by a number that may be on the accelerator."""
        return Segments(self.values / scale.to(self.values.device), self.starts, self.sizes)

    def sums(self) -> NDArray[np.float64] | torch.Tensor:
        """(n, 7): sums of squares, values and absolute values, extremes, counts of zeros and of non-finite entries."""
        if self.values.device.type == "cpu":
            return segment_sums(self.values.numpy(), self.starts, self.sizes)
        return _on_device(self.values, self.sizes)


def _on_device(x: torch.Tensor, sizes: NDArray[np.int64]) -> torch.Tensor:
    lengths = torch.as_tensor(sizes).to(x.device, non_blocking=True)
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
