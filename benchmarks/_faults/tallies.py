"""From judged runs to figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from _common import mean, median, share

from _faults.baselines import CAUSES
from _faults.catalog import KINDS, Kind
from _faults.notes import EXPLAINED, OWN
from _faults.plan import HEALTHY, MISLABELLED

Run = dict[str, Any]
LOUD = ("warning", "error")
DEBUGGER = tuple(CAUSES)


def loud(run: Run) -> list[dict[str, Any]]:
    """Its warnings and errors, but for what is true of the table without any fault."""
    return [f for f in run["findings"] if f["severity"] in LOUD and not f["is_own"]]


def of_kind(kind: Kind, runs: Sequence[Run]) -> dict[str, Any]:
    """The figures of one kind of fault. Recall is over the runs that are kept as faults."""
    mine = [r for r in runs if r["kind"] == kind.name]
    trained = [r for r in mine if r["state"] == "trained"]
    kept = [r for r in trained if r["kept"]]
    seen = [_seen(kind, r) for r in kept]
    hits = [s for s in seen if s["hit"]]
    return {
        "kind": kind.name,
        "about": kind.about,
        "right": sorted(kind.right),
        "symptoms": sorted(kind.symptoms),
        "harm": kind.harm,
        "why_kept": kind.why_kept,
        "n_kept": len(kept),
        "n_dropped": len(trained) - len(kept),
        "n_refused": sum(r["state"] == "refused" for r in mine),
        "n_tables": len({r["table"] for r in kept}),
        "recall": share(s["hit"] for s in seen),
        "recall_with_info": share(s["hit_as_info"] for s in seen),
        "recall_mild": share(s["hit"] for s, r in zip(seen, kept, strict=True) if r["level"] == "mild"),
        "recall_severe": share(s["hit"] for s, r in zip(seen, kept, strict=True) if r["level"] == "severe"),
        "recall_xgboost": share(s["hit"] for s, r in zip(seen, kept, strict=True) if r["library"] == "xgboost"),
        "recall_lightgbm": share(s["hit"] for s, r in zip(seen, kept, strict=True) if r["library"] == "lightgbm"),
        "first": share(s["first"] for s in seen),
        "first_of_hits": share(s["first"] for s in hits),
        "symptom_only": share(s["symptom"] and not s["hit"] for s in seen),
        "anything": share(bool(loud(r)) for r in kept),
        "rounds_to_detection": median(s["at"] for s in hits),
        "share_to_detection": median(
            s["at"] / max(r["planned"], 1) for s, r in zip(seen, kept, strict=True) if s["hit"]
        ),
        "saved": mean(_saved(r, r["first_warning"]) for r in kept),
        "codes": dict(Counter(c for r in kept for c in sorted({f["code"] for f in loud(r)})).most_common()),
        "strangers": dict(Counter(c for s in seen for c in sorted(s["strangers"])).most_common()),
        "debugger_recall": share(any(_fired(r, n) and CAUSES[n] in kind.right for n in DEBUGGER) for r in kept),
        "debugger_anything": share(any(_fired(r, n) for n in DEBUGGER) for r in kept),
        "debugger_saved": mean(_saved(r, _earliest(r)) for r in kept),
        "stopping_anything": share(_fired(r, "early stopping") for r in kept),
        "stopping_saved": mean(_saved(r, r["baselines"]["early stopping"]) for r in kept),
    }


def _seen(kind: Kind, run: Run) -> dict[str, Any]:
    found = loud(run)
    codes = [f["code"] for f in found]
    right = [f for f in found if f["code"] in kind.right]
    return {
        "hit": bool(right),
        "hit_as_info": any(f["code"] in kind.right and not f["is_own"] for f in run["findings"]),
        "first": bool(codes) and codes[0] in kind.right,
        "symptom": any(c in kind.symptoms for c in codes),
        "strangers": {c for c in codes if c not in kind.right | kind.symptoms},
        "at": min((f["detected_at"] or 0 for f in right), default=None),
    }


def _fired(run: Run, name: str) -> bool:
    return run["baselines"][name] is not None


def _earliest(run: Run) -> int | None:
    return min((at for n in DEBUGGER if (at := run["baselines"][n]) is not None), default=None)


def _saved(run: Run, at: int | None) -> float:
    """Share of the rounds that were trained after the alarm."""
    return 0.0 if at is None else max(0.0, 1.0 - at / max(run["n_rounds"], 1))


def of_shelf(runs: Sequence[Run]) -> dict[str, Any]:
    """The healthy runs: alarms a run by severity and rule, and what stopping at the first one would have cost."""
    mine = [r for r in runs if r["kind"] == HEALTHY and r["state"] == "trained"]
    n = max(len(mine), 1)
    findings = [f for r in mine for f in r["findings"] if not f["is_own"]]
    own = Counter((r["table"], f["code"]) for r in mine for f in r["findings"] if f["is_own"])
    by_severity = Counter(f["severity"] for f in findings)
    by_rule = Counter((f["code"], f["severity"]) for f in findings)
    by_family = Counter(f["code"][:2] for f in findings if f["severity"] in LOUD)
    return {
        "n_runs": len(mine),
        "n_tables": len({r["table"] for r in mine}),
        "a_run": {level: by_severity[level] / n for level in ("error", "warning", "info")},
        "loud_a_run": (by_severity["error"] + by_severity["warning"]) / n,
        "share_with_alarm": share(bool(loud(r)) for r in mine),
        "by_rule": {f"{c} {s}": {"n": k, "a_run": k / n} for (c, s), k in sorted(by_rule.items())},
        "own": [{"table": t, "code": c, "n": n, "why": OWN[t, c]} for (t, c), n in sorted(own.items())],
        "by_family": {family: k / n for family, k in sorted(by_family.items())},
        "taken_back": dict(Counter(c for r in mine for c in r["taken_back"])),
        "stopped_early": share(r["first_warning"] is not None and r["first_warning"] < r["n_rounds"] for r in mine),
        "debugger_a_run": sum(_fired(r, name) for r in mine for name in DEBUGGER) / n,
        "debugger_by_rule": {name: sum(_fired(r, name) for r in mine) / n for name in DEBUGGER},
        "debugger_share_with_alarm": share(any(_fired(r, name) for name in DEBUGGER) for r in mine),
        "stopping_share": share(_fired(r, "early stopping") for r in mine),
    }


def false_alarms(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Every warning or error on the healthy shelf, with why it is raised where that is known."""
    return [
        {key: r[key] for key in ("table", "library", "seed", "level")}
        | {key: f[key] for key in ("code", "severity", "message")}
        | {"why": EXPLAINED.get((r["table"], f["code"]), "not explained yet")}
        for r in runs
        if r["kind"] == HEALTHY and r["state"] == "trained"
        for f in loud(r)
    ]


