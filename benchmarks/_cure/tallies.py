"""Counts over the cells: medians, how often no worse, how often ahead of a rival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from _common import mean, median, share

Facts = dict[str, Any]
MARGIN = 0.005
"""Of the loss: below it neither of two is ahead."""
NOTHING = 1e-4
"""Of the loss: a smaller difference is that of rounded leaves, however steady it is from row to row."""
CURES = ("fix", "random", "tpe", "slim", "update", "refit", "lasso", "smaller", "user")


def of(cells: Sequence[Facts], name: str) -> Facts | None:
    """One cure over all cells that have it."""
    some = [c[name] for c in cells if c.get(name)]
    if not some:
        return None
    return {
        "name": name, "n": len(some), "refused": sum("refused" in s for s in some),
        "relative": median(s["relative"] for s in some), "mean_relative": mean(s["relative"] for s in some),
        "leaves": median(s["leaves"] for s in some),
        "bytes": median(s["bytes"] for s in some if s["bytes"] is not None),
        "within_one": share(_behind(s) <= 1 for s in some), "worse": sum(_behind(s) > 2 for s in some),
        "better": sum(s["z"] < -2 for s in some), "seconds": median(s["seconds"] for s in some if "seconds" in s),
        "error_gain": mean(c[name]["error_gain"] for c in cells if c.get(name) and _has_rate(c, name)),
        "headline": share(s["leaves"] <= 0.55 and s["relative"] < 0 for s in some),
    }  # fmt: skip


def _behind(cured: Facts) -> float:
    """Standard errors that a model stands behind the one stopped early; 0 where the difference is next to none."""
    return float(cured["z"]) if abs(cured["relative"]) >= NOTHING else 0.0


def _has_rate(cell: Facts, name: str) -> bool:
    """Whether the model's error rate is known: of classes alone."""
    return cell.get("task") in ("binary", "multi") and "error_gain" in cell[name]


def by_library(cells: Sequence[Facts], name: str) -> dict[str, Facts]:
    """The same for each library."""
    libraries = sorted({c["library"] for c in cells})
    found = {lib: of([c for c in cells if c["library"] == lib], name) for lib in libraries}
    return {lib: f for lib, f in found.items() if f is not None}


def by_table(cells: Sequence[Facts], value: Callable[[Facts], float]) -> dict[str, float]:
    """The mean of a table's cells, so that no table counts twice."""
    values: dict[str, list[float]] = defaultdict(list)
    for cell in cells:
        values[cell["table"]].append(value(cell))
    return {table: sum(v) / len(v) for table, v in values.items()}


def duel(cells: Sequence[Facts], name: str, rival: str) -> Facts:
    """By table: how often one is ahead of the other, and by how much in the median."""
    away = by_table(cells, lambda c: (c[name]["loss"] - c[rival]["loss"]) / abs(c["stopped"]["loss"]))
    return {
        "rival": rival, "ahead": sum(a < -MARGIN for a in away.values()),
        "behind": sum(a > MARGIN for a in away.values()), "n": len(away), "median": median(away.values()),
    }  # fmt: skip


def bars(cells: Sequence[Facts]) -> list[tuple[str, float | None, str, float]]:
    """What the issue promised: name, figure, sense, bar."""
    fix, slim, small = (of(cells, n) for n in ("fix", "slim", "smaller"))
    leaves = {lib: f["leaves"] for lib, f in by_library(cells, "slim").items()}
    if fix is None or slim is None or small is None:
        return []
    rivals = [duel(cells, "fix", r) for r in ("random", "tpe")]
    return [
        ("fix: median loss against early stopping", fix["relative"], "<=", -0.03),
        *((f"fix: tables ahead less tables behind {d['rival']}", d["ahead"] - d["behind"], ">=", 0.0) for d in rivals),
        ("fix: worse beyond 2 standard errors", fix["worse"] / fix["n"], "<=", 0.05),
        ("slim, XGBoost: leaves", leaves.get("xgboost"), "<=", 0.5),
        ("slim, LightGBM: leaves", leaves.get("lightgbm"), "<=", 0.8),
        ("slim: within one standard error", slim["within_one"], ">=", 0.9),
        ("slim: worse beyond 2 standard errors", slim["worse"] / slim["n"], "<=", 0.05),
        ("smaller: leaves", small["leaves"], "<=", 0.35),
        ("smaller: bytes", small["bytes"], "<=", 0.6),
        ("smaller: median loss", small["relative"], "<=", 0.0),
        ("smaller: 45 % fewer leaves and a lower loss", small["headline"], ">=", 0.4),
    ]


def kinds(cells: Iterable[Facts]) -> list[tuple[str, str, int, int, int]]:
    """Of the trials of fix: name, why, how often tried, kept by validation, chosen in the end."""
    count: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for cell in cells:
        for name, why, verdict in cell["fix"].get("tried", ()):
            entry = count[name, why]
            entry[0] += 1
            entry[1] += verdict == "kept"
            entry[2] += cell["fix"].get("kept") == name
    return [(name, why, *n) for (name, why), n in sorted(count.items(), key=lambda item: -item[1][0])]
