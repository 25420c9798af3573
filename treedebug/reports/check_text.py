"""A check for a person: what is wrong, where, by which numbers, what to try; 80 columns, with or without colour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.text import Text

from treedebug.core.changes import Change, alternatives
from treedebug.core.finding_order import families
from treedebug.core.findings import Crashed, Finding, Skipped
from treedebug.core.report import CheckReport
from treedebug.reports.balance_table import print_balance
from treedebug.reports.console import STYLES, indented, print_parts, render
from treedebug.reports.folding import folded
from treedebug.reports.phrasing import (
    change_text,
    codes_text,
    evidence_text,
    facts_text,
    lead_text,
    one_line,
    plural,
    printable,
    rounds_text,
    score_text,
    summary_text,
    way_text,
)
from treedebug.reports.spread_text import print_spread

_INDENT = 2


def check_text(report: CheckReport, *, width: int = 80, color: bool = False, full: bool = False) -> str:
    """Return the report as a string; see `print_check`."""
    return render(print_check, report, width=width, color=color, full=full)


def print_check(report: CheckReport, console: Console, *, full: bool = False) -> None:
    """Print heading, findings (most severe first), what to try, what was not judged, and a summary line.

    Symptoms stand on a line or two under their cause. Of one rule's findings only the first three are printed.
    `full` prints every finding, with its evidence, and what each rule that could not judge needs.
    """
    verdict = report.verdict
    print_parts(console, (printable(report.source), "bold"), (_after_source(report), ""))
    if report.score is not None:
        print_parts(console, (score_text(report.score, library=report.facts.get("library")), ""))
    if report.balance is not None:
        console.print()
        print_balance(report.balance, console, full=full)
    if report.spread is not None:
        console.print()
        print_spread(report.spread, console)
    symptoms = {cause.key: under for cause, *under in families(report.findings)}
    for finding, others in folded([f for f in report.findings if f.key in symptoms], full=full):
        _print_finding(console, finding, others, full=full)
        for symptom in [s for f in (finding, *others) for s in symptoms[f.key]]:
            _print_symptom(console, symptom, full=full)
    _print_recorded(console, report.recorded)
    _print_crashed(console, verdict.crashed)
    _print_notes(console, report.notes, "" if report.kind == "table" else " of the recorder")
    _print_next(console, report)
    console.print()
    if full:
        _print_skipped(console, verdict.skipped)
    else:
        _print_skipped_codes(console, verdict.skipped)
    _print_ignored(console, report.ignored)
    _print_known(console, report)
    style = STYLES[report.findings[0].severity.label] if report.findings else "bold"
    print_parts(console, (summary_text(verdict), style))


def _after_source(report: CheckReport) -> str:
    facts = facts_text(report.facts)
    return f": {facts}" if facts else ""


def _where(finding: Finding) -> str:
    return ", ".join(p for p in (printable(finding.subject), rounds_text(finding.rounds)) if p)


def _print_head(console: Console, finding: Finding) -> None:
    """Print severity, code, name and place on a line, and the message below."""
    console.print()
    where, label = _where(finding), finding.severity.label
    print_parts(
        console, (label, STYLES[label]), (" ", ""), (printable(f"{finding.code} {finding.name}"), "bold"),
        (f"  ({where})" if where else "", "dim"),
    )  # fmt: skip
    _block(console, one_line(finding.message))


def _print_finding(console: Console, finding: Finding, others: list[Finding], *, full: bool) -> None:
    _print_head(console, finding)
    _print_steps(console, finding, full=full)
    if others:
        named = ", ".join(printable(f.subject) or rounds_text(f.rounds) for f in others)
        _block(console, f"and {plural(len(others), 'more finding')} of {finding.code}: {named}", hang=2)


def _print_symptom(console: Console, symptom: Finding, *, full: bool) -> None:
    where = _where(symptom)
    name = printable(f"{symptom.code} {symptom.name}")
    _block(console, "explains ", name, f"{f' ({where})' if where else ''}: {one_line(symptom.message)}", hang=2)
    if full:
        _print_steps(console, symptom, full=full)


def _print_steps(console: Console, finding: Finding, *, full: bool) -> None:
    """Print what to try; with `full` the evidence before it, under the names it has in JSON."""
    numbers = evidence_text(finding.evidence)
    if numbers and full:
        _block(console, numbers, style="dim")
    first, *others = alternatives(finding.try_next)
    for change in first:
        _print_step(console, lead_text(change), change)
    for way in others:
        for change in (c for c in way if c.group):
            _print_step(console, "or:  ", change)


def _print_step(console: Console, lead: str, change: Change) -> None:
    why = f"  ({one_line(change.why)})" if change.why else ""
    _block(console, lead, change_text(change), why, hang=5)


def _print_crashed(console: Console, crashed: Iterable[Crashed]) -> None:
    for rule in crashed:
        console.print()
        print_parts(console, ("crashed", STYLES["error"]), (f" {rule.code} {rule.name}", "bold"))
        _block(console, one_line(rule.error))
        _block(
            console,
            "This is a fault of the rule, not of your training: it judged nothing. "
            f"Report it, or leave it out with --ignore {rule.code}.",
        )


def _print_recorded(console: Console, recorded: Iterable[Finding]) -> None:
    """Print the findings of rules that are not installed here, as the training recorded them."""
    for finding in recorded:
        _print_head(console, finding)
        _block(console, "recorded while it trained; the rule is not installed here", style="dim")


def _print_skipped(console: Console, skipped: Iterable[Skipped]) -> None:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for rule in skipped:
        by_reason[one_line(rule.reason)].append(rule.code)
    if by_reason:
        print_parts(console, ("skipped", "bold"), (" rules, and what each needs", ""))
    for reason, codes in by_reason.items():
        _block(console, f"{codes_text(codes)}: {reason}", hang=2)
    if by_reason:
        console.print()


def _print_skipped_codes(console: Console, skipped: Iterable[Skipped]) -> None:
    codes = [rule.code for rule in skipped if not rule.is_elsewhere]
    if codes:
        how = "(--full says what each needs)"
        line = f"skipped: {codes_text(codes)} {how}"
        short_line = f"skipped: {plural(len(codes), 'rule')} {how}"
        print_parts(console, (line if len(line) <= console.width else short_line, "dim"))


def _print_ignored(console: Console, ignored: Mapping[str, str]) -> None:
    if ignored:
        named = [f"{printable(code)} ({one_line(why)})" if why else printable(code) for code, why in ignored.items()]
        print_parts(console, (f"ignored: {', '.join(named)}", "dim"))


def _print_notes(console: Console, notes: Iterable[str], of: str) -> None:
    lines = list(dict.fromkeys(one_line(n) for n in notes))
    if lines:
        console.print()
        print_parts(console, ("notes", "bold"), (of, ""))
    for note in lines:
        _block(console, f"- {note}", hang=2)


def _print_next(console: Console, report: CheckReport) -> None:
    """Return the plan: what to do, what may be done instead, what to ask and to find out."""
    if not report.findings:
        return
    console.print()
    plan = report.plan
    if plan:
        before = report.is_before_training or not plan.changes
        print_parts(console, ("next", "bold"), (" before you train" if before else " train again with", ""))
    if plan.changes:
        _block(console, way_text(plan.changes), hang=2)
    for way in plan.alternatives:
        _block(console, "or instead: ", way_text(way), "", hang=2)
    for change in (*plan.questions, *plan.experiments):
        _block(console, lead_text(change), printable(str(change)), "", hang=2)
    print_parts(console, (f"more on a rule: treedebug explain {report.findings[0].code}", "dim"))


def _print_known(console: Console, report: CheckReport) -> None:
    if report.known:
        codes = codes_text(code for code, _ in report.known)
        print_parts(console, (f"known by the baseline, and no reason to fail: {codes}", "dim"))


def _block(console: Console, *parts: str, style: str = "", hang: int = 0) -> None:
    """Wrapped text, indented; lines after the first by `hang` more. With three parts the second is set off."""
    styles = ("", "bold green", "") if len(parts) > 1 else (style,)
    text = Text.assemble(*zip(parts, styles, strict=True))
    for line in indented(text, console, indent=_INDENT, hang=hang):
        console.print(line)
