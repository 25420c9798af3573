"""Counts over all cells: by kind of advice, and of the whole plan against the bars."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from _common import median, share

from _advice.judging import BETTER, EQUAL, WORSE, pooled

BASES = ("user", "stopped")
NOTABLE = 0.01
BARS = {"over 1 % worse than early stopping": 0.10, "worse than the user's run beyond noise": 0.02,
        "a kind worse beyond noise": 0.05}  # fmt: skip
Facts = dict[str, Any]


def kinds(cells: Sequence[Facts], *, with_preview: bool = True) -> list[dict[str, Any]]:
    """A row a kind of advice: a rule's advice as a whole (parameter ""), and each of its parameters alone."""
    found: dict[tuple[str, str], list[Facts]] = defaultdict(list)
    for _, finding in _said(cells):
        if not (with_preview or finding["is_default"]):
            continue
        found[finding["code"], ""].append(finding["whole"])
        for part in finding["parts"]:
            if "parameter" in part:
                found[finding["code"], part["parameter"]].append(part)
    rows = []
    for (code, parameter), some in sorted(found.items()):
        judged = [s for s in some if "user" in s]
        rows.append(
            {
                "code": code,
                "parameter": parameter,
                "said": len(some),
                "no_advice": sum(not s.get("changes", True) for s in some),
                "in_use": sum(bool(s["in_use"]) for s in some),
                "refused": sum(bool(s.get("refused") or s.get("error")) for s in some),
                "not_followed": sum(bool(s.get("not_followed")) for s in some),
                "n": len(judged),
                **{base: counted([s[base] for s in judged]) for base in BASES},
            }
        )
    return [r for r in rows if not r["parameter"] or r["n"]]


def _said(cells: Iterable[Facts]) -> Iterable[tuple[Facts, Facts]]:
    for cell in cells:
        for finding in (*cell["findings"], *cell.get("table_findings", ())):
            yield cell, finding


def counted(some: Sequence[Facts]) -> dict[str, Any]:
    """Better, equal, worse beyond noise, and the medians of what changed."""
    verdicts = Counter(c["verdict"] for c in some)
    return {
        **{v: verdicts[v] for v in (BETTER, EQUAL, WORSE)},
        "worse_share": share(c["verdict"] == WORSE for c in some),
        "over": sum(c["relative"] > NOTABLE for c in some),
        "over_share": share(c["relative"] > NOTABLE for c in some),
        **{key: median(c[key] for c in some if c.get(key) is not None) for key in ("relative", "leaves", "seconds")},
        "auc": median(c["auc"] for c in some if c.get("auc") is not None),
    }


def plans(cells: Sequence[Facts], which: str) -> dict[str, Any]:
    """A plan over runs, and over cells: the seeds of a table, library and configuration as one."""
    said = [c for c in cells if which in c]
    judged = [c for c in said if "user" in c[which]]
    by_cell: dict[tuple[str, ...], list[Facts]] = defaultdict(list)
    for cell in judged:
        by_cell[cell["table"], cell["library"], cell["config"]].append(cell[which])
    return {
        "said": len(said),
        "empty": sum(not c[which]["changes"] for c in said),
        "in_use": sum(bool(c[which]["in_use"]) for c in said),
        "refused": sum(bool(c[which].get("refused") or c[which].get("error")) for c in said),
        "contradictory": sum(bool(c[which]["contradictions"]) for c in said),
        "differing": sum(bool(c[which]["differing"]) for c in said),
        "n_cells": len(by_cell),
        "runs": {base: counted([c[which][base] for c in judged]) for base in BASES},
        "cells": {base: counted([pooled([s[base] for s in some]) for some in by_cell.values()]) for base in BASES},
    }


def by_config(cells: Sequence[Facts], which: str) -> list[dict[str, Any]]:
    """The same a configuration, and how plain early stopping did against the user's run."""
    rows = []
    for name in dict.fromkeys(c["config"] for c in cells):
        some = [c for c in cells if c["config"] == name]
        early = counted([c["stopped"] for c in some])
        found = plans(some, which)
        rows.append({**found, "config": name, "n": len(some), "early": early})
    return rows


def worst(cells: Sequence[Facts], which: str, base: str, most: int = 15) -> list[dict[str, Any]]:
    """The plans that did most harm, in standard errors."""
    judged = [c for c in cells if c.get(which, {}).get(base, {}).get("verdict") == WORSE]
    judged.sort(key=lambda c: -c[which][base]["difference"] / max(c[which][base]["error"], 1e-12))
    keys = ("table", "library", "config", "seed")
    return [{k: c[k] for k in keys} | {"changes": c[which]["changes"], **c[which][base]} for c in judged[:most]]


def unfollowed(cells: Sequence[Facts]) -> list[tuple[str, str, int]]:
    """Advice that no training can follow by itself: code, why, how often."""
    count = Counter((f["code"], r) for _, f in _said(cells) for r in f["whole"]["not_followed"])
    errors = Counter(
        (f["code"], f["whole"].get("error") or f"refused: {f['whole']['refused']}")
        for _, f in _said(cells)
        if f["whole"].get("error") or f["whole"].get("refused")
    )
    return [(code, why, n) for (code, why), n in sorted((count + errors).items())]


def bars(cells: Sequence[Facts]) -> list[tuple[str, float | None, float]]:
    """What issue and page promise: name, share now, share allowed."""
    plan, every = plans(cells, "plan"), kinds(cells)
    harmful = [
        r
        for r in every
        if not r["parameter"] and r["n"] and r["user"]["worse_share"] > BARS["a kind worse beyond noise"]
    ]
    names = list(BARS)
    return [
        (names[0], plan["cells"]["stopped"]["over_share"], BARS[names[0]]),
        (names[1], plan["cells"]["user"]["worse_share"], BARS[names[1]]),
        (names[2], share(r in harmful for r in every if not r["parameter"] and r["n"]), 0.0),
    ]
