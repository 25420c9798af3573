"""The report of a run that was judged, whoever judged it and when."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from treedebug.api.known_rules import registry
from treedebug.api.liveness import state_of
from treedebug.api.run_score import score_of
from treedebug.api.subject import RUN, Subject, damage_of
from treedebug.core.finding_order import in_order
from treedebug.core.findings import Finding, Verdict
from treedebug.core.phrases import ago
from treedebug.core.report import CheckReport, Effort
from treedebug.core.run.run_data import Pulse, RunData
from treedebug.engine.plan import make_plan

_WASTED = "CV102"
"""Says that the rounds after the best one only cost time."""


def run_report(found: Subject, verdict: Verdict, beat: Pulse | None, as_recorded: RunData | None = None) -> CheckReport:
    """Return the report of a run, or of a model read as one; `beat` is the pulse of a run that has not ended.

    `as_recorded` holds what the training itself found, where the run holds the findings of another judge.
    """
    run = found.run
    return CheckReport(
        source=found.source,
        kind=found.kind,
        facts=_facts(run, beat),
        verdict=verdict,
        notes=tuple(n.message for n in run.notes),
        damage=damage_of(found, beat),
        plan=make_plan(verdict.findings, run.header),
        score=score_of(run) if found.kind == RUN else None,
        effort=_effort(run, verdict) if found.kind == RUN else None,
        params=dict(run.header.params),
        recorded=_recorded(as_recorded or run),
    )


def _effort(run: RunData, verdict: Verdict) -> Effort:
    log = run.rounds
    seconds = np.nan_to_num(log.seconds)
    whole = Effort(rounds=log.n_recorded, seconds=float(seconds.sum()))
    score = score_of(run) if any(f.code == _WASTED for f in verdict.findings) else None
    if score is None:
        return whole
    after = log.rounds > score.best_round
    return replace(whole, wasted_rounds=int(after.sum()), wasted_seconds=float(seconds[after].sum()))


def _recorded(run: RunData) -> tuple[Finding, ...]:
    """Return what the training recorded of rules that are not installed here, such as the user's own."""
    known = {rule.code for rule in registry()}
    return tuple(in_order(f for f in run.findings if f.code not in known))


def _facts(run: RunData, beat: Pulse | None) -> dict[str, Any]:
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
        "state": state_of(run, beat),
        "last_written": None if beat is None else ago(beat.idle_seconds),
        "best_round": ending.get("best_round"),
        "started": header.started,
    }
