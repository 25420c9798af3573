"""Which of the listed runs are shown, in which order: a search text, filters, conditions, a column, a page."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.live.listed_run import ListedRun

PAGE = 100
"""Runs on one page."""
COLUMNS = {
    "run": "place", "status": "state", "rounds": "n_rounds", "best": "best", "metric": "metric",
    "in round": "best_round", "findings": "findings", "started": "started", "seconds": "seconds", "library": "library",
}  # fmt: skip
"""Columns of the list, and where a row has them; any other name is that of a parameter."""
_CONDITION = re.compile(r"\s*(?P<name>[^<>=!]+?)\s*(?P<how><=|>=|!=|==|=|<|>)\s*(?P<value>[^<>=!\s].*?)\s*")
_MOST = 20
"""Conditions, and parameters with a column of their own."""


@dataclass(frozen=True)
class RunQuery:
    """What the address of the list asks for; an empty text asks for nothing."""

    text: str = ""
    finding: str = ""
    status: str = ""
    metric: str = ""
    where: str = ""
    """Conditions on columns and parameters: "max_depth >= 6, best < 0.3"."""
    sort: str = "started"
    is_descending: bool = True
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> RunQuery:
        """Return the query of an address; a page number that is none is the first."""
        page, sort = asked.get("page", "1"), asked.get("sort", "")
        return cls(
            text=asked.get("text", "").strip(),
            finding=asked.get("finding", ""),
            status=asked.get("status", ""),
            metric=asked.get("metric", ""),
            where=asked.get("where", "").strip(),
            sort=sort or "started",
            is_descending=asked.get("order", "" if sort else "down") == "down",
            page=max(int(page), 1) if page.isdecimal() and len(page) < 7 else 1,
        )

    def chosen(self, runs: Iterable[ListedRun]) -> list[ListedRun]:
        """Return the runs asked for, sorted; those without the value last. Raise ConfigError for a wrong condition."""
        conditions = [_condition(part) for part in self.where.split(",") if part.strip()][:_MOST]
        words = self.text.casefold().split()
        kept = [run for run in runs if self._fits(run, words) and all(_holds(run, *c) for c in conditions)]
        kept.sort(key=lambda run: run.place)
        kept.sort(key=lambda run: _key(value_of(run, self.sort)), reverse=self.is_descending)
        kept.sort(key=lambda run: _is_missing(value_of(run, self.sort)))
        return kept

    def _fits(self, run: ListedRun, words: Sequence[str]) -> bool:
        row = run.row
        codes = str(row.get("findings") or "").split(",")
        return (
            (not self.status or row.get("state") == self.status)
            and (not self.metric or metric_of(run) == self.metric)
            and (not self.finding or any(code.startswith(self.finding) for code in codes))
            and all(word in _searched(run) for word in words)
        )


@dataclass(frozen=True)
class Choices:
    """What the filters offer: each value with the number of runs that have it; parameters that differ."""

    findings: Sequence[tuple[str, int]]
    states: Sequence[tuple[str, int]]
    metrics: Sequence[tuple[str, int]]
    parameters: Sequence[str]
    """Those that differ between the runs; the first ones have a column."""


def choices_of(runs: Sequence[ListedRun]) -> Choices:
    """Return what the filters offer."""
    findings: Counter[str] = Counter()
    values: dict[str, set[Any]] = {}
    for run in runs:
        findings.update(code for code in str(run.row.get("findings") or "").split(",") if code)
        for name, value in run.params.items():
            seen = values.setdefault(name, set())
            if len(seen) < _MOST:
                seen.add(value)
    differing = [name for name, seen in values.items() if len(seen) > 1]
    return Choices(
        findings=sorted(findings.items()),
        states=Counter(str(run.row.get("state")) for run in runs).most_common(),
        metrics=Counter(filter(None, map(metric_of, runs))).most_common(),
        parameters=sorted(differing, key=lambda name: (-len(values[name]), name))[:_MOST],
    )


def metric_of(run: ListedRun) -> str:
    """Return dataset and metric of a run's deciding curve; "" where it has none, or was not read yet."""
    return f"{run.row['dataset']} {run.row['metric']}" if run.row.get("metric") else ""


def value_of(run: ListedRun, name: str) -> Any:
    """Return what stands in a column, or the value of a parameter."""
    if name in {"run", "metric"}:
        return run.place if name == "run" else metric_of(run)
    return run.row.get(COLUMNS[name]) if name in COLUMNS else run.params.get(name)


def _searched(run: ListedRun) -> str:
    row = run.row
    said = [run.place, *(str(row.get(k) or "") for k in ("name", "tags", "library", "objective", "findings", "state"))]
    return " ".join([*said, *(f"{k}={v}" for k, v in run.params.items())]).casefold()


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _key(value: Any) -> tuple[int, int | float, str]:
    """Return a key that orders numbers before texts, and never fails."""
    if isinstance(value, int | float):
        return (0, 0.0 if _is_missing(value) else value, "")  # NaN has no order
    return (1, 0.0, "" if value is None else str(value).casefold())


def _condition(text: str) -> tuple[str, str, str]:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise ConfigError(f"a condition looks like max_depth >= 6 or best < 0.3; got {text.strip()!r}")
    return found["name"], found["how"], found["value"]


def _holds(run: ListedRun, name: str, how: str, wanted: str) -> bool:
    value = value_of(run, name)
    if _is_missing(value):
        return False
    try:
        a, b = float(value), float(wanted)
    except (TypeError, ValueError, OverflowError):
        same = str(value).casefold() == wanted.casefold()
        return {"=": same, "==": same, "!=": not same}.get(how, False)
    return {"=": a == b, "==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[how]
