"""What a notebook shows of a run, a check, a comparison and a profile: small, without script, every name a text."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from treedebug.core.data.data_sets import DataSets
from treedebug.core.finding_order import families
from treedebug.core.findings import Finding
from treedebug.core.html_text import Html, card, joined, tag
from treedebug.core.report import CheckReport, ComparedRow, ComparisonReport
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.run_data import RunData
from treedebug.pictures.learning_curves import LearningCurves, learning_curves
from treedebug.reports.folding import folded
from treedebug.reports.html.small_curves import small_curves
from treedebug.reports.phrasing import (
    change_text,
    facts_text,
    lead_text,
    plural,
    rounds_text,
    score_text,
    short,
    summary_text,
    way_text,
)
from treedebug.reports.profile_text import profile_rows

_MOST_FINDINGS = 8
_MOST_ROWS = 60


def run_card(run: Recorded) -> str:
    """Return a run: what it is, its deciding metric, and what was found."""
    header = run.header
    facts = facts_text(
        {"library": header.library, "booster": header.booster, "objective": header.objective, "n_rounds": run.n_rounds}
        | {"state": run.state}
    )
    hint = tag("code", f"run.report({(header.name or 'report') + '.html'!r})")
    return joined(
        tag("div", tag("b", header.name or (str(run.path) if run.path else "run in memory")), f": {facts}"),
        curves_of(run.data),
        findings_html(run.findings),
        tag("div", "the whole page: ", hint, style="opacity:0.75;font-size:90%"),
    )


def curves_of(run: RunData) -> Html:
    """Return the small drawing of a run's deciding metric."""
    picture = learning_curves(run)
    return small_curves(picture) if isinstance(picture, LearningCurves) else Html("")


def findings_html(findings: Sequence[Finding]) -> Html:
    """Return the causes, worst first, with what each explains on a line."""
    if not findings:
        return tag("div", "no findings")
    under = {cause.key: symptoms for cause, *symptoms in families(findings)}
    shown = folded([f for f in findings if f.key in under])
    cards = [_cause(f, others, [s for o in (f, *others) for s in under[o.key]]) for f, others in shown]
    rest = len(cards) - _MOST_FINDINGS
    more = [tag("div", f"and {plural(rest, 'more cause')}")] if rest > 0 else []
    return joined(*cards[:_MOST_FINDINGS], *more)


def _cause(finding: Finding, others: Sequence[Finding], symptoms: Iterable[Finding]) -> Html:
    where = ", ".join(p for p in (finding.subject, rounds_text(finding.rounds)) if p)
    lines = [tag("div", f"{lead_text(c)}", tag("code", change_text(c))) for c in finding.try_next]
    explained = ", ".join(dict.fromkeys(f"{s.code} {s.name}" for s in symptoms))
    return card(
        finding.severity.label,
        tag("b", f"{finding.severity.label} {finding.code} {finding.name}"),
        tag("span", f" ({where})" if where else "", style="opacity:0.75"),
        tag("div", finding.message),
        *lines,
        tag("div", f"explains {explained}" if explained else "", style="opacity:0.75"),
        tag("div", f"and {len(others)} more of {finding.code}" if others else "", style="opacity:0.75"),
    )


def check_card(report: CheckReport) -> str:
    """Return a check: the summary, the findings, and what to do next."""
    facts = facts_text(report.facts)
    way = way_text(report.plan.changes)
    return joined(
        tag("div", tag("b", report.source), f": {facts}" if facts else ""),
        tag("div", "" if report.score is None else score_text(report.score, library=report.facts.get("library"))),
        findings_html(report.findings),
        tag("div", tag("b", "next: "), tag("code", way)) if way else "",
        tag("div", summary_text(report.verdict), style="opacity:0.75"),
    )


def comparison_table(report: ComparisonReport, *, notes: Sequence[str] = ()) -> str:
    """Return a comparison: what differs, a column a run."""
    rows: list[Html] = []
    for title, section in report.sections.items():
        differing = [r for r in section if r.differs or title not in ("parameters", "training")]
        if differing:
            rows.append(Html(f'<tr><th colspan="{1 + len(report.labels)}" style="text-align:left">{title}</th></tr>'))
            rows += [_compared(r) for r in differing]
    head = tag("tr", tag("th", ""), *(tag("th", label) for label in report.labels))
    return joined(
        *(tag("div", tag("b", note)) for note in notes),
        tag("table", head, *rows[:_MOST_ROWS]),
        findings_html(report.findings) if report.findings else "",
    )


def _compared(row: ComparedRow) -> Html:
    cells = (
        tag("td", tag("b", short(value)) if i == row.best else short(value), style="text-align:right")
        for i, value in enumerate(row.values)
    )
    return tag("tr", tag("td", f"{row.name} ({row.unit})" if row.unit else row.name, style="text-align:left"), *cells)


def profile_table(sets: DataSets) -> str:
    """Return a profile: a row a column of the training data, and a line for each other set."""
    head, *rows = profile_rows(sets.train)
    body = (tag("tr", *(tag("td", cell) for cell in row)) for row in itertools.islice(rows, _MOST_ROWS))
    others = (tag("div", f"{name}: {other!r}") for name, other in sets.others.items())
    left_out = len(rows) - _MOST_ROWS
    return joined(
        tag("div", tag("b", repr(sets.train))),
        tag("table", tag("tr", *(tag("th", cell) for cell in head)), *body),
        tag("div", f"and {plural(left_out, 'more column')}" if left_out > 0 else ""),
        *others,
    )


def live_card(run: RunData, status: str, findings: Mapping[Any, Finding]) -> str:
    """Return a training under way: how far it is, its deciding metric, and what stands."""
    return joined(tag("div", tag("b", status)), curves_of(run), findings_html(list(findings.values())))
