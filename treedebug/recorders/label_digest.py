"""A hash of a dataset's labels, so that two runs can tell whether they saw the same rows in the same order."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import ArrayLike


def label_digest(label: ArrayLike | None) -> str:
    """Return 12 hexadecimal digits over the labels as float32, or "" without labels."""
    if label is None:
        return ""
    values = np.ascontiguousarray(np.asarray(label, dtype=np.float32))
    return hashlib.blake2b(values.tobytes(), digest_size=6).hexdigest() if values.size else ""
