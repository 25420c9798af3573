"""Checks, comparisons and rules as JSON with a stable schema, for other programs.

A check is `{"format": "treedebug-check", "version": 1, "treedebug": ..., "reports": [...], "failed": [...]}`. Each
report has `source`, `kind`, `facts`, `n_rounds`, `summary` (error, warning, info, silent, skipped, crashed: counts),
`findings` (code, name, severity, message, rounds, subject, evidence, try_next, explains: codes of its symptoms,
detected_at), `skipped` (code, name, reason), `crashed` (code, name, error), `silent` (codes), `notes`, `ignored`
(selector: reason), `recorded` (findings of rules that are not installed here), `known` ([code, subject] of findings
that the baseline accepts), `score` (the deciding metric: dataset, metric, higher_is_better, best, best_round, last),
`plan` (changes,
alternatives, questions, experiments: what to do next), and of a table with classes their `balance`. A step of
`try_next` or of the plan has parameter, value, why, kind ("parameter", "data", "experiment", "question") and, where
known, group (steps of one group go together, each further group is an alternative), effect (loss, size, time) and
text. `failed` holds the `source` and `error` of what could not be checked. A
comparison is `{"format": "treedebug-comparison", "version": 1, "treedebug": ..., "labels": [...], "sections": {title:
[{name, values, best, unit, differs}]}}`.

The output is standard JSON: NaN and infinities are the strings "NaN", "Infinity" and "-Infinity" (which `float()` reads
back). Fields may be added within a version; none is renamed or removed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from treedebug.core.findings import Severity
from treedebug.core.plain_json import plain
from treedebug.core.report import CheckReport, ComparisonReport

VERSION = 1


def checks_json(reports: Sequence[CheckReport], *, failed: Sequence[tuple[str, str]] = (), made_by: str = "") -> str:
    """Return reports of one command as JSON; `failed` holds (source, error) of what could not be checked."""
    text = dumps(
        {
            "format": "treedebug-check",
            "version": VERSION,
            "treedebug": made_by,
            "reports": [check_dict(r) for r in reports],
            "failed": [{"source": s, "error": e} for s, e in failed],
        }
    )
    return f"{text}\n"


def check_dict(report: CheckReport) -> dict[str, Any]:
    """Return one report as plain data (NaN still NaN)."""
    verdict = report.verdict
    counts = {s.label: sum(f.severity == s for f in verdict.findings) for s in reversed(Severity)}
    return {
        "source": report.source,
        "kind": report.kind,
        "facts": dict(report.facts),
        "n_rounds": verdict.n_rounds,
        "summary": {
            **counts,
            "silent": len(verdict.silent),
            "skipped": len(verdict.skipped),
            "crashed": len(verdict.crashed),
        },
        "findings": [f.to_dict() for f in verdict.findings],
        "skipped": [{"code": s.code, "name": s.name, "reason": s.reason} for s in verdict.skipped],
        "crashed": [{"code": c.code, "name": c.name, "error": c.error} for c in verdict.crashed],
        "silent": list(verdict.silent),
        "notes": list(report.notes),
        "plan": report.plan.to_dict(),
        "ignored": dict(report.ignored),
        "recorded": [f.to_dict() for f in report.recorded],
        "known": sorted(map(list, report.known)),
        "score": None if report.score is None else asdict(report.score),
    } | {n: asdict(v) for n, v in (("balance", report.balance), ("spread", report.spread)) if v is not None}


def comparison_json(report: ComparisonReport, *, made_by: str = "") -> str:
    """Return a comparison as JSON."""
    sections = {
        title: [
            {"name": r.name, "values": r.values, "best": r.best, "unit": r.unit, "differs": r.differs} for r in rows
        ]
        for title, rows in report.sections.items()
    }
    return dumps(
        {
            "format": "treedebug-comparison",
            "version": VERSION,
            "treedebug": made_by,
            "labels": report.labels,
            "sections": sections,
            "findings": [
                {"run": label, **f.to_dict()}
                for label, verdict in zip(report.labels[1:], report.verdicts, strict=False)
                for f in verdict.findings
            ],
        }
    )


def dumps(data: Any) -> str:
    """Return standard JSON, two spaces deep, ASCII only; NaN and infinities as strings, what JSON lacks as text.

    What a CI server would read as a command (`::error::`, `##[error]`) stands as an escape, which reads back the same.
    """
    text = json.dumps(plain(data, standard=True), indent=2, allow_nan=False)
    return text.replace("::", ":\\u003a").replace("##[", "#\\u0023[")
