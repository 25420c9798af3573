"""The figures of docs/nn-benchmark.md: written between two marks, the rest of the page is left as it is."""

from __future__ import annotations

from typing import Any

from _common import describe, percent, table, two

from _nn.peers import PEERS

HALVES = ("tune", "report", "all")
SHELVES = ("healthy", "faulty")


def figures(results: dict[str, Any], machine: dict[str, Any]) -> str:
    seconds = results["seconds"]
    measured = (
        f"StepSums on {describe(machine)}. The trainings took {seconds['training'] / 60:.0f} minutes of one core, "
        f"judging them {seconds['judging']:.0f} seconds on two (a busy machine). "
        f"Seeds: {results['seeds']['healthy']} of the healthy runs, {results['seeds']['faulty']} of the faulty ones."
    )
    return "\n\n".join((
        measured,
        "### In short", short(results),
        "### Fault by fault", faults(results),
        "### The healthy runs", shelf(results),
        "### False alarms", alarms(results["all"]["false_alarms"]),
        "### Missed, or not first", missed(results["all"]["misses"]),
        "### What each fault is", legend(results["all"]["kinds"]),
    ))  # fmt: skip


def short(results: dict[str, Any]) -> str:
    total = [results[h]["overall"] for h in HALVES]
    healthy = [results[h]["shelf"] for h in HALVES]
    rows = [
        ["kinds of fault that do harm", *(t["n_kinds"] for t in total)],
        ["kinds that never did", *(t["n_kinds_dropped"] for t in total)],
        ["faulty runs kept", *(t["n_kept"] for t in total)],
        ["dropped: no worse than the healthy twin", *(t["n_dropped"] for t in total)],
        ["recall: a right code among the warnings and errors", *(two(t["recall"]) for t in total)],
        ["the right code first", *(two(t["first"]) for t in total)],
        ["healthy runs", *(s["n_runs"] for s in healthy)],
        ["warnings and errors a healthy run", *(f"{s['loud_a_run']:.3f}" for s in healthy)],
        ["infos a healthy run", *(two(s["infos_a_run"]) for s in healthy)],
        ["warnings raised on a healthy run and taken back", *(sum(s["taken_back"].values()) for s in healthy)],
    ]
    for peer in PEERS:
        rows += [
            [f"{peer}: faulty runs with any alarm", *(percent(t["peers"][peer]) for t in total)],
            [f"{peer}: with an alarm that names the flaw", *(percent(t["peers_right"][peer]) for t in total)],
            [f"{peer}: healthy runs with an alarm", *(percent(s["peers"][peer]) for s in healthy)],
        ]
    return table(["", "tune", "report", "both"], rows)


def faults(results: dict[str, Any]) -> str:
    by_half = {h: {k["kind"]: k for k in results[h]["kinds"]} for h in ("tune", "report")}
    rows = [
        [
            k["kind"], k["n_kept"], k["n_dropped"], *(two(by_half[h][k["kind"]]["recall"]) for h in by_half),
            *(two(by_half[h][k["kind"]]["first"]) for h in by_half),
            *(two(k["peers"][p]) for p in PEERS), ", ".join(f"{c} {n}" for c, n in list(k["codes"].items())[:4]),
        ]
        for k in results["all"]["kinds"]
    ]  # fmt: skip
    headings = ["fault", "runs", "dropped", "recall tune", "report", "first tune", "report", *PEERS]
    return table([*headings, "said most often (runs)"], rows)


def shelf(results: dict[str, Any]) -> str:
    healthy = results["all"]["shelf"]
    rows = [[rule, n, f"{n / max(healthy['n_runs'], 1):.3f}"] for rule, n in healthy["by_rule"].items()]
    rows += [[f"{p}, alarms", "", f"{n:.2f}"] for p, n in healthy["peers_a_run"].items()]
    return table(["rule", "findings", "a healthy run"], rows)


def alarms(found: list[dict[str, Any]]) -> str:
    keys = ("setup", "recipe", "seed", "code", "message")
    return table(keys, [[a[k] for k in keys] for a in found]) if found else "None."


def missed(found: list[dict[str, Any]]) -> str:
    keys = ("kind", "setup", "seed", "what")
    rows = [[*(m[k] for k in keys), ", ".join(m["said"][:6])] for m in found]
    return table([*keys, "said instead"], rows) if found else "None."


def legend(kinds: list[dict[str, Any]]) -> str:
    rows = [
        [k["kind"], k["about"], k["recipe"], ", ".join(k["right"]), k["harm"], ", ".join(k["setups"])] for k in kinds
    ]
    return table(["fault", "what is done", "recipe", "right codes", "test of harm", "kept on"], rows)
