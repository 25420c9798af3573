"""The check of a run or a saved model, recognised and read already."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.api.liveness import pulse
from treedebug.api.run_report import run_report
from treedebug.api.subject import RUN, Subject
from treedebug.core.report import CheckReport
from treedebug.core.run.run_data import Pulse
from treedebug.engine.evaluate import evaluate, replay
from treedebug.engine.rule import Rule


def check_run(found: Subject, chosen: Sequence[Rule]) -> CheckReport:
    """Return what the rules say of a run or a model."""
    run = found.run
    beat = None if run.ended or found.kind != RUN else pulse(found.source, run)
    if beat is not None:
        run.add_stream(Pulse, beat)
    timeline = replay(run, chosen)
    if timeline.verdict.n_rounds <= 1 and not run.ended:  # too short for the second look
        timeline.advance(evaluate(run.at(run.n_rounds), chosen))
    return run_report(found, timeline.verdict, beat)
