"""The schedules of runs side by side: which, what it watched, and what it did to the learning rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from treedebug.core.report import ComparedRow
from treedebug.core.run.rate_log import RateLog
from treedebug.core.run.run_data import RunData

_NO_ARGUMENT = frozenset(
    ("schedule", "watch", "watches_training", "n_rounds", "least_observations", "n_observed", "inner")
)


def schedule_rows(datas: Sequence[RunData]) -> tuple[ComparedRow, ...]:
    """Return a row a fact, where some run has a schedule: its arguments in one row each, and the course of the rate."""
    logs = [data.stream(RateLog) for data in datas]
    if all(log is None for log in logs):
        return ()
    facts: list[Mapping[str, Any]] = [{} if log is None else log.facts for log in logs]
    flat = [_arguments(f) for f in facts]
    rows = [
        ComparedRow(name="schedule", values=tuple(_names(f) for f in facts)),
        ComparedRow(
            name="watched", values=tuple(" ".join(map(str, f["watch"])) if f.get("watch") else None for f in facts)
        ),
        *(
            ComparedRow(name=name, values=tuple(f.get(name) for f in flat))
            for name in dict.fromkeys(n for f in flat for n in f)
        ),
        ComparedRow(name="first rate", values=tuple(_of(d, lambda r: r[0]) for d in datas)),
        ComparedRow(name="highest rate", values=tuple(_of(d, np.max) for d in datas)),
        ComparedRow(name="lowest rate", values=tuple(_of(d, np.min) for d in datas)),
        ComparedRow(name="last rate", values=tuple(_of(d, lambda r: r[-1]) for d in datas)),
        ComparedRow(
            name="rounds with another rate than the one before", values=tuple(_of(d, _n_changes) for d in datas)
        ),
    ]
    return tuple(row for row in rows if any(v is not None for v in row.values))


def _names(facts: Mapping[str, Any]) -> str | None:
    """Return "FinalDecay of GreedyLR"; None without a schedule."""
    if not facts:
        return None
    inner, name = facts.get("inner"), str(facts.get("schedule"))
    return f"{name} of {_names(inner)}" if isinstance(inner, Mapping) else name


def _arguments(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schedule's own arguments, those of one within another behind them."""
    own = {name: value for name, value in facts.items() if name not in _NO_ARGUMENT and value is not None}
    inner = facts.get("inner")
    return {**(_arguments(inner) if isinstance(inner, Mapping) else {}), **own}


def _of(data: RunData, measure: Callable[[Any], Any]) -> float | int | None:
    rates = data.rounds.learning_rate
    known = rates[np.isfinite(rates)]
    found = measure(known) if len(known) else None
    return found if found is None or isinstance(found, int) else float(found)


def _n_changes(rates: Any) -> int:
    return int((rates[1:] != rates[:-1]).sum())
