"""The figures of docs/data-benchmark.md: written between marks, the rest of the page is left as it is."""

from __future__ import annotations

from typing import Any

from _common import describe, percent, table, two

from _data.judging import INFO_ONLY
from _data.oddities import ANY, ODDITIES
from _data.speed import NUMBERS

HALVES = ("tune", "report", "all")


def figures(results: dict[str, Any], machine: dict[str, Any]) -> str:
    whole = results["all"]
    measured = f"Measured on {describe(machine)}; {results['seconds'] / 60:.0f} minutes."
    infos = f"An info counts as found for the rules that know nothing louder: {', '.join(sorted(INFO_ONLY)) or 'none'}."
    missing = ", ".join(whole["without_rule"])
    parts = [
        measured,
        "### In short",
        short(results),
        *([f"No rule yet for: {missing}."] if missing else []),
        "### Fault by fault",
        faults(results),
        infos,
        "### False alarms on clean tables",
        alarms(whole),
        "### What each fault is",
        table(
            ["fault", "what is planted", "right code"],
            [[k["kind"], k["about"], ", ".join(k["right"])] for k in whole["kinds"]],
        ),
        "### What is odd about the clean tables, and true",
        _oddities(whole),
    ]
    return "\n\n".join(parts)


def short(results: dict[str, Any]) -> str:
    found = [results[h] for h in HALVES]
    rows = [
        ["planted faults", *(f["n_kept"] for f in found)],
        ["dropped: cannot be made there, or not there by test", *(f["n_dropped"] for f in found)],
        ["**recall**", *(two(f["recall"]) for f in found)],
        ["recall, kinds that have a rule", *(two(f["recall_where_ruled"]) for f in found)],
        ["recall, mild", *(two(f["recall_mild"]) for f in found)],
        ["recall, severe", *(two(f["recall_severe"]) for f in found)],
        ["the right code first", *(two(f["first"]) for f in found)],
        ["other warnings and errors beside a fault", *(two(f["company_a_fault"]) for f in found)],
        ["clean tables", *(f["n_clean"] for f in found)],
        ["**false alarms a clean table**", *(two(f["alarms_a_table"], 3) for f in found)],
        ["clean tables with a false alarm", *(percent(f["tables_with_alarm"]) for f in found)],
        ["true oddities told, a clean table", *(two(f["true_a_table"]) for f in found)],
        ["infos a clean table", *(two(f["infos_a_table"]) for f in found)],
        ["rows listed as mislabelled: of them wrong (of all rows)", *(_listed(f) for f in found)],
        ["median seconds a check", *(two(f["seconds_median"]) for f in found)],
    ]
    return table(["", "tune", "report", "both"], rows)


def faults(results: dict[str, Any]) -> str:
    by_half = {h: {k["kind"]: k for k in results[h]["kinds"]} for h in ("tune", "report")}
    rows = [
        [
            k["kind"], ", ".join(k["right"]), k["n_kept"], k["n_tables"], k["n_dropped"],
            *(two(by_half[h][k["kind"]]["recall"]) for h in ("tune", "report")),
            *(two(k[key]) for key in ("mild", "severe", "first")),
            ", ".join(f"{c} {n}" for c, n in k["said"].items()),
        ]
        for k in results["all"]["kinds"]
    ]  # fmt: skip
    headings = ["fault", "right", "cases", "tables", "dropped", "recall tune", "recall report", "mild", "severe",
                "first", "warned of most often"]  # fmt: skip
    return table(headings, rows)


def alarms(half: dict[str, Any]) -> str:
    n = max(half["n_clean"], 1)
    counted = table(
        ["rule", "false alarms", "a clean table"], [[c, k, f"{k / n:.3f}"] for c, k in half["by_rule"].items()]
    )
    if not half["alarms"]:
        return "None."
    lines: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for alarm in half["alarms"]:
        lines.setdefault((alarm["table"], alarm["code"], alarm["severity"]), []).append(alarm)
    listed = [[*key, len(found), found[0]["variant"], found[0]["message"]] for key, found in lines.items()]
    headings = ["table", "code", "severity", "times", "first in", "message"]
    return f"{counted}\n\n{table(headings, listed)}"


def speed(rows: list[dict[str, Any]]) -> str:
    headings = ["table", "tool", "seconds: process", "CPU", "check alone", "CPU", "peak memory (GB)", "note"]
    keys = ("table", "tool", *NUMBERS, "note")
    return table(headings, [["" if r[k] is None else r[k] for k in keys] for r in rows])


def _oddities(whole: dict[str, Any]) -> str:
    rows = [[o.code, "any" if o.table == ANY else o.table, o.why] for o in ODDITIES]
    told = ", ".join(f"{code} {n}" for code, n in whole["true_by_rule"].items())
    return f"{table(['code', 'table', 'what is there'], rows)}\n\nTold on the clean shelf: {told or 'none'}."


def _listed(half: dict[str, Any]) -> str:
    if not half["listed_rows"]:
        return ""
    return f"{half['listed_right'] / half['listed_rows']:.2f} ({two(half['wrong_label_share'])})"
