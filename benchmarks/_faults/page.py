"""The figures of docs/benchmark.md: written between two marks, the rest of the page is left as it is."""

from __future__ import annotations

from typing import Any

from _common import describe, percent, table, two, whole


def figures(results: dict[str, Any], machine: dict[str, Any]) -> str:
    seconds = results["seconds"]
    measured = (
        f"Measured with {len(results['rules'])} rules on {describe(machine)}. The trainings take "
        f"{seconds['training'] / 60:.0f} minutes on two cores, judging them {seconds['judging']:.0f} seconds."
    )
    parts = [
        measured,
        "### In short",
        _short(results),
        "### Fault by fault",
        _faults(results),
        "### Rows listed as mislabelled",
        mislabelled(results["all"]["mislabelled"]),
        "### The healthy shelf",
        _shelf(results),
        "### False alarms that remain",
        _alarms(results["all"]["false_alarms"]),
        "### True of the tables themselves",
        _own(results["all"]["shelf"]["own"]),
        "### What each fault is",
        _legend(results["all"]["kinds"]),
    ]
    parts[2] += "\n\nA run cannot tell: " + ", ".join(results["all"]["overall"]["kinds_of_data"]) + "."
    without = results["all"]["overall"]["kinds_without_rule"]
    if without:
        parts.insert(5, f"No rule yet for: {', '.join(without)}.")
    return "\n\n".join(parts)


def _short(results: dict[str, Any]) -> str:
    halves = ("tune", "report", "all")
    total = [results[h]["overall"] for h in halves]
    shelf = [results[h]["shelf"] for h in halves]
    alone = [results[h]["alone"] for h in halves]
    rows = [
        ["faulty runs kept", *(t["n_kept"] for t in total)],
        ["dropped: no worse than the healthy twin", *(t["n_dropped"] for t in total)],
        ["refused by the library", *(t["n_refused"] for t in total)],
        ["**with the data check**: recall, a right code among warnings and errors", *(two(t["recall"]) for t in total)],
        ["the right code first", *(two(t["first"]) for t in total)],
        ["kinds under 0.8", *(len(t["kinds_under_0.8"]) for t in total)],
        ["**from the run alone**: recall", *(two(a["overall"]["recall"]) for a in alone)],
        ["the right code first", *(two(a["overall"]["first"]) for a in alone)],
        ["of what a run can tell: recall", *(two(a["overall"]["recall_tellable"]) for a in alone)],
        ["the right code first", *(two(a["overall"]["first_tellable"]) for a in alone)],
        ["kinds under 0.8", *(len(a["overall"]["kinds_under_0.8"]) for a in alone)],
        ["rounds saved by stopping at the first warning", *(percent(t["saved"]) for t in total)],
        ["healthy runs", *(s["n_runs"] for s in shelf)],
        ["warnings and errors a healthy run, with the data check", *(f"{s['loud_a_run']:.3f}" for s in shelf)],
        ["the same from the run alone", *(f"{a['shelf']['loud_a_run']:.3f}" for a in alone)],
        ["infos a healthy run", *(f"{s['a_run']['info']:.2f}" for s in shelf)],
        ["healthy runs with a warning that was taken back", *(sum(s["taken_back"].values()) for s in shelf)],
        ["Debugger's defaults: recall", *(two(t["debugger_recall"]) for t in total)],
        ["Debugger's defaults: healthy runs with an alarm", *(percent(s["debugger_share_with_alarm"]) for s in shelf)],
        ["Debugger's defaults: alarms a healthy run", *(two(s["debugger_a_run"]) for s in shelf)],
        ["plain early stopping: rounds saved", *(percent(t["stopping_saved"]) for t in total)],
        ["plain early stopping: stops healthy runs", *(percent(s["stopping_share"]) for s in shelf)],
    ]
    return table(["", "tune", "report", "both"], rows)


def _faults(results: dict[str, Any]) -> str:
    by_half = {h: {k["kind"]: k for k in results[h]["kinds"]} for h in ("tune", "report")}
    alone = {k["kind"]: k for k in results["all"]["alone"]["kinds"]}
    rows = [
        [
            k["kind"], k["n_kept"], k["n_dropped"], two(by_half["tune"][k["kind"]]["recall"]),
            two(by_half["report"][k["kind"]]["recall"]), two(alone[k["kind"]]["recall"]),
            two(k["recall_mild"]), two(k["recall_severe"]),
            two(k["first"]), whole(k["rounds_to_detection"]), percent(k["share_to_detection"]), percent(k["saved"]),
            two(k["debugger_recall"]), two(k["stopping_anything"]),
            ", ".join(f"{c} {n}" for c, n in list(k["codes"].items())[:4]),
        ]
        for k in results["all"]["kinds"]
    ]  # fmt: skip
    return table(
        ["fault", "runs", "dropped", "recall tune", "recall report", "run alone", "mild", "severe", "first", "rounds",
         "of planned", "saved", "Debugger", "early stopping", "said most often (runs)"], rows,
    )  # fmt: skip


def _shelf(results: dict[str, Any]) -> str:
    shelf = results["all"]["shelf"]
    ours = [[f"{family}, warnings and errors", "", f"{n:.3f}"] for family, n in shelf["by_family"].items()]
    ours += [[code, v["n"], f"{v['a_run']:.3f}"] for code, v in shelf["by_rule"].items()]
    theirs = [[f"Debugger {name}", "", f"{value:.3f}"] for name, value in shelf["debugger_by_rule"].items()]
    return table(["rule", "findings", "a healthy run"], ours + theirs)


def mislabelled(kinds: list[dict[str, Any]]) -> str:
    rows = [
        [k["kind"], k["level"], k["n_runs"], k["n_listed"], *map(two, (k["precision"], k["recall"], k["of_all_rows"]))]
        for k in kinds
    ]
    heads = ["fault", "", "runs", "with a list", "listed rows that are wrong", "wrong rows that are listed",
             "wrong among all rows"]  # fmt: skip
    return table(heads, rows)


def _alarms(alarms: list[dict[str, Any]]) -> str:
    if not alarms:
        return "None."
    keys = ("table", "library", "seed", "level", "code", "message", "why")
    return table(keys, [[a[k] for k in keys] for a in alarms])


def _own(findings: list[dict[str, Any]]) -> str:
    if not findings:
        return "None."
    keys = ("table", "code", "n", "why")
    return table(["table", "code", "healthy runs", "what is so"], [[f[k] for k in keys] for f in findings])


def _legend(kinds: list[dict[str, Any]]) -> str:
    rows = [[k["kind"], k["about"], ", ".join(k["right"]), k["harm"], k["why_kept"]] for k in kinds]
    return table(["fault", "what is done", "right codes", "test of harm", "why kept without a test"], rows)
