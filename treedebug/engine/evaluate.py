"""Evaluate rules on a run: at one round, or at every check round as the live training did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from treedebug.core.data.column_choice import ColumnChoice
from treedebug.core.finding_order import in_order, is_cause
from treedebug.core.findings import Crashed, Finding, FindingEvent, Severity, Skipped, Verdict
from treedebug.core.phrases import iteration_named
from treedebug.core.run.round_schedule import check_rounds
from treedebug.core.run.run_data import RunData, RunView
from treedebug.engine.resolve import Missing, Resolver
from treedebug.engine.rule import Rule, checked
from treedebug.engine.settle_changes import settle_changes

_ALL_COLUMNS = Rule.choice


def evaluate(view: RunView, rules: Iterable[Rule], *, settled: dict[str, Skipped] | None = None) -> Verdict:
    """Judge one view. A rule that raises is reported as crashed; no rule can stop the others.

    `settled` remembers, over the looks at one run, the rules that can never judge it: they are asked only once.
    """
    settled = {} if settled is None else settled
    whole = Resolver(view)
    narrow: dict[ColumnChoice, Resolver] = {}
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    crashed: list[Crashed] = []
    silent: list[str] = []
    known: set[tuple[str, str]] = set()
    with np.errstate(all="ignore"):
        for rule in rules:
            if rule.code in settled:
                skipped.append(settled[rule.code])
                continue
            try:
                resolver = whole if rule.choice is _ALL_COLUMNS else _narrowed(narrow, view, rule.choice)
                found = _findings(rule, resolver, known)
            except Missing as reason:
                skipped.append(Skipped(rule.code, rule.name, str(reason), reason.is_elsewhere))
                if reason.is_settled:
                    settled[rule.code] = skipped[-1]
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a rule may be anyone's; it must not break the others
                crashed.append(Crashed(rule.code, rule.name, f"{type(error).__name__}: {error}"))
            else:
                findings.extend(found)
                known.update(f.key for f in found)
                if not found:
                    silent.append(rule.code)
    findings = settle_changes(_explained(findings), view.header)
    if view.header.library == "lightgbm":
        findings = [replace(f, message=iteration_named(f.message)) for f in findings]
    return Verdict(view.n_rounds, tuple(in_order(findings)), tuple(skipped), tuple(crashed), tuple(silent))


def _narrowed(made: dict[ColumnChoice, Resolver], view: RunView, choice: ColumnChoice) -> Resolver:
    """Return the resolver for some of the columns, made at first use."""
    if choice not in made:
        made[choice] = Resolver(view.narrowed(choice))
    return made[choice]


def _findings(rule: Rule, resolver: Resolver, known: set[tuple[str, str]]) -> list[Finding]:
    """Return what one rule says.

    Raise TypeError or ValueError for findings that could not be told apart or read back.
    """
    answer = rule.check(**resolver.arguments(rule.check))
    if answer is None or isinstance(answer, Finding):
        raise TypeError(
            f"check must yield findings (`yield self.finding(...)`); that of {rule.code} returned {answer!r}"
        )
    found = [checked(rule, f) for f in answer if getattr(f, "subject", "") not in rule.choice.without]
    if not found:
        return found
    keys = [*known, *(f.key for f in found)]
    doubled = next((key for key in keys if keys.count(key) > 1), None) if len(set(keys)) < len(keys) else None
    if doubled:
        raise ValueError(
            f"two findings of {doubled[0]} have the same subject {doubled[1]!r}: tell them apart with "
            "self.finding(..., subject=...), so that each can be followed over the rounds"
        )
    return found


def _explained(findings: list[Finding]) -> list[Finding]:
    """Keep of each finding's `explains` what stands beside it and is not more severe than it."""
    if not any(f.explains for f in findings):
        return findings

    def stands(cause: Finding, code: str) -> bool:
        symptoms = [f.severity for f in findings if f.code == code and is_cause(cause, f)]
        return bool(symptoms) and (cause.severity > Severity.INFO or max(symptoms) <= Severity.INFO)

    return [replace(f, explains=tuple(c for c in f.explains if stands(f, c))) if f.explains else f for f in findings]


class Timeline:
    """Findings over time: since when each has stood without a break, and what changed at each look."""

    def __init__(self) -> None:
        self.events: list[FindingEvent] = []
        """Everything that opened or closed so far, in order."""
        self.verdict = Verdict(0)
        """The latest, with `detected_at` filled in."""
        self.settled: dict[str, Skipped] = {}
        """Rules that can never judge this run, by code."""

    def advance(self, verdict: Verdict) -> list[FindingEvent]:
        """Take in the verdict of a later round; returns what opened, changed and closed."""
        standing = {f.key: f.detected_at for f in self.verdict.findings}
        findings = tuple(f.seen(standing.get(f.key) or verdict.n_rounds) for f in verdict.findings)
        events = changes(self.verdict.findings, findings, verdict.n_rounds)
        self.events += [e for e in events if e.kind != "changed"]
        self.verdict = Verdict(verdict.n_rounds, findings, verdict.skipped, verdict.crashed, verdict.silent)
        return events


def changes(before: Sequence[Finding], now: Sequence[Finding], n_rounds: int) -> list[FindingEvent]:
    """Yield what closed, opened or changed its numbers from one look to the next."""
    stood, stands = {f.key: f for f in before}, {f.key: f for f in now}
    events = [FindingEvent("closed", f, n_rounds) for key, f in stood.items() if key not in stands]
    for key, finding in stands.items():
        if key not in stood:
            events.append(FindingEvent("opened", finding, n_rounds))
        elif finding != stood[key] and repr(finding) != repr(stood[key]):  # NaN equals NaN here
            events.append(FindingEvent("changed", finding, n_rounds))
    return events


def replay(run: RunData, rules: Sequence[Rule], *, before: int | None = None) -> Timeline:
    """Evaluate a recorded run as the live training did: at every check round, and at the end if it has ended.

    `before` looks only at the check rounds before that many rounds.
    """
    timeline = Timeline()
    for n_rounds in check_rounds(run.n_rounds if before is None else before - 1, slow=run.header.slow_rounds):
        if n_rounds > run.header.start_round:
            timeline.advance(evaluate(run.at(n_rounds), rules, settled=timeline.settled))
    if run.ended and before is None:
        timeline.advance(evaluate(run.at(run.n_rounds, final=True), rules, settled=timeline.settled))
    return timeline
