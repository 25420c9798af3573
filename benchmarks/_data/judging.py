"""A case as `treedebug.check` sees it, reduced to plain facts."""

from __future__ import annotations

import json
import time
from typing import Any

import lightgbm  # noqa: F401 - loaded, as a user of it has it: label noise is looked for with what is there
import numpy as np

import treedebug
from _data.cases import Case, Unfit, fresh
from _data.catalog import KINDS
from _data.oddities import explained
from treedebug.core.report import CheckReport
from treedebug.engine.config import Config
from treedebug.rules import BUILTIN

LOUD = ("warning", "error")
CONFIG = Config(preview=True)
"""Not the pyproject.toml of wherever this is run; rules in preview judge, too."""
FOR_NETS = Config(select=("DA602",), options={"DA602": {"always": True}}, preview=True)
TOKENS = {0: "padding", 1: "unknown"}


def check(case: Case) -> CheckReport:
    options = dict(case.options)
    if options.pop("tokens", False):
        options["tokens"] = list(TOKENS)
    config = FOR_NETS if options.pop("for_nets", False) else CONFIG
    if case.given is not None:
        subject, y, given = case.given(case)
        return treedebug.check(subject, y, config=config, **{**options, **given})
    return treedebug.check(case.train, target=case.target, valid=case.valid, config=config, **options)


def clean(case: Case) -> dict[str, Any]:
    """What is said of a clean table; `why` is filled where it is true."""
    report, seconds = _timed(case)
    said = [f | {"why": next(explained(case, f["code"], f["text"]), "")} for f in _findings(report)]
    return _facts(case, report, seconds) | {"said": said}


def planted(base: Case, kind_name: str, severe: bool) -> dict[str, Any]:
    """What is said of a planted fault, or why there is none."""
    kind = KINDS[kind_name]
    case = fresh(base)
    about = {"kind": kind_name, "severe": severe, "table": base.table.name, "half": base.table.half, "seed": base.seed}
    try:
        kind.plant(case, severe, np.random.default_rng([base.seed, severe, 7]))
    except Unfit as reason:
        return about | {"dropped": str(reason)}
    report, seconds = _timed(case)
    said = _findings(report)
    right = [
        f for f in said if f["code"] in kind.right and (kind.is_told or counts(f)) and _names(f["text"], case.planted)
    ]
    loud = [f for f in said if counts(f) and (f in right or not _true_of(base, f))]
    company = [f for f in loud if f["code"] not in kind.right | kind.beside]
    facts = _facts(case, report, seconds)
    return (
        about
        | {
            "dropped": "",
            "hit": bool(right),
            "first": bool(loud) and (loud[0] in right or _leads(loud, right)),
            "silent_code": not any(f["code"] in kind.right for f in said),
            "said": said,
            "company": company,
            "rows": _rows_found(case, report),
        }
        | {k: facts[k] for k in ("seconds", "crashed", "skipped")}
    )


def counts(finding: dict[str, Any]) -> bool:
    """Warnings and errors count; an info only where the rule knows nothing louder."""
    return finding["severity"] in LOUD or finding["code"] in INFO_ONLY


RULES = frozenset(r.code for r in BUILTIN)


def _info_only() -> frozenset[str]:
    """Rules that say of themselves that they are no more than worth knowing."""
    return frozenset(r.code for r in BUILTIN if r.code.startswith("DA") and r.severity.label == "info")


INFO_ONLY = _info_only()


def _timed(case: Case) -> tuple[CheckReport, float]:
    start = time.perf_counter()
    report = check(case)
    return report, time.perf_counter() - start


def _findings(report: CheckReport) -> list[dict[str, Any]]:
    return [
        {
            "code": f.code,
            "severity": f.severity.label,
            "message": f.message,
            "explains": list(f.explains),
            "text": json.dumps(f.to_dict(), default=str),
        }
        for f in report.findings
    ]


def _names(text: str, columns: tuple[str, ...]) -> bool:
    return not columns or any(name in text for name in columns)


def _leads(loud: list[dict[str, Any]], right: list[dict[str, Any]]) -> bool:
    """Several codes of one severity are equally first: the order among them is only that of the alphabet."""
    return any(f["severity"] == loud[0]["severity"] and f["code"] == loud[0]["code"] for f in right)


def _true_of(base: Case, finding: dict[str, Any]) -> bool:
    """True of the table before anything was planted."""
    return any(explained(base, finding["code"], finding["text"]))


def _rows_found(case: Case, report: CheckReport) -> dict[str, int] | None:
    """Of the rows listed as mislabelled, how many are; for planted wrong labels only."""
    if not case.flipped:
        return None
    listed = {int(r) for f in report.findings if f.code == "DA622" for r in _listed_rows(f.evidence)}
    return {
        "listed": len(listed), "right": len(listed & set(case.flipped)), "wrong_labels": len(case.flipped),
        "rows": len(case.train),
    }  # fmt: skip


def _listed_rows(evidence: Any) -> list[int]:
    rows = evidence.get("rows", []) if hasattr(evidence, "get") else []
    return [r for r in rows if isinstance(r, int)]


def _facts(case: Case, report: CheckReport, seconds: float) -> dict[str, Any]:
    return {
        "table": case.table.name,
        "half": case.table.half,
        "seed": case.seed,
        "variant": case.variant,
        "seconds": seconds,
        "crashed": [f"{c.code}: {c.error}" for c in report.verdict.crashed],
        "skipped": [s.code for s in report.verdict.skipped],
    }
