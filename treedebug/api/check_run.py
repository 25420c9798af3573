"""The check of a run or a saved model, recognised and read already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from treedebug.api.known_rules import registry
from treedebug.api.liveness import pulse
from treedebug.api.run_score import score_of
from treedebug.core.finding_order import in_order
from treedebug.core.findings import Finding
from treedebug.core.report import CheckReport
from treedebug.core.run.run_data import Pulse, RunData
from treedebug.engine.evaluate import evaluate, replay
from treedebug.engine.plan import make_plan
from treedebug.engine.rule import Rule

RUN, MODEL, TABLE = "run", "model", "table"


@dataclass(frozen=True)
class Subject:
    """What is checked: its kind, its name in reports, and its record (empty for a table, which is yet to be read)."""

    kind: str
    source: str
    run: RunData = field(default_factory=RunData)


def check_run(found: Subject, chosen: Sequence[Rule]) -> CheckReport:
    """Return what the rules say of a run or a model."""
    run = found.run
    beat = None if run.ended or found.kind != RUN else pulse(found.source, run.header)
    if beat is not None:
        run.add_stream(Pulse, beat)
    timeline = replay(run, chosen)
    verdict = timeline.verdict
    if verdict.n_rounds <= 1 and not run.ended:  # too short for the second look
        timeline.advance(evaluate(run.at(run.n_rounds), chosen))
        verdict = timeline.verdict
    return CheckReport(
        source=found.source,
        kind=found.kind,
        facts=_facts(run),
        verdict=verdict,
        notes=tuple(n.message for n in run.notes),
        damage=damage_of(found, beat),
        plan=make_plan(verdict.findings, run.header),
        score=score_of(run) if found.kind == RUN else None,
        params=dict(run.header.params),
        recorded=_recorded(run),
    )


def _recorded(run: RunData) -> tuple[Finding, ...]:
    """Return what the training recorded of rules that are not installed here, such as the user's own."""
    known = {rule.code for rule in registry()}
    return tuple(in_order(f for f in run.findings if f.code not in known))


def _facts(run: RunData) -> dict[str, Any]:
    header, ending = run.header, run.ending or {}
    return {
        "name": header.name,
        "tags": ", ".join(header.tags),
        "library": header.library,
        "version": header.versions.get(header.library, ""),
        "booster": header.booster,
        "objective": header.objective,
        "n_rounds": run.n_rounds,
        "n_features": header.n_features,
        "n_classes": header.n_classes,
        "fold": header.fold,
        "state": ending.get("state", "running or killed"),
        "best_round": ending.get("best_round"),
        "started": header.started,
    }


def damage_of(found: Subject, beat: Pulse | None) -> tuple[str, ...]:
    """Return what of a run was recorded and cannot be read, in words, or that nothing was recorded at all."""
    run = found.run
    if run.damage or found.kind != RUN or beat is None or run.n_rounds > run.header.start_round:
        return run.damage
    if not run.header.run_id and not run.header.library:
        return ("the record is empty: not even what was to be trained is in it",)
    if beat.process == "gone":
        return ("no round is recorded, and the process that trained is gone: there is nothing to judge",)
    return ()
