"""From judged runs to figures."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from _common import share

from _nn.catalog import KINDS, Kind
from _nn.peers import CAUSES, PEERS
from _nn.plan import HEALTHY

Run = dict[str, Any]
LOUD = ("warning", "error")


def loud(run: Run) -> list[dict[str, Any]]:
    return [f for f in run["findings"] if f["severity"] in LOUD]


def is_hit(run: Run) -> bool:
    """A right code is among the warnings and errors."""
    return any(f["code"] in KINDS[run["kind"]].right for f in loud(run))


def is_first(run: Run) -> bool:
    """The first of them is a right one."""
    found = loud(run)
    return bool(found) and found[0]["code"] in KINDS[run["kind"]].right


def peer_is_right(run: Run, peer: str) -> bool:
    """One of a peer's alarms names the same flaw."""
    return any(CAUSES[name] in KINDS[run["kind"]].right for name in run["peers"][peer])


def kept_of(runs: Sequence[Run], kind: str | None = None) -> list[Run]:
    return [r for r in runs if r["state"] == "trained" and r.get("kept") and kind in (None, r["kind"])]


def of_kind(kind: Kind, runs: Sequence[Run]) -> dict[str, Any]:
    """The figures of one kind of fault, over the runs that are kept."""
    mine = [r for r in runs if r["kind"] == kind.name]
    kept = kept_of(mine)
    return {
        "kind": kind.name,
        "about": kind.about,
        "right": sorted(kind.right),
        "harm": kind.harm,
        "recipe": kind.recipe,
        "n_kept": len(kept),
        "n_dropped": sum(r["state"] == "trained" for r in mine) - len(kept),
        "n_refused": sum(r["state"] == "refused" for r in mine),
        "setups": sorted({r["setup"] for r in kept}),
        "recall": share(map(is_hit, kept)),
        "first": share(map(is_first, kept)),
        "codes": dict(Counter(c for r in kept for c in sorted({f["code"] for f in loud(r)})).most_common()),
        "peers": {p: share(peer_is_right(r, p) for r in kept) for p in PEERS},
    }


def of_shelf(runs: Sequence[Run]) -> dict[str, Any]:
    """The healthy runs: alarms a run, by severity and rule."""
    mine = [r for r in runs if r["kind"] == HEALTHY and r["state"] == "trained"]
    n = max(len(mine), 1)
    by_rule = Counter((f["code"], f["severity"]) for r in mine for f in r["findings"])
    return {
        "n_runs": len(mine),
        "loud_a_run": sum(k for (_, s), k in by_rule.items() if s in LOUD) / n,
        "infos_a_run": by_rule.total() / n - sum(k for (_, s), k in by_rule.items() if s in LOUD) / n,
        "by_rule": {f"{c} {s}": k for (c, s), k in sorted(by_rule.items())},
        "taken_back": dict(Counter(c for r in mine for c in r["taken_back"])),
        "peers": {p: share(bool(r["peers"][p]) for r in mine) for p in PEERS},
        "peers_a_run": {p: sum(len(r["peers"][p]) for r in mine) / n for p in PEERS},
    }


def false_alarms(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Every warning or error on a healthy run."""
    return [
        {k: r[k] for k in ("setup", "recipe", "seed")} | {k: f[k] for k in ("code", "severity", "message")}
        for r in runs
        if r["kind"] == HEALTHY and r["state"] == "trained"
        for f in loud(r)
    ]


def misses(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Kept faults without a right code among the warnings, and those where another came first."""
    return [
        {k: r[k] for k in ("kind", "setup", "seed")}
        | {
            "what": "missed" if not is_hit(r) else "not first",
            "said": [f"{f['code']} {f['severity']}" for f in r["findings"]],
        }
        for r in kept_of(runs)
        if not is_first(r)
    ]


def overall(runs: Sequence[Run]) -> dict[str, Any]:
    """Over all kept runs."""
    kept = kept_of(runs)
    tried = [r for r in runs if r["kind"] in KINDS]
    kinds = {r["kind"] for r in kept}
    return {
        "n_kinds": len(kinds),
        "n_kinds_dropped": len({r["kind"] for r in tried}) - len(kinds),
        "n_kept": len(kept),
        "n_dropped": sum(r["state"] == "trained" for r in tried) - len(kept),
        "n_refused": sum(r["state"] == "refused" for r in tried),
        "recall": share(map(is_hit, kept)),
        "first": share(map(is_first, kept)),
        "anything": share(bool(loud(r)) for r in kept),
        "peers": {p: share(bool(r["peers"][p]) for r in kept) for p in PEERS},
        "peers_right": {p: share(peer_is_right(r, p) for r in kept) for p in PEERS},
        "crashed": sorted({c for r in runs for c in r.get("crashed", [])}),
        "notes": sorted({n for r in runs for n in r.get("notes", [])}),
        "rules_seconds": statistics.median(r["rules_seconds"] for r in kept) if kept else None,
    }


def results_of(runs: Sequence[Run]) -> dict[str, Any]:
    """All figures of some runs."""
    return {
        "overall": overall(runs),
        "kinds": [of_kind(kind, runs) for kind in KINDS.values()],
        "shelf": of_shelf(runs),
        "false_alarms": false_alarms(runs),
        "misses": misses(runs),
    }
