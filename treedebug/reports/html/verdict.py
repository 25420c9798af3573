"""The top of a page: one sentence on how the thing stands, and how much that matters."""

from __future__ import annotations

from dataclasses import dataclass

from treedebug.core.finding_order import families
from treedebug.core.findings import Finding
from treedebug.core.report import CheckReport
from treedebug.reports.phrasing import one_line, plural, score_text, summary_text

_NOUNS = {"run": "training", "parameters": "set of parameters"}


@dataclass(frozen=True)
class Headline:
    """`tone` is error, warning, info or good."""

    tone: str
    sentence: str
    counts: str
    score: str


def headline(report: CheckReport) -> Headline:
    """Return the verdict of a check."""
    tone, sentence = _said(report)
    score = "" if report.score is None else score_text(report.score, library=report.facts.get("library"))
    return Headline(tone, sentence, summary_text(report.verdict), score)


def _said(report: CheckReport) -> tuple[str, str]:
    if report.damage:
        return "error", f"The record is damaged: {one_line(report.damage[0])}"
    noun = _NOUNS.get(report.kind, report.kind)
    if not report.findings and report.kind == "run" and not report.facts.get("n_rounds"):
        return "warning", "No round is recorded yet: there is nothing to judge."
    if not report.findings:
        if not report.verdict.silent:
            return "warning", f"No rule could judge this {noun}: see below what each one needs."
        n = plural(len(report.verdict.silent), "rule")
        return "good", f"Nothing was found wrong with this {noun}: {n} looked, and none had anything to say."
    first = _weightiest(report)
    message = one_line(first.message)
    word = message.partition(" ")[0]
    is_word = word.isalpha() and word != first.subject  # a feature's name is written as it is
    sentence = f"{message[0].upper()}{message[1:]}" if is_word else message or first.name
    tone = max(f.severity for f in report.findings).label
    return tone, sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _weightiest(report: CheckReport) -> Finding:
    """Return the cause that explains most, of those whose family is worst; the first of several."""
    found = families(report.findings)
    worst = max(f.severity for f in report.findings)
    return max((f for f in found if max(s.severity for s in f) == worst), key=len)[0]
