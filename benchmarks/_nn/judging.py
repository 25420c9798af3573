"""Judge recorded runs with the rules as they are now, as the live training would have; and as the peers would."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from _nn import peers
from _nn.advice import numbers_of
from nn_bridge.record.tensor_streams import TensorLog
from treedebug.core.findings import Severity
from treedebug.engine.config import Config
from treedebug.engine.evaluate import Timeline, evaluate, replay
from treedebug.engine.plan import make_plan
from treedebug.engine.rule_selection import chosen_rules
from treedebug.store.load_run import load_data


def judge(facts: dict[str, Any], whole: bool = True) -> dict[str, Any]:
    """The facts of a run with what the rules and the peers say of it; findings in the order of the report.

    `whole` replays all check rounds, as the live training looked; else only the end is judged: the same verdict.
    """
    if facts["state"] != "trained":
        return facts
    run = load_data(Path(facts["folder"]) / "run", _no_trees)
    started = time.perf_counter()
    timeline = replay(run, chosen_rules(Config())) if whole else Timeline()
    if not whole:
        timeline.advance(evaluate(run.at(run.n_rounds, final=run.ended), chosen_rules(Config())))
    seconds = time.perf_counter() - started
    verdict = timeline.verdict
    loud = [e for e in timeline.events if e.kind == "opened" and e.finding.severity >= Severity.WARNING]
    standing = {f.code for f in verdict.findings if f.severity >= Severity.WARNING}
    log = run.stream(TensorLog)
    return facts | {
        "findings": [
            {"code": f.code, "severity": f.severity.label, "message": f.message, "detected_at": f.detected_at}
            for f in verdict.findings
        ],
        "numbers": numbers_of(make_plan(verdict.findings, run.header)),
        "first_warning": min((e.n_rounds for e in loud), default=None),
        "taken_back": sorted({e.finding.code for e in loud} - standing),
        "crashed": [f"{c.code}: {c.error}" for c in verdict.crashed],
        "skipped": {s.code: s.reason for s in verdict.skipped},
        "notes": [f"{n.topic}: {n.message}" for n in run.notes],
        "n_sampled": 0 if log is None else len(log.steps),
        "peers": peers.alarms(run),
        "rules_seconds": seconds,
    }


def _no_trees(*_: Any) -> Any:
    raise ValueError("a network has no trees")
