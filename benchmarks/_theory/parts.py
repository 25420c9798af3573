"""The parts of the benchmark: their rows, and the sentence that sums them up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _advice.tables import half_of

from _theory import rows, tables


@dataclass(frozen=True)
class Given:
    """What a row may use."""

    data: Path | None
    place: Path
    """A folder for runs, that is deleted afterwards."""


@dataclass(frozen=True)
class Part:
    """One table of a page."""

    key: str
    """The first column, whose values name the rows."""
    keys: Callable[[Given], Iterable[str]]
    row: Callable[[str, Given], dict[str, Any]]
    verdict: Callable[[list[dict[str, Any]]], str] = lambda _: ""
    columns: tuple[str, ...] = ()
    """Shown; all by default."""


def _n(found: Iterable[bool]) -> int:
    return sum(map(bool, found))


def _coverage(found: list[dict[str, Any]]) -> str:
    judged = [r for r in found if r.get("bar")]
    reached = [r for r in judged if r["auc"] >= float(r["bar"])]
    return (
        f"{_n(r['alarm on ordinary rows'] for r in found)} of {len(found)} ordinary splits raise FT307, "
        f"{_n(r['shuffled rows found'] for r in found)} of {len(found)} shuffled ones do. AUC as high as "
        f"in the look before: {len(reached)} of {len(judged)} tables."
    )


def _curves(found: list[dict[str, Any]]) -> str:
    halves = {half: [r["inside"] for r in found if half_of(r["table"]) == half] for half in ("design", "report")}
    return "; ".join(f"{half}: {_n(v)} of {len(v)} doublings inside" for half, v in halves.items()) + "."


def _usable(given: Given) -> list[str]:
    return list(tables.usable(given.data))


PARTS: dict[str, Part] = {
    "parameters": Part(
        "configuration", lambda _: rows.CONFIGURATIONS, lambda key, given: rows.parameters(key, given.place),
        lambda found: f"{_n(abs(r['off by standard errors']) <= 3 for r in found)} of {len(found)} within 3 standard "
        "errors of the exact sum.",
    ),
    "cost": Part("what", lambda _: rows.COST, lambda key, given: rows.COST[key](given.place)),
    "coverage": Part("table", _usable, lambda key, given: tables.coverage(key, given.data, given.place), _coverage),
    "curves": Part("table", _usable, lambda key, given: tables.curves(key, given.data), _curves),
    "averaging": Part(
        "table", _usable, lambda key, given: tables.averaging(key, given.data),
        lambda found: f"{_n(abs(r['off']) <= 0.05 for r in found)} of {len(found)} within 5 %.",
    ),
}  # fmt: skip
