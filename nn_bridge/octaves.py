"""Histogram sketches: counts by sign and power of two, of an even sample of a tensor's entries."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from nn_bridge.reduce import flat
from nn_bridge.streams import N_OCTAVES, Histogram

SAMPLE = 2**14
"""Entries a histogram counts at most."""
_SHIFT = 39
"""`frexp` gives 2**-40 the exponent -39: the first octave."""


def thinned(tensor: torch.Tensor) -> torch.Tensor:
    """The entries to be counted, as a copy of their own."""
    return flat(tensor.detach(), SAMPLE).clone()


def octaves(values: NDArray[np.float64], *, step: int, round_index: int) -> Histogram:
    """Count the values (n,)."""
    finite = values[np.isfinite(values)]
    _, exponents = np.frexp(finite)
    places = np.clip(exponents + _SHIFT, 0, N_OCTAVES - 1)
    return Histogram(
        step=step,
        round_index=round_index,
        negative=np.bincount(places[finite < 0], minlength=N_OCTAVES),
        zeros=int(np.count_nonzero(finite == 0)),
        positive=np.bincount(places[finite > 0], minlength=N_OCTAVES),
        nonfinite=len(values) - len(finite),
    )
