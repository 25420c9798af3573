"""Whole tensors, kept on disk until asked for: a stream beside `TensorLog`, whose statistics stay in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from treedebug.store.file_format import Blob


@dataclass(frozen=True, eq=False)
class WholeTensor:
    """A tensor as it was. `labels` (n_rows,) are the classes of its rows where known, else empty."""

    layer: str
    kind: str
    step: int
    round_index: int
    values: NDArray[np.generic]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class TensorRef:
    """Where a whole tensor is: its values as little-endian numbers of `dtype`, then `n_labels` int64 of labels."""

    layer: str
    kind: str
    step: int
    round_index: int
    dtype: str
    shape: tuple[int, ...]
    n_labels: int
    blob: Blob

    def load(self) -> WholeTensor:
        """Fetch it. Raise ValueError if the bytes are no numbers of that shape, a row at least."""
        raw = self.blob.load()
        split = len(raw) - 8 * self.n_labels
        if (
            np.dtype(self.dtype).kind not in "biuf"
            or not self.shape
            or min(self.shape) < 1
            or not 0 <= split <= len(raw)
        ):
            raise ValueError(f"no tensor: {self.dtype} {self.shape}, {self.n_labels} labels in {len(raw)} bytes")
        values = np.frombuffer(raw[:split], dtype=self.dtype).reshape(self.shape)
        labels = np.frombuffer(raw[split:], dtype="<i8").astype(np.int64)
        return WholeTensor(self.layer, self.kind, self.step, self.round_index, values, labels)


class WholeTensors:
    """References to whole tensors, in the order in which they were recorded."""

    def __init__(self, refs: list[TensorRef] | None = None) -> None:
        self._refs: list[TensorRef] = refs if refs is not None else []

    def append(self, ref: TensorRef) -> None:
        """Add one tensor."""
        self._refs.append(ref)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        self._refs[:] = [r for r in self._refs if r.round_index < n_rounds]

    def until(self, n_rounds: int) -> WholeTensors:
        """Return the references as they were when `n_rounds` rounds were recorded."""
        return WholeTensors([r for r in self._refs if r.round_index < n_rounds])

    def of(self, layer: str, kind: str | None = None) -> list[TensorRef]:
        """Return all tensors of a layer, of one kind or of any, by step."""
        return [r for r in self._refs if r.layer == layer and kind in (None, r.kind)]

    def layers(self) -> list[str]:
        """Return the layers of which a whole tensor is recorded."""
        return list(dict.fromkeys(r.layer for r in self._refs))

    def __len__(self) -> int:
        """Return the number of tensors."""
        return len(self._refs)
