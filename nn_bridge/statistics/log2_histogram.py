"""Histogram sketches: counts by sign and power of two, of an even sample of a tensor's entries."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nn_bridge.record.tensor_streams import N_BINS, Histogram
from nn_bridge.statistics.joined_tensors import flat

SAMPLE = 2**14
"""Entries a histogram counts at most."""
_SHIFT = 39
"""`frexp` gives 2**-40 the exponent -39: the first bin."""
_LAYOUTS: dict[int, tuple[Any, int]] = {4: (np.int32, 8), 8: (np.int64, 11)}
"""IEEE 754, by bytes: whole numbers of that size, and bits of the exponent."""


def histogram_sample(tensor: torch.Tensor) -> torch.Tensor:
    """Return the entries to be counted, as a copy of their own."""
    return flat(tensor.detach(), SAMPLE).clone()


def log2_histogram(values: NDArray[np.floating[Any]], *, step: int, round_index: int) -> Histogram:
    """Count the values (n,), of float32 or float64: sign and exponent are the leading bits of each."""
    bits, n_exponent = _LAYOUTS[values.dtype.itemsize]
    leading = values.view(bits) >> (8 * values.dtype.itemsize - 1 - n_exponent)
    counts = np.bincount(leading & ((2 << n_exponent) - 1), minlength=2 << n_exponent)
    by_sign = counts.reshape(2, 1 << n_exponent)
    zeros = len(values) - int(np.count_nonzero(values))
    nonfinite = by_sign[:, -1].sum()
    places = np.clip(np.arange((1 << n_exponent) - 1) - (1 << n_exponent - 1) + _SHIFT + 2, 0, N_BINS - 1)
    positive, negative = (np.bincount(places, c[:-1], N_BINS).astype(np.int64) for c in by_sign)
    n_negative_zeros = int(np.count_nonzero(np.signbit(values[values == 0]))) if zeros else 0
    positive[0] -= zeros - n_negative_zeros
    negative[0] -= n_negative_zeros
    return Histogram(
        step=step, round_index=round_index, negative=negative, zeros=zeros, positive=positive, nonfinite=int(nonfinite)
    )
