"""The figures of the advice benchmark: for a terminal, and for docs/advice.md."""

from __future__ import annotations

from typing import Any

from _common import describe, percent, table, two

VERDICTS = ("better", "equal", "worse")


def figures(results: dict[str, Any], machine: dict[str, Any]) -> str:
    seconds = f"{results['seconds'] / 60:.0f} minutes of {results['workers']} process(es)"
    measured = (
        f"Measured on {describe(machine)}; {seconds}. {results['n_tables']} tables ({results['half']}), "
        f"{results['n_runs']} runs of users, {results['n_trainings']} trainings in all."
    )
    parts = [
        measured,
        "### The bars",
        bars(results),
        "### The whole plan",
        plans(results),
        "### The whole plan by configuration",
        configurations(results),
        "### By kind of advice",
        kinds(results),
        "### Where the plan did most harm",
        harm(results),
        "### Advice that cannot be followed as it stands",
        table(["rule", "why", "times"], results["unfollowed"]),
    ]
    return "\n\n".join(parts)


def bars(results: dict[str, Any]) -> str:
    rows = [[name, _share(now), _share(most)] for name, now, most in results["bars"]]
    return table(["of cells (last: of rules)", "now", "at most"], rows)


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def plans(results: dict[str, Any]) -> str:
    rows = []
    for name in ("plan", "full_plan", "table_plan"):
        for unit in ("runs", "cells"):
            found = results[name]
            row = [f"{name.replace('_', ' ')}, {unit}", found["said"] if unit == "runs" else found["n_cells"]]
            rows.append([*row, *_against(found[unit]["user"]), *_against(found[unit]["stopped"])])
    counts = [
        [
            name.replace("_", " "),
            *(results[name][k] for k in ("said", "empty", "in_use", "refused", "contradictory", "differing")),
        ]
        for name in ("plan", "full_plan", "table_plan")
    ]
    heads = ["", "n", *(f"{h} ({b})" for b in ("user", "early stopping") for h in _HEADS)]
    told = table(["", "reports", "empty", "value in use", "refused", "contradictory", "findings differ"], counts)
    return f"{table(heads, rows)}\n\n{told}"


_HEADS = ("better/equal/worse", "loss", "> 1 % worse", "leaves", "time")


def _against(found: dict[str, Any]) -> list[str]:
    if found["relative"] is None:
        return [""] * len(_HEADS)
    return [
        "/".join(str(found[v]) for v in VERDICTS), f"{100 * found['relative']:+.1f} %", percent(found["over_share"]),
        f"x{found['leaves']:.2f}", f"x{found['seconds']:.2f}",
    ]  # fmt: skip


def configurations(results: dict[str, Any]) -> str:
    rows = [
        [
            r["config"], r["n"], r["empty"], *_against(r["runs"]["user"]), *_against(r["runs"]["stopped"]),
            "/".join(str(r["early"][v]) for v in VERDICTS), f"{100 * r['early']['relative']:+.1f} %",
        ]
        for r in results["by_config"]
    ]  # fmt: skip
    heads = ["", "runs", "empty", *(f"{h} ({b})" for b in ("user", "early stopping") for h in _HEADS)]
    return table([*heads, "early stopping itself", "loss"], rows)


def kinds(results: dict[str, Any]) -> str:
    rows = [
        [
            r["code"], r["parameter"] or "all of it", r["said"], r["n"],
            *_against(r["user"]), *_against(r["stopped"])[:3],
            two(r["user"]["auc"], 3), r["in_use"] or "", r["refused"] or "", r["not_followed"] or "",
        ]
        for r in results["kinds"]
    ]  # fmt: skip
    heads = ["rule", "advice", "said", "n", *(f"{h} (user)" for h in _HEADS), *(f"{h} (stopped)" for h in _HEADS[:3])]
    return table([*heads, "AUC", "in use", "refused", "not followed"], rows)


def harm(results: dict[str, Any]) -> str:
    rows = [
        [
            w["table"], w["library"], w["config"], w["seed"], ", ".join(w["changes"])[:90],
            f"{100 * w['relative']:+.0f} %", f"{w['difference'] / w['error']:.1f}",
        ]
        for w in results["worst"]
    ]  # fmt: skip
    return table(["table", "library", "configuration", "seed", "plan", "loss", "standard errors"], rows)
