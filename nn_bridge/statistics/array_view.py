"""A tensor on the CPU as an array of numpy that shares its memory, and leaves the tensor as it is.

`Tensor.numpy()` does not: from then on torch refuses to resize the tensor's memory, which some trainings do (they free
parameters between uses, or resize buffers). DLPack has no such effect, and takes as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.dlpack import to_dlpack  # type: ignore[attr-defined]  # public all the same

_CPU = (1, 0)


class _Offer:
    """What numpy asks for."""

    __slots__ = ("_tensor",)

    def __init__(self, tensor: torch.Tensor) -> None:
        self._tensor = tensor

    def __dlpack__(self, **_: Any) -> Any:
        return to_dlpack(self._tensor)

    def __dlpack_device__(self) -> tuple[int, int]:
        return _CPU


def array_view(tensor: torch.Tensor) -> NDArray[Any]:
    """Return a dense tensor without a graph as an array of its shape, which must not be written to.

    Good until the tensor's memory is freed or resized. Raises ValueError where it was freed.
    """
    if tensor.is_neg():
        tensor = tensor.resolve_neg()
    if not tensor.data_ptr() and tensor.numel():
        raise ValueError("the memory of a tensor was freed: it cannot be read")
    if tensor.dtype is torch.bool:  # which not every numpy takes
        return array_view(tensor.view(torch.uint8)).view(np.bool_)
    return np.from_dlpack(_Offer(tensor))
