"""The parameters that differ between runs beside the metric that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from treedebug.core.plain_json import plain
from treedebug.pictures.compared_runs import NO_METRIC, scored
from treedebug.pictures.picture import AnyRun, Floats, NoPicture, Picture

_MOST_AXES = 12
_FEWEST = 2
_DIGITS = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Axis:
    """One parameter, or the metric; one entry a run."""

    axis: str
    values: tuple[Any, ...]
    """Plain data; None where the run does not have it."""
    position: Floats
    """Place on the axis, 0..1: amounts as they lie, logarithmic where they span a hundredfold; others by their text."""
    is_amount: bool
    is_logarithmic: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class ParallelCoordinates(Picture):
    """The parameters that differ, the metric last."""

    name: ClassVar[str] = "parallel_coordinates"
    question: ClassVar[str] = "Which parameters make the difference?"

    runs: tuple[str, ...]
    axes: tuple[Axis, ...]
    metric: str
    higher_is_better: bool


def parallel_coordinates(runs: Sequence[AnyRun], labels: Sequence[str]) -> ParallelCoordinates | NoPicture:
    """Return the parameters that differ between the runs, and their best metric."""
    found = scored(runs, labels)
    if len(found) < _FEWEST:
        return NoPicture(NO_METRIC)
    first = found[0].loss
    params = [{k: _rounded(plain(v)) for k, v in s.run.header.params.items()} for s in found]
    names = [n for n in dict.fromkeys(k for p in params for k in p) if len({repr(p.get(n)) for p in params}) > 1]
    if not names:
        return NoPicture("the runs have the same parameters")
    return ParallelCoordinates(
        runs=tuple(s.label for s in found),
        axes=(
            *(_axis(n, [p.get(n) for p in params]) for n in names[:_MOST_AXES]),
            _axis(first.metric, [s.best for s in found]),
        ),
        metric=first.metric,
        higher_is_better=first.higher_is_better,
    )


def _rounded(value: Any) -> Any:
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def _axis(name: str, values: list[Any]) -> Axis:
    known = [v for v in values if v is not None]
    amounts = all(isinstance(v, int | float) and not isinstance(v, bool) for v in known)
    if amounts:
        at = np.array([np.nan if v is None else float(v) for v in values])
    else:
        order = sorted({str(v) for v in known})
        at = np.array([np.nan if v is None else float(order.index(str(v))) for v in values])
    finite = at[np.isfinite(at)]
    logarithmic = bool(amounts and len(finite) and finite.min() > 0 and finite.max() >= 100 * finite.min())
    if logarithmic:
        at, finite = np.log(at), np.log(finite)
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    position = (at - low) / (high - low) if high > low else np.where(np.isfinite(at), 0.5, np.nan)
    return Axis(
        axis=name, values=tuple(values), position=np.asarray(position), is_amount=amounts, is_logarithmic=logarithmic
    )
