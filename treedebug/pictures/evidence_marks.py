"""Where the evidence of a finding lies: which picture, and what in it is to be marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from treedebug.core.changes import PARAMETER
from treedebug.core.findings import Finding

ROUNDS, FEATURES, CLASSES, PARAMETERS, COLUMNS, LAYERS, WHOLE = (
    "rounds", "features", "classes", "parameters", "columns", "layers", "",
)  # fmt: skip
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
    """Features, parameters, columns or layers; class numbers as texts."""
    code: str
    heading: str
    """The finding's name in words."""
    severity: str
    subject: str


_CURVES = Place("learning_curves", ROUNDS)
_BARS, _HEATMAP = Place("importance_bars", FEATURES), Place("importance_heatmap", FEATURES)
_CLASSES, _CONFUSION = Place("class_curves", CLASSES), Place("confusion", CLASSES)
_PARAMETERS = Place("parameters", PARAMETERS)
_LABELS, _ROWS = Place("data_profile", WHOLE, "label"), Place("data_profile", WHOLE, "rows")
_COLUMNS = Place("data_profile", COLUMNS)


def _anatomy(panel: str) -> Place:
    return Place("tree_anatomy", ROUNDS, panel)


def _time(panel: str) -> Place:
    return Place("time_by_round", ROUNDS, panel)


PLACES: dict[str, tuple[Place, ...]] = {
    "CV": (_CURVES,),
    "SC": (_CURVES,),
    "TR": (_anatomy("gain"),),
    "excessive-depth": (_anatomy("depth"),),
    "unreachable-depth": (_anatomy("depth"),),
    "lopsided-trees": (_anatomy("depth"),),
    "splitless-rounds": (_anatomy("leaves"),),
    "capped-leaves": (_anatomy("leaves"),),
    "vanishing-updates": (_anatomy("leaf_values"),),
    "exploding-leaves": (_anatomy("leaf_values"),),
    "thin-leaves": (_anatomy("sum_hessian"),),
    "FT": (_HEATMAP, _BARS),
    "low-feature-importance": (_BARS,),
    "unused-features": (_BARS,),
    "CL": (_CLASSES,),
    "classifier-confusion": (_CONFUSION, _CLASSES),
    "neglected-class": (_CLASSES, _CONFUSION),
    "shifted-predictions": (_CLASSES, Place("predicted_vs_true")),
    "constant-predictions": (_CLASSES, Place("score_histogram")),
    "overconfident-predictions": (Place("calibration"), Place("score_histogram")),
    "distorted-probabilities": (Place("calibration"),),
    "implausible-predictions": (Place("predicted_vs_true"), Place("residuals")),
    "HP": (_PARAMETERS,),
    "unguarded-rounds": (_PARAMETERS, _CURVES),
    "early-stopping-on-training-data": (_PARAMETERS, _CURVES),
    "distorted-metric": (_PARAMETERS, _CURVES),
    "distant-start": (_PARAMETERS, _CURVES),
    "single-row-queries": (_PARAMETERS, Place("ranking_by_query_size")),
    "extrapolated-labels": (_PARAMETERS, Place("predicted_vs_true")),
    "DA": (_COLUMNS,),
    "imbalanced-labels": (_LABELS,),
    "skewed-target": (_LABELS,),
    "conflicting-labels": (_LABELS,),
    "drifting-label": (_LABELS,),
    "invalid-labels": (_LABELS,),
    "suspected-label-noise": (_LABELS,),
    "rows-in-label-order": (_LABELS,),
    "labels-in-another-order": (_LABELS,),
    "duplicate-rows": (_ROWS,),
    "overlapping-splits": (_ROWS,),
    "too-few-rows": (_ROWS,),
    "made-up-rows": (_ROWS,),
    "bad-weights": (_ROWS,),
    "sparse-and-dense": (_ROWS,),
    "repeated-header": (_ROWS,),
    "SY": (_time("seconds"),),
    "costly-evaluation": (_time("evaluation"),),
    "growing-memory": (_time("memory"),),
    "idle-cores": (_time("cores"),),
    "oversubscribed-cores": (_time("cores"),),
    "RC": (Place("compared_curves"),),
    "search-at-the-edge": (Place("parallel_coordinates", PARAMETERS),),
}
"""By the name of the rule; by the letters of a family for its rules that are not listed."""


def marks(finding: Finding, places: Mapping[str, tuple[Place, ...]] = PLACES) -> tuple[Mark, ...]:
    """Return where the evidence of a finding lies, the picture that shows it best first."""
    found = places.get(finding.name, places.get(finding.code[:2], ()))
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


def marks_in(
    picture: str, findings: Iterable[Finding], places: Mapping[str, tuple[Place, ...]] = PLACES
) -> tuple[Mark, ...]:
    """Return the marks of one picture, those of the worst finding first."""
    ordered = sorted(findings, key=lambda f: -f.severity)
    return tuple(m for f in ordered for m in marks(f, places) if m.picture == picture)


def _names(finding: Finding, kind: str) -> tuple[str, ...]:
    evidence = finding.evidence
    if kind == FEATURES:
        told = evidence.get("features") or evidence.get("names") or evidence.get("top") or finding.subject
        return _texts(told)
    if kind == CLASSES:
        return _texts(evidence.get("pair")) or tuple(re.findall(r"\bclass(?:es)? (\d+)", finding.subject))
    if kind == PARAMETERS:
        return tuple(dict.fromkeys(c.parameter for c in finding.try_next if c.kind == PARAMETER))
    if kind == LAYERS:
        return _texts(evidence.get("layers") or evidence.get("layer") or finding.subject)
    if kind == COLUMNS:
        return _texts(evidence.get("columns") or evidence.get("column") or finding.subject)
    return ()


def _texts(told: Any) -> tuple[str, ...]:
    if isinstance(told, Mapping):
        return tuple(str(t) for t in told)
    if isinstance(told, list | tuple):
        return tuple(str(t) for t in told)
    return (str(told),) if told not in (None, "") else ()
