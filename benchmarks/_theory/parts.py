"""The parts of the benchmark: their rows, and the sentence that sums them up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _advice.tables import half_of

from _theory import descents, headroom, regimes, rows, tables


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
    shows_rows: bool = True
    """Or the sentence alone, where rows are many."""


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


def _late(found: list[dict[str, Any]]) -> str:
    real, rest = ([r for r in found if r["descends"] is is_real] for is_real in (True, False))
    named, others = (_n(r["CV110"] for r in part) for part in (real, rest))
    right = _n(r["CV110"] and r["lost by a patience of 10, %"] > 1.0 for r in rest)
    hasty = _n(r["lost by a patience of 10, %"] > 1.0 for r in real)
    stopped = _n(r["lost by StopTraining"] > 0.02 for r in real)
    return (
        f"{len(real)} of {len(found)} runs have a second descent on the test rows; CV110 fires on {named} of them, and "
        f"on {others} of the other {len(rest)}, in {right} of which a patience of 10 loses more than 1 %, too. Of the "
        f"{len(real)}, a patience of 10 loses more than 1 % in {hasty}, `StopTraining(on=['CV102'])` more than 0.02 in "
        f"{stopped}."
    )


def _real(found: list[dict[str, Any]]) -> str:
    told = []
    for metric in ("log loss", "error"):
        own = [r for r in found if r["training"].endswith(f"by {metric}")]
        told.append(f"by {metric} CV110 fires on {_n(r['CV110'] for r in own)} of {len(own)} runs")
    return "; ".join(told) + "."


def _scales(found: list[dict[str, Any]]) -> str:
    two, scaled = ([r for r in found if r["net"].startswith(kind)] for kind in ("two scales", "scaled"))
    first = _n(r["explained by"] == "DA602" and r["the cause stands first"] for r in two)
    return (
        f"On two scales CV110 fires on {_n(r['CV110'] for r in two)} of {len(two)}, with DA602 before it on {first}; "
        f"scaled on {_n(r['CV110'] for r in scaled)} of {len(scaled)}."
    )


def _rates(found: list[dict[str, Any]]) -> str:
    meant, told = [r for r in found if r["meant"]], [r for r in found if not r["meant"]]
    return (
        f"{_n(r['told'] == r['meant'] for r in meant)} of the {len(meant)} that are too small or too large are named, "
        f"{_n(r['told'] for r in told)} of the other {len(told)}."
    )


def _healthy(found: list[dict[str, Any]]) -> str:
    measured = [r for r in found if r["headroom"]]
    return f"{_n(r['told'] for r in measured)} of {len(measured)} sound trainings raise an alarm."


def _regimes(found: list[dict[str, Any]]) -> str:
    lazy, rest = ([r for r in found if (r["meant"] == "lazy") is is_lazy] for is_lazy in (True, False))
    return (
        f"NN942 names {_n(r['told'] for r in lazy)} of the {len(lazy)} that are meant to be lazy, and "
        f"{_n(r['told'] for r in rest)} of the other {len(rest)}."
    )


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
    "late": Part("training", lambda _: descents.LATE, lambda key, given: descents.late(key, given.place), _late),
    "real": Part(
        "training", lambda _: descents.REAL, lambda key, given: descents.real(key, given.data, given.place), _real,
        shows_rows=False,
    ),
    "scales": Part("net", lambda _: descents.SCALES, lambda key, _: descents.two_scales(key), _scales),
    "rates": Part("optimiser", lambda _: headroom.RUNS, lambda key, _: headroom.rate(key), _rates),
    "healthy": Part("net", lambda _: headroom.HEALTHY, lambda key, _: headroom.healthy(key), _healthy),
    "headroom-cost": Part("training", lambda _: headroom.COST, lambda key, _: headroom.cost(key)),
    "regimes": Part("net", lambda _: regimes.NAMES, lambda key, _: regimes.regime(key), _regimes),
    "kernel-cost": Part("net", lambda _: regimes.SIZES, lambda key, _: regimes.cost(key)),
    "averaging": Part(
        "table", _usable, lambda key, given: tables.averaging(key, given.data),
        lambda found: f"{_n(abs(r['off']) <= 0.05 for r in found)} of {len(found)} within 5 %.",
    ),
}  # fmt: skip
