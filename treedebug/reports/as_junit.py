"""Checks as JUnit XML: a test suite a report, a failed test case a finding; CI servers show these as they are."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from treedebug.core.findings import Finding, Severity
from treedebug.core.report import CheckReport
from treedebug.reports.phrasing import change_text, evidence_text, lead_text, one_line


def checks_junit(reports: Sequence[CheckReport], *, failed: Sequence[tuple[str, str]] = (), made_by: str = "") -> str:
    """Return the reports as JUnit XML. Infos are passed cases with their text in system-out; errors are `error`s."""
    suites = ET.Element("testsuites", name=f"treedebug {made_by}".strip())
    for report in reports:
        _suite(suites, report)
    for source, reason in failed:
        suite = ET.SubElement(suites, "testsuite", name=one_line(source), tests="1", errors="1", failures="0")
        case = ET.SubElement(suite, "testcase", classname="treedebug", name="check")
        ET.SubElement(case, "error", message=one_line(reason), type="treedebug")
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(suites: ET.Element, report: CheckReport) -> None:
    verdict = report.verdict
    n_failed = sum(f.severity is not Severity.INFO for f in report.findings)
    n_tests = len(report.findings) + len(verdict.silent) + len(verdict.skipped) + len(verdict.crashed)
    suite = ET.SubElement(
        suites, "testsuite", name=one_line(report.source), tests=str(n_tests), failures=str(n_failed),
        errors=str(len(verdict.crashed)), skipped=str(len(verdict.skipped)),
    )  # fmt: skip
    for finding in report.findings:
        _finding(suite, finding)
    for crashed in verdict.crashed:
        case = ET.SubElement(suite, "testcase", classname=crashed.code, name=crashed.name)
        ET.SubElement(case, "error", message=one_line(crashed.error), type="crashed")
    for skipped in verdict.skipped:
        case = ET.SubElement(suite, "testcase", classname=skipped.code, name=skipped.name)
        ET.SubElement(case, "skipped", message=one_line(skipped.reason))
    for code in verdict.silent:
        ET.SubElement(suite, "testcase", classname=code, name=code)


def _finding(suite: ET.Element, finding: Finding) -> None:
    name = f"{finding.name} ({one_line(finding.subject)})" if finding.subject else finding.name
    case = ET.SubElement(suite, "testcase", classname=finding.code, name=name)
    lines = [one_line(finding.message), *(f"{lead_text(c)}{change_text(c)}" for c in finding.try_next)]
    lines += [evidence_text(finding.evidence)] if finding.evidence else []
    text = "\n".join(lines)
    if finding.severity is Severity.INFO:
        ET.SubElement(case, "system-out").text = text
    else:
        failure = ET.SubElement(case, "failure", message=one_line(finding.message), type=finding.severity.label)
        failure.text = text
