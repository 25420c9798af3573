"""A check as GitHub workflow commands: each finding becomes an annotation of the job."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.core.changes import Change
from treedebug.core.findings import Finding, Severity
from treedebug.core.report import CheckReport
from treedebug.reports.phrasing import change_text, evidence_text, lead_text, one_line, rounds_text, summary_text

_COMMANDS = {Severity.INFO: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}


def checks_github(reports: Sequence[CheckReport], *, failed: Sequence[tuple[str, str]] = (), made_by: str = "") -> str:
    """Return the commands of all reports; what could not be checked is an error of the job."""
    del made_by  # the job's log says which version ran
    lines = [check_github(report) for report in reports]
    lines += [command("error", "treedebug", one_line(f"{source}: {reason}")) + "\n" for source, reason in failed]
    return "".join(lines)


def check_github(report: CheckReport) -> str:
    """Return one command a line (`::warning title=CV102 overtraining::...`), then a plain summary line."""
    verdict = report.verdict
    lines = [_finding(report.source, f, verdict.findings) for f in verdict.findings]
    lines += [
        command("error", f"{c.code} {c.name} crashed", one_line(f"{report.source}: {c.error}")) for c in verdict.crashed
    ]
    lines.append(f"treedebug: {one_line(report.source)}: {summary_text(verdict)}")
    return "\n".join(lines) + "\n"


def command(level: str, title: str, message: str) -> str:
    """Return one workflow command, escaped: `level` is notice, warning or error."""
    return f"::{level} title={_escape_property(title)}::{_escape(message)}"


def _finding(source: str, finding: Finding, beside: Sequence[Finding]) -> str:
    where = ", ".join(p for p in (source, finding.subject, rounds_text(finding.rounds)) if p)
    lines = [f"{where}: {finding.message}"]
    if finding.evidence:
        lines.append(evidence_text(finding.evidence))
    causes = dict.fromkeys(f"{f.code} {f.name}" for f in beside if finding.code in f.explains)
    if causes:
        lines.append(f"a symptom of {', '.join(causes)}")
    if finding.explains:
        lines.append(f"explains {', '.join(finding.explains)}")
    lines += [_step(c) for c in finding.try_next]
    text = "\n".join(one_line(line) for line in lines)
    return command(_COMMANDS[finding.severity], f"{finding.code} {finding.name}", text)


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def _step(change: Change) -> str:
    lead = lead_text(change).removesuffix(": ") if change.is_followed else lead_text(change).rstrip()
    return f"{lead} {change_text(change)}" + (f" ({change.why})" if change.why else "")