def misses(runs: Sequence[Run], known: frozenset[str]) -> list[dict[str, Any]]:
    """Kept faults whose right code was not among the warnings, with what was said instead."""
    found = []
    for r in runs:
        kind = KINDS.get(r["kind"])
        if kind is None or r["state"] != "trained" or not r["kept"] or _seen(kind, r)["hit"]:
            continue
        found.append(
            {key: r[key] for key in ("kind", "level", "table", "library", "seed", "n_rounds", "n_used", "planned")}
            | {"said": [f"{f['code']} {f['severity']}" for f in r["findings"]], "folder": r["folder"]}
            | {"skipped": {c: why for c, why in r["skipped"].items() if c in kind.right}}
            | {"no_rule": not kind.right & known}
        )
    return found


def mislabelled(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Of each kind and level with wrong labels: how many of the rows that DA622 lists are really wrong, how many of the
    wrong ones it lists, and how many of all rows are wrong."""
    found = []
    for kind, level in sorted({(r["kind"], r["level"]) for r in runs if r.get("wrong_rows")}):
        mine = [r for r in runs if (r["kind"], r["level"]) == (kind, level) and r["state"] == "trained" and r["kept"]]
        listed = [(r, set(f["rows"])) for r in mine for f in r["findings"] if f["code"] == MISLABELLED and f["rows"]]
        hits = [(len(rows & set(r["wrong_rows"])), rows, r) for r, rows in listed]
        found.append({
            "kind": kind, "level": level, "n_runs": len(mine), "n_listed": len(listed),
            "precision": mean(n / len(rows) for n, rows, _ in hits),
            "recall": mean(n / len(r["wrong_rows"]) for n, _, r in hits),
            "of_all_rows": mean(len(r["wrong_rows"]) / r["n_train"] for r, _ in listed),
        })  # fmt: skip
    return found


def alone(runs: Sequence[Run]) -> list[Run]:
    """The runs as they are judged without what is known of the data from before training."""
    return [r | r["alone"] if "alone" in r else r for r in runs]


def all_of(runs: Sequence[Run], known: frozenset[str]) -> dict[str, Any]:
    """Every figure of some runs."""
    kinds = [of_kind(kind, runs) for kind in KINDS.values()]
    return {
        "overall": overall(kinds, runs, known),
        "kinds": kinds,
        "shelf": of_shelf(runs),
        "false_alarms": false_alarms(runs),
        "misses": misses(runs, known),
        "mislabelled": mislabelled(runs),
    }


def overall(kinds: Sequence[dict[str, Any]], runs: Sequence[Run], known: frozenset[str]) -> dict[str, Any]:
    """Over all kept runs, and over the kinds for which there is a rule by now."""
    kept = [r for r in runs if r["kind"] in KINDS and r["state"] == "trained" and r["kept"]]
    tellable = [r for r in kept if not KINDS[r["kind"]].needs_data]
    covered = [r for r in kept if KINDS[r["kind"]].right & known]
    return {
        "n_kinds": len(KINDS),
        "n_kinds_tried": sum(k["n_kept"] > 0 for k in kinds),
        "n_kept": len(kept),
        "n_dropped": sum(k["n_dropped"] for k in kinds),
        "n_refused": sum(k["n_refused"] for k in kinds),
        "recall": share(_seen(KINDS[r["kind"]], r)["hit"] for r in kept),
        "first": share(_seen(KINDS[r["kind"]], r)["first"] for r in kept),
        "recall_tellable": share(_seen(KINDS[r["kind"]], r)["hit"] for r in tellable),
        "first_tellable": share(_seen(KINDS[r["kind"]], r)["first"] for r in tellable),
        "kinds_of_data": [k.name for k in KINDS.values() if k.needs_data],
        "recall_where_ruled": share(_seen(KINDS[r["kind"]], r)["hit"] for r in covered),
        "first_where_ruled": share(_seen(KINDS[r["kind"]], r)["first"] for r in covered),
        "kinds_under_0.8": [k["kind"] for k in kinds if k["n_kept"] and k["recall"] < 0.8],
        "kinds_without_rule": [k.name for k in KINDS.values() if not k.right & known],
        "anything": share(bool(loud(r)) for r in kept),
        "saved": mean(_saved(r, r["first_warning"]) for r in kept),
        "debugger_recall": share(
            any(_fired(r, n) and CAUSES[n] in KINDS[r["kind"]].right for n in DEBUGGER) for r in kept
        ),
        "debugger_saved": mean(_saved(r, _earliest(r)) for r in kept),
        "stopping_saved": mean(_saved(r, r["baselines"]["early stopping"]) for r in kept),
        "rules_seconds_a_run": mean(r["rules_seconds"] for r in kept),
        "crashed": sorted({c for r in runs for c in r.get("crashed", [])}),
    }
