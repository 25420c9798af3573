"""The page of a check: of a run, a saved model, a table or a network."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from treedebug.core.findings import Skipped
from treedebug.core.report import CheckReport
from treedebug.core.run.run_data import Header
from treedebug.pictures.evidence_marks import PLACES, Place
from treedebug.pictures.picture import Picture
from treedebug.reports.html.chapters import AnyPicture, chapters, missing
from treedebug.reports.html.served import Served
from treedebug.reports.html.shown_findings import shown_findings
from treedebug.reports.html.templates import render_page
from treedebug.reports.html.verdict import headline
from treedebug.reports.html.written_pages import MARK
from treedebug.reports.phrasing import codes_text, facts_text, one_line, printable, short
from treedebug.reports.plan_code import plan_code

_KINDS = {"run": "training", "model": "saved model", "table": "table", "network": "network", "parameters": "parameters"}
_OF_EACH = {"value_histograms": "histograms", "latent_space": "spaces"}
"""Of a network, one for each layer: the page has one place for all, and a list to choose from."""
_OVER_ROUNDS = ("tree_anatomy", "importance_heatmap", "time_by_round")
"""Pictures that say nothing of a single round."""


def check_page(  # noqa: PLR0913 - what was found, and what shows it
    report: CheckReport,
    pictures: Mapping[str, AnyPicture],
    *,
    header: Header | None = None,
    trees: tuple[Picture, ...] = (),
    places: Mapping[str, tuple[Place, ...]] = PLACES,
    made_by: str = "",
    served: Served | None = None,
) -> str:
    """Return the whole page as HTML; `pictures` by their names, `trees` to look at one by one."""
    drawn = {name: p.to_dict() for name, p in pictures.items() if isinstance(p, Picture)}
    drawn = {name: p for name, p in drawn.items() if name not in _OVER_ROUNDS or len(p["rounds"]) > 1}
    if trees:
        drawn["one_tree"] = {"question": trees[0].question, "trees": [t.to_dict() for t in trees]}
    for kind, several in _OF_EACH.items():
        found = [drawn.pop(name) for name in list(drawn) if name.startswith(kind)]
        if found:
            drawn[kind] = {"question": found[0]["question"], several: found}
    shown = shown_findings(report.findings, drawn, places)
    return render_page(
        "check.html.j2",
        served=served,
        mark=MARK,
        made_by=made_by,
        made_on=dt.datetime.now(dt.UTC).date().isoformat(),
        source=printable(report.source),
        title=_title(report),
        kind=_KINDS.get(report.kind, report.kind),
        facts=facts_text({k: v for k, v in report.facts.items() if k != "name"}),
        headline=headline(report),
        plan=_plan(report, header),
        families=shown.families,
        recorded=report.recorded,
        crashed=report.verdict.crashed,
        ids=_ids(shown.all),
        chapters=chapters(drawn),
        parameters=_parameters(drawn.get("parameters")),
        skipped=_by_reason(report.verdict.skipped),
        missing=missing(pictures),
        silent=codes_text(report.verdict.silent),
        notes=list(dict.fromkeys(one_line(n) for n in report.notes)),
        damage=[one_line(d) for d in report.damage],
        ignored={printable(k): one_line(v) for k, v in report.ignored.items()},
        known=codes_text(code for code, _ in report.known),
        data={"pictures": drawn, "findings": [f.to_dict() for f in shown.all]},
    )


def _title(report: CheckReport) -> str:
    """Return what the user calls it, else the last part of where it lies."""
    return printable(str(report.facts.get("name") or PurePath(report.source).name or report.source or "table"))


def _parameters(picture: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the parameters with what the findings would try, the codes of one value together."""
    if picture is None:
        return None
    rows = []
    for p in picture["parameters"]:
        tried: dict[str, list[str]] = {}
        for code, value in zip(p["blamed_by"], p["suggested"], strict=True):
            codes = tried.setdefault(short(value), [])
            codes += [code] if code not in codes else []
        rows.append(p | {"tried": list(tried.items())})
    return {"question": picture["question"], "rows": rows}


def _plan(report: CheckReport, header: Header | None) -> dict[str, Any]:
    plan = report.plan
    return {
        "is_before": report.is_before_training or not plan.changes,
        "changes": [printable(str(c)) for c in plan.changes],
        "why": [one_line(c.why) for c in plan.changes],
        "code": plan_code(plan.changes, header),
        "alternatives": [plan_code(way, header) for way in plan.alternatives],
        "questions": [printable(str(c)) for c in plan.questions],
        "experiments": [printable(str(c)) for c in plan.experiments],
    }


def _ids(shown: list[Any]) -> dict[str, str]:
    """Return where on the page the first finding of each code stands."""
    found: dict[str, str] = {}
    for one in shown:
        found.setdefault(one.finding.code, one.id)
    return found


def _by_reason(skipped: tuple[Skipped, ...]) -> list[tuple[str, str]]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for rule in skipped:
        by_reason[one_line(rule.reason)].append(rule.code)
    return [(codes_text(codes), reason) for reason, codes in by_reason.items()]
