"""Checks as Markdown, for a job's summary or a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from treedebug.core.finding_order import related
from treedebug.core.report import CheckReport
from treedebug.reports.phrasing import change_text, facts_text, one_line, rounds_text, score_text, summary_text

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~&!@])")
"""Characters that Markdown, or a code host's additions to it, would act on."""


def checks_markdown(
    reports: Sequence[CheckReport], *, failed: Sequence[tuple[str, str]] = (), made_by: str = ""
) -> str:
    """Return the reports as Markdown: a heading a report, a row a finding, symptoms under their cause."""
    parts = [_report(r) for r in reports]
    parts += [f"## {escape(source)}\n\n**error**: {escape(reason)}\n" for source, reason in failed]
    by = f"\n<sub>treedebug {escape(made_by)}</sub>\n" if made_by else ""
    return "\n".join(parts) + by


def escape(text: str) -> str:
    """Return the text on one line, with everything that Markdown would act on escaped."""
    return _ACTIVE.sub(r"\\\1", one_line(text))


def _report(report: CheckReport) -> str:
    lines = [f"## {escape(report.source)}", ""]
    facts = facts_text(report.facts)
    lines += [escape(facts), ""] if facts else []
    lines += (
        [escape(score_text(report.score, library=report.facts.get("library"))), ""] if report.score is not None else []
    )
    if report.findings:
        lines += ["| | rule | what | try |", "|---|---|---|---|"]
    for finding, depth in related(report.findings):
        where = ", ".join(p for p in (finding.subject, rounds_text(finding.rounds)) if p)
        rule = f"{'↳ ' * bool(depth)}{finding.code} {finding.name}" + (f" ({escape(where)})" if where else "")
        tried = ", ".join(f"`{_code(change_text(c))}`" if c.is_followed else escape(str(c)) for c in finding.try_next)
        lines.append(f"| {finding.severity.label} | {rule} | {escape(finding.message)} | {tried} |")
    if report.findings:
        lines.append("")
    lines += [f"**{escape(summary_text(report.verdict))}**", ""]
    return "\n".join(lines)


def _code(text: str) -> str:
    """Return text that stays inside a code span and a table cell."""
    return one_line(text).replace("`", "'").replace("|", "\\|")
