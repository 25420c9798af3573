"""How long a model takes to predict: one row alone, and all of them at once."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from treedebug.api.rebuild_booster import library_module, load_booster
from treedebug.cure.fix.sets import RowSet

Floats = NDArray[np.float64]
_LOOKS, _ONE_ROW_LOOKS = 5, 30


def asked(booster: Any, rows: Any, library: str) -> Floats:
    """Return (n_rows, n_outputs) raw scores by the library."""
    if library == "xgboost":
        names, types = (None, None) if hasattr(rows, "columns") else (booster.feature_names, booster.feature_types)
        data = library_module("xgboost").DMatrix(
            rows, feature_names=names, feature_types=types, enable_categorical=True
        )
        found = booster.predict(data, output_margin=True)
    else:
        found = booster.predict(rows, raw_score=True)
    values = np.asarray(found, dtype=np.float64)
    return values.reshape(len(values), -1)


def seconds_a_row(raw: bytes, part: RowSet, library: str) -> float:
    """Return the median of several looks at one row alone, the table's conversion included."""
    booster, one = load_booster(raw, library), part.take(np.array([0])).X
    return statistics.median(_seconds(lambda: asked(booster, one, library)) for _ in range(_ONE_ROW_LOOKS))


def rows_a_second(raw: bytes, part: RowSet, library: str) -> float:
    """Return the rows that are predicted in a second, all of them at once."""
    booster = load_booster(raw, library)
    median = statistics.median(_seconds(lambda: asked(booster, part.X, library)) for _ in range(_LOOKS))
    return len(part) / max(median, 1e-9)


def _seconds(call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
