"""Checks as SARIF 2.1.0, which code hosts show beside the code: one run, one result a finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from treedebug.core.findings import Finding, Severity
from treedebug.core.report import CheckReport
from treedebug.reports.as_json import dumps
from treedebug.reports.phrasing import change_text, one_line

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def checks_sarif(reports: Sequence[CheckReport], *, failed: Sequence[tuple[str, str]] = (), made_by: str = "") -> str:
    """Return the reports as SARIF. What could not be checked stands among the tool's notifications."""
    names = {f.code: f.name for r in reports for f in r.findings}
    driver: dict[str, Any] = {
        "name": "treedebug",
        "rules": [
            {"id": code, "name": name, "shortDescription": {"text": name}} for code, name in sorted(names.items())
        ],
    }
    if made_by:
        driver["version"] = made_by
    run = {
        "tool": {"driver": driver},
        "invocations": [
            {
                "executionSuccessful": not failed,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": one_line(reason)}, "locations": [_location(source)]}
                    for source, reason in failed
                ],
            }
        ],
        "results": [_result(r, f) for r in reports for f in r.findings],
    }
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _result(report: CheckReport, finding: Finding) -> Mapping[str, Any]:
    lines = [one_line(finding.message), *(f"Try {change_text(c)}." for c in finding.try_next)]
    return {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": " ".join(lines)},
        "locations": [_location(report.source)],
        "partialFingerprints": {"treedebug/v1": f"{finding.code}:{one_line(finding.subject)}"},
        "properties": {"subject": finding.subject, "rounds": finding.rounds, "evidence": dict(finding.evidence)},
    }


def _location(source: str) -> Mapping[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": quote(source.replace("\\", "/"))}}}
