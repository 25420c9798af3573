"""Where the evidence of a finding lies: which picture, and what in it is to be marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from treedebug.core.changes import PARAMETER
from treedebug.core.findings import Finding

ROUNDS, FEATURES, CLASSES, PARAMETERS, COLUMNS, WHOLE = "rounds", "features", "classes", "parameters", "columns", ""
"""What is marked; WHOLE for the picture (or its panel) as it stands."""


@dataclass(frozen=True)
class Place:
    """A picture, what of it is marked, and the panel of a picture that has several."""

    picture: str
    kind: str = WHOLE
    panel: str = ""


@dataclass(frozen=True)
class Mark:
    """The evidence of one finding in one picture. Of `kind` "rounds", `rounds` says which; of the others, `names`."""

    picture: str
    panel: str
    kind: str
    rounds: tuple[int, int] | None
    """First and last round concerned; None where the finding names none."""
    names: tuple[str, ...]
    """Features, parameters or columns; class numbers as texts."""
    code: str
    heading: str
    """The finding's name in words."""
    severity: str
    subject: str


_CURVES = Place("learning_curves", ROUNDS)
_BARS, _HEATMAP = Place("importance_bars", FEATURES), Place("importance_heatmap", FEATURES)
_CLASSES, _CONFUSION = Place("class_curves", CLASSES), Place("confusion", CLASSES)
_PARAMETERS = Place("parameters", PARAMETERS)
_LABELS, _COLUMNS = Place("data_profile", WHOLE, "label"), Place("data_profile", COLUMNS)


def _anatomy(panel: str) -> Place:
    return Place("tree_anatomy", ROUNDS, panel)


def _time(panel: str) -> Place:
    return Place("time_by_round", ROUNDS, panel)


PLACES: dict[str, tuple[Place, ...]] = {
    "CV": (_CURVES,),
    "TR": (_anatomy("gain"),),
    "TR201": (_anatomy("depth"),),
    "TR202": (_anatomy("depth"),),
    "TR203": (_anatomy("leaves"),),
    "TR204": (_anatomy("leaf_values"),),
    "TR205": (_anatomy("leaf_values"),),
    "TR206": (_anatomy("sum_hessian"),),
    "TR208": (_anatomy("depth"),),
    "TR209": (_anatomy("leaves"),),
    "FT": (_HEATMAP, _BARS),
    "FT302": (_BARS,),
    "FT303": (_BARS,),
    "CL": (_CLASSES,),
    "CL402": (Place("calibration"), Place("score_histogram")),
    "CL403": (_CLASSES, _CONFUSION),
    "CL404": (_CLASSES, Place("predicted_vs_true")),
    "CL405": (_CLASSES, Place("score_histogram")),
    "CL406": (Place("predicted_vs_true"), Place("residuals")),
    "CL407": (_CONFUSION,),
    "CL408": (Place("calibration"),),
    "HP": (_PARAMETERS,),
    "HP503": (_PARAMETERS, _CURVES),
    "HP504": (_PARAMETERS, _CURVES),
    "HP508": (_PARAMETERS, _CURVES),
    "HP510": (_PARAMETERS, _CURVES),
    "HP514": (_PARAMETERS, Place("ranking_by_query_size")),
    "HP515": (_PARAMETERS, Place("predicted_vs_true")),
    "DA": (_COLUMNS,),
    "DA601": (_LABELS,),
    "DA604": (_LABELS,),
    "DA608": (_LABELS,),
    "DA610": (_LABELS,),
    "DA611": (_LABELS,),
    "DA617": (_LABELS,),
    "DA622": (_LABELS,),
    "DA628": (_LABELS,),
    "DA630": (_LABELS,),
    "DA632": (_LABELS,),
    "SY": (_time("seconds"),),
    "SY801": (_time("evaluation"),),
    "SY803": (_time("memory"),),
    "RC": (Place("compared_curves"),),
    "RC705": (Place("parallel_coordinates", PARAMETERS),),
}
"""By code; by the letters of a family for its codes that are not listed."""


def marks(finding: Finding, places: Mapping[str, tuple[Place, ...]] = PLACES) -> tuple[Mark, ...]:
    """Return where the evidence of a finding lies, the picture that shows it best first."""
    found = places.get(finding.code, places.get(finding.code[:2], ()))
    return tuple(
        Mark(
            picture=place.picture,
            panel=place.panel,
            kind=place.kind,
            rounds=finding.rounds,
            names=_names(finding, place.kind),
            code=finding.code,
            heading=finding.name.replace("-", " "),
            severity=finding.severity.label,
            subject=finding.subject,
        )
        for place in found
    )


def marks_in(picture: str, findings: Iterable[Finding]) -> tuple[Mark, ...]:
    """Return the marks of one picture, those of the worst finding first."""
    ordered = sorted(findings, key=lambda f: -f.severity)
    return tuple(m for f in ordered for m in marks(f) if m.picture == picture)


def _names(finding: Finding, kind: str) -> tuple[str, ...]:
    evidence = finding.evidence
    if kind == FEATURES:
        told = evidence.get("features") or evidence.get("names") or evidence.get("top") or finding.subject
        return _texts(told)
    if kind == CLASSES:
        return _texts(evidence.get("pair")) or tuple(re.findall(r"\bclass(?:es)? (\d+)", finding.subject))
    if kind == PARAMETERS:
        return tuple(dict.fromkeys(c.parameter for c in finding.try_next if c.kind == PARAMETER))
    if kind == COLUMNS:
        return _texts(evidence.get("columns") or evidence.get("column") or finding.subject)
    return ()


def _texts(told: Any) -> tuple[str, ...]:
    if isinstance(told, Mapping):
        return tuple(str(t) for t in told)
    if isinstance(told, list | tuple):
        return tuple(str(t) for t in told)
    return (str(told),) if told not in (None, "") else ()
