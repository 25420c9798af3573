"""What all pictures share: the base class, the answer where there is none, and their JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.prediction_log import PredictionLog
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.run_data import RunData

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
AnyRun = RunData | Recorded
"""A run as the user holds it, or its streams."""
T = TypeVar("T")
_DIGITS = 7
"""Significant digits in a picture's JSON: as many as a float32 has."""


@dataclass(frozen=True, eq=False)
class Picture:
    """Base of the pictures. Arrays are columns of equal length unless a field says otherwise."""

    name: ClassVar[str] = ""
    """The picture's name: that of its function, and of its chapter on the page."""
    question: ClassVar[str] = ""
    """What the picture answers, as the reader would ask it."""

    def to_dict(self) -> dict[str, Any]:
        """Return data for standard JSON: arrays as lists, NaN and infinities as None."""
        return {"name": self.name, "question": self.question, **_fields(self)}


@dataclass(frozen=True)
class NoPicture:
    """There is nothing to draw; `reason` says why, and what to record or pass."""

    reason: str


def data_of(run: AnyRun) -> RunData:
    """Return the streams of a run."""
    return run if isinstance(run, RunData) else run.data


def once(run: RunData, make: Callable[[RunData], T]) -> T:
    """Return `make(run)`, computed again only when the run has grown, ended, or been replayed since."""
    predictions = run.stream(PredictionLog)
    state = (run.n_rounds, run.ended, 0 if predictions is None else predictions.n_changes)
    known = _KNOWN.setdefault(run, {})
    kept = known.get(make)
    if kept is None or kept[0] != state:
        kept = known[make] = (state, make(run))
    value: T = kept[1]
    return value


_KNOWN: WeakKeyDictionary[RunData, dict[Any, tuple[Any, Any]]] = WeakKeyDictionary()


def _fields(value: Any) -> dict[str, Any]:
    return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return _fields(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value
