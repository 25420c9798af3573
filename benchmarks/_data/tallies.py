"""Recall, false alarms and the rest, from the facts of all checks."""

from __future__ import annotations

from collections import Counter
from typing import Any

from _common import mean, median, share

from _data.catalog import KINDS
from _data.judging import LOUD, RULES

LEVELS = {False: "mild", True: "severe"}


def summary(faulty: list[dict[str, Any]], clean: list[dict[str, Any]]) -> dict[str, Any]:
    """Of one half, or of both."""
    kept = [f for f in faulty if not f["dropped"]]
    alarms = [a for facts in clean for a in _alarms(facts)]
    found = [f["rows"] for f in kept if f["rows"] is not None]
    return {
        "n_kept": len(kept),
        "n_dropped": len(faulty) - len(kept),
        "recall": share(f["hit"] for f in kept),
        "recall_where_ruled": share(f["hit"] for f in kept if KINDS[f["kind"]].right & RULES),
        "without_rule": sorted({f["kind"] for f in kept if not KINDS[f["kind"]].right & RULES}),
        "recall_mild": share(f["hit"] for f in kept if not f["severe"]),
        "recall_severe": share(f["hit"] for f in kept if f["severe"]),
        "first": share(f["first"] for f in kept),
        "kinds": kinds(faulty),
        "n_clean": len(clean),
        "alarms_a_table": len(alarms) / len(clean) if clean else None,
        "tables_with_alarm": share(bool(_alarms(facts)) for facts in clean),
        "true_a_table": mean(sum(f["severity"] in LOUD and bool(f["why"]) for f in c["said"]) for c in clean),
        "infos_a_table": mean(sum(f["severity"] == "info" for f in c["said"]) for c in clean),
        "by_rule": dict(Counter(a["code"] for a in alarms).most_common()),
        "true_by_rule": dict(
            Counter(f["code"] for c in clean for f in c["said"] if f["severity"] in LOUD and f["why"]).most_common()
        ),
        "alarms": alarms,
        "company_a_fault": mean(len(f["company"]) for f in kept),
        "company_by_rule": dict(Counter(c["code"] for f in kept for c in f["company"]).most_common()),
        "listed_rows": sum(f["listed"] for f in found),
        "listed_right": sum(f["right"] for f in found),
        "wrong_label_share": _ratio(sum(f["wrong_labels"] for f in found), sum(f["rows"] for f in found)),
        "seconds_median": median([c["seconds"] for c in clean]),
        "crashed": sorted({line for c in [*kept, *clean] for line in c["crashed"]}),
    }


def kinds(faulty: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for kind in KINDS.values():
        mine = [f for f in faulty if f["kind"] == kind.name]
        kept = [f for f in mine if not f["dropped"]]
        said = Counter(s["code"] for f in kept for s in f["said"] if s["severity"] in LOUD)
        rows.append(
            {
                "kind": kind.name,
                "about": kind.about,
                "right": sorted(kind.right),
                "n_kept": len(kept),
                "n_tables": len({f["table"] for f in kept}),
                "n_dropped": len(mine) - len(kept),
                "why_dropped": dict(Counter(f["dropped"] for f in mine if f["dropped"])),
                "recall": share(f["hit"] for f in kept),
                "mild": share(f["hit"] for f in kept if not f["severe"]),
                "severe": share(f["hit"] for f in kept if f["severe"]),
                "first": share(f["first"] for f in kept),
                "said": dict(said.most_common(5)),
            }
        )
    return rows


def misses(faulty: list[dict[str, Any]]) -> list[str]:
    """A line for each fault that was not found, with what was said of it instead."""
    lines = []
    for f in faulty:
        if f["dropped"] or f["hit"]:
            continue
        right = KINDS[f["kind"]].right
        mine = [f"{s['severity']}: {s['message']}" for s in f["said"] if s["code"] in right]
        others = ", ".join(s["code"] for s in f["said"] if s["severity"] in LOUD)
        skipped = " (skipped)" if right & set(f["skipped"]) else ""
        head = f"{f['kind']} {LEVELS[f['severe']]} on {f['table']}, seed {f['seed']}"
        lines.append(f"{head}{skipped}: {' | '.join(mine) or 'nothing'}; loud: {others or 'nothing'}")
    return lines


def _alarms(facts: dict[str, Any]) -> list[dict[str, Any]]:
    about = {k: facts[k] for k in ("table", "half", "seed", "variant")}
    return [
        about | {"code": f["code"], "severity": f["severity"], "message": f["message"]}
        for f in facts["said"]
        if f["severity"] in LOUD and not f["why"]
    ]


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
