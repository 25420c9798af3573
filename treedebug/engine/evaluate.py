"""Evaluate rules on a run: at one round, or at every check round as the live training did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from treedebug.core.findings import Crashed, Finding, FindingEvent, Skipped, Verdict
from treedebug.core.run import RunData, RunView
from treedebug.core.schedule import check_rounds
from treedebug.engine.resolve import Missing, Resolver
from treedebug.engine.rule import Rule


def evaluate(view: RunView, rules: Iterable[Rule]) -> Verdict:
    """Judge one view. A rule that raises is reported as crashed; no rule can stop the others."""
    resolver = Resolver(view)
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    crashed: list[Crashed] = []
    silent: list[str] = []
    with np.errstate(all="ignore"):
        for rule in rules:
            try:
                found = list(rule.check(**resolver.arguments(rule.check)))
            except Missing as reason:
                skipped.append(Skipped(rule.code, rule.name, str(reason)))
            except Exception as error:  # noqa: BLE001 - a rule may be anyone's; it must not break the others
                crashed.append(Crashed(rule.code, rule.name, f"{type(error).__name__}: {error}"))
            else:
                findings.extend(found)
                if not found:
                    silent.append(rule.code)
    findings.sort(key=lambda f: (-f.severity, f.code, f.subject))
    return Verdict(view.n_rounds, tuple(findings), tuple(skipped), tuple(crashed), tuple(silent))


class Timeline:
    """Findings over time: since when each has stood without a break, and what changed at each look."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Finding] = {}
        self.events: list[FindingEvent] = []
        """Everything that opened or closed so far, in order."""
        self.verdict = Verdict(0)
        """The latest, with `detected_at` filled in."""

    def advance(self, verdict: Verdict) -> list[FindingEvent]:
        """Take in the verdict of a later round; returns what opened, changed and closed."""
        findings = []
        for finding in verdict.findings:
            known = self._open.get(finding.key)
            since = known.detected_at if known and known.detected_at else verdict.n_rounds
            findings.append(finding.seen(since))
        now = {f.key: f for f in findings}
        events = [FindingEvent("closed", f, verdict.n_rounds) for key, f in self._open.items() if key not in now]
        for key, finding in now.items():
            if key not in self._open:
                events.append(FindingEvent("opened", finding, verdict.n_rounds))
            elif finding != self._open[key]:
                events.append(FindingEvent("changed", finding, verdict.n_rounds))
        self._open = now
        self.events += [e for e in events if e.kind != "changed"]
        self.verdict = Verdict(verdict.n_rounds, tuple(findings), verdict.skipped, verdict.crashed, verdict.silent)
        return events


def replay(run: RunData, rules: Sequence[Rule]) -> Timeline:
    """Evaluate a recorded run as the live training did: at every check round, and at the end if it has ended."""
    timeline = Timeline()
    for n_rounds in check_rounds(run.n_rounds):
        if n_rounds > run.header.start_round and not (run.ended and n_rounds == run.n_rounds):
            timeline.advance(evaluate(run.at(n_rounds), rules))
    if run.ended:
        timeline.advance(evaluate(run.at(run.n_rounds, final=True), rules))
    return timeline
