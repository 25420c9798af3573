"""The page of a comparison: which run is better, what differs, and what came of it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from treedebug.core.findings import Severity
from treedebug.core.report import ComparedRow, ComparisonReport
from treedebug.pictures.picture import Picture
from treedebug.reports.html.chapters import AnyPicture, chapters, missing
from treedebug.reports.html.served import Served
from treedebug.reports.html.templates import render_page
from treedebug.reports.html.written_pages import MARK
from treedebug.reports.phrasing import change_text, lead_text, one_line, plural, printable, short
from treedebug.signals.runs.candidates import Candidate
from treedebug.signals.runs.score_differences import ScoreDifference

_PLAN = (
    ("Metric", ("score_differences", "fold_scores", "compared_curves")),
    ("Parameters and cost", ("parallel_coordinates", "pareto")),
    ("Features", ("importance_ranks",)),
)
_MOST_COLUMNS = 4
"""Runs that stand in columns; more stand in rows."""
_MOST_NAMED = 10
_OF_MANY = ("parallel_coordinates", "pareto")
"""Pictures that say something of many runs, and nothing of two."""
_ONLY_DIFFERING = ("parameters", "training")


def compare_page(  # noqa: PLR0913 - what was compared, and what was measured of it
    report: ComparisonReport,
    pictures: Mapping[str, AnyPicture],
    *,
    verdict: str,
    differences: Sequence[ScoreDifference | None] = (),
    reference: int = 0,
    candidates: Sequence[Candidate] = (),
    made_by: str = "",
    served: Served | None = None,
) -> str:
    """Return the whole page as HTML."""
    drawn = {name: p.to_dict() for name, p in pictures.items() if isinstance(p, Picture)}
    drawn |= _measured(report, differences, reference, candidates)
    if len(report.labels) <= _MOST_COLUMNS:
        drawn = {name: p for name, p in drawn.items() if name not in _OF_MANY}
    if candidates and "compared_curves" in drawn:
        drawn["compared_curves"]["groups"] = [
            {"candidate": c.candidate, "positions": list(c.positions)} for c in candidates
        ]
    return render_page(
        "compare.html.j2",
        served=served,
        mark=MARK,
        made_by=made_by,
        made_on=dt.datetime.now(dt.UTC).date().isoformat(),
        title=_title(report.labels),
        labels=[printable(label) for label in report.labels],
        verdict=verdict,
        tone="good" if _is_decided([d for d in differences if d is not None]) else "info",
        sections=_sections(report) if len(report.labels) <= _MOST_COLUMNS else [],
        table=_table(report, differences, reference) if len(report.labels) > _MOST_COLUMNS else None,
        judged=_judged(report),
        found=_found(report),
        chapters=chapters(drawn, _PLAN),
        missing=missing(pictures),
        data={"pictures": drawn, "findings": []},
    )


def _found(report: ComparisonReport) -> list[dict[str, Any]]:
    """Return the rules that speak of some runs only, and of which."""
    made = []
    for row in (r for r in report.sections.get("findings", ()) if r.differs):
        which = [printable(label) for label, value in zip(report.labels, row.values, strict=True) if value]
        rest = f" and {len(which) - _MOST_NAMED} more" if len(which) > _MOST_NAMED else ""
        named = ", ".join(which[:_MOST_NAMED]) + rest
        made.append({"name": row.name, "values": row.values, "n": len(which), "which": named})
    return made


def _is_decided(known: Sequence[ScoreDifference]) -> bool:
    return bool(known) and all(d.is_better or d.is_worse for d in known)


def _title(labels: Sequence[str]) -> str:
    if len(labels) <= _MOST_COLUMNS:
        return " and ".join(printable(label) for label in labels)
    return plural(len(labels), "run")


def _measured(
    report: ComparisonReport,
    differences: Sequence[ScoreDifference | None],
    reference: int,
    candidates: Sequence[Candidate],
) -> dict[str, dict[str, Any]]:
    """Return what was measured of several runs, as pictures."""
    found: dict[str, dict[str, Any]] = {}
    known = [asdict(d) | {"run": report.labels[d.position]} for d in differences if d is not None]
    if known and not candidates:
        found["score_differences"] = {
            "question": "Is any run better than another by more than chance?",
            "reference": report.labels[reference],
            "rows": known,
            "higher_is_better": next(s.higher_is_better for s in report.scores if s is not None),
        }
    if candidates:
        found["fold_scores"] = {
            "question": "How far do the folds lie apart, and which of them disagree?",
            "candidates": [asdict(c) for c in candidates],
        }
    return found


def _sections(report: ComparisonReport) -> list[dict[str, Any]]:
    """Return the tables with a column a run."""
    made = []
    for title, rows in report.sections.items():
        shown = [r for r in rows if r.differs] if title in _ONLY_DIFFERING else list(rows)
        if shown and title != "findings":
            made.append({"title": title, "rows": [_row(r) for r in shown], "equal": len(rows) - len(shown)})
    return made


def _row(row: ComparedRow) -> dict[str, Any]:
    name = f"{row.name} ({row.unit})" if row.unit else row.name
    return {"name": printable(name), "values": [short(v) for v in row.values], "best": row.best}


def _table(report: ComparisonReport, differences: Sequence[ScoreDifference | None], reference: int) -> dict[str, Any]:
    """Return one table with a row a run, to be sorted by its columns."""
    differing = [r for r in report.sections.get("parameters", ()) if r.differs]
    columns = [("rounds", "training", "rounds"), ("leaves", "size", "leaves"), ("mean depth", "size", "mean depth")]
    columns += [("seconds", "time", "training")]
    rows = {shown: _find(report, section, name) for shown, section, name in columns}
    heads = ["run", "best", "in round", "difference from the best", *(n for n, r in rows.items() if r), "findings"]
    body: list[dict[str, Any]] = []
    for i, label in enumerate(report.labels):
        score, d = report.score(i), differences[i] if i < len(differences) else None
        cells: list[Any] = [None, None] if score is None else [score.best, score.best_round]
        cells += [0.0 if i == reference else None if d is None else d.difference]
        cells += [r.values[i] for r in rows.values() if r]
        cells += [sum(bool(r.values[i]) for r in report.sections.get("findings", ()))]
        cells += [r.values[i] for r in differing]
        body.append({"label": printable(label), "cells": [_cell(c) for c in cells], "is_best": i == reference})
    known = next((s.higher_is_better for s in report.scores if s is not None), False)
    body.sort(key=lambda row: _place(row["cells"][0]["number"], higher=known))
    return {"heads": [*heads, *(printable(r.name) for r in differing)], "rows": body}


def _place(value: float | None, *, higher: bool) -> float:
    """Return where a run stands by its metric: the best first, those without it last."""
    return math.inf if value is None else -value if higher else value


def _cell(value: Any) -> dict[str, Any]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"text": short(value), "number": value if is_number else None}


def _find(report: ComparisonReport, title: str, name: str) -> ComparedRow | None:
    return next((r for r in report.sections.get(title, ()) if r.name == name), None)


def _judged(report: ComparisonReport) -> list[dict[str, Any]]:
    """Return what the rules on two runs say, warnings and errors alone where there are many runs."""
    least = Severity.INFO if len(report.labels) <= _MOST_COLUMNS else Severity.WARNING
    return [
        {
            "severity": f.severity.label,
            "head": f"{f.code} {f.name}",
            "where": f"{printable(label)} against {printable(report.labels[0])}",
            "message": one_line(f.message),
            "steps": [f"{lead_text(c)}{change_text(c)}" for c in f.try_next],
        }
        for label, verdict in zip(report.labels[1:], report.verdicts, strict=False)
        for f in verdict.findings
        if f.severity >= least
    ]
