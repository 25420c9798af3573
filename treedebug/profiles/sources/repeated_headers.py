"""Rows that repeat the header, as files that were put together have them: left out, and counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NONE: NDArray[np.int64] = np.zeros(0, dtype=np.int64)


def without_headers(
    frame: pd.DataFrame, names: Sequence[str], as_text: Collection[str] = ()
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the rows that do not repeat the header, their columns as they would be without, and where it stood."""
    texts = [n for n, dtype in frame.dtypes.items() if not pd.api.types.is_numeric_dtype(dtype)]
    if len(texts) < max(len(names), 2):  # a header would make each column one of texts
        return frame, NONE
    repeats = _repeats(frame[texts[0]], str(texts[0]))
    for name in texts[1:]:
        if not repeats.any():
            return frame, NONE
        repeats &= _repeats(frame[name], str(name))
    if not repeats.any():
        return frame, NONE
    left = frame[~repeats].reset_index(drop=True)
    for name in texts:
        if name not in as_text:
            numbers = pd.to_numeric(left[name], errors="coerce")
            if not (numbers.isna() & left[name].notna()).any():
                left[name] = numbers
    return left, np.flatnonzero(repeats.to_numpy())


def _repeats(column: Any, name: str) -> Any:
    """Rows whose text is the column's name, whatever its case and blanks."""
    wanted = name.strip().casefold()
    same = column == name
    other = [v for v in column.unique() if isinstance(v, str) and v != name and v.strip().casefold() == wanted]
    return same | column.isin(other) if other else same
