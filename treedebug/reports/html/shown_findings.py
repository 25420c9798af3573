"""Findings as the page shows them: by cause, symptoms folded, each with the pictures it speaks of."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from treedebug.core.changes import alternatives
from treedebug.core.finding_order import families
from treedebug.core.findings import Finding
from treedebug.reports.folding import folded
from treedebug.reports.phrasing import change_text, lead_text, one_line, plural, printable, rounds_text

_PICTURES = {
    "CV": ("learning_curves",),
    "TR": ("tree_anatomy",),
    "FT": ("importance_heatmap", "importance_bars"),
    "CL": ("class_curves", "confusion"),
    "SY": ("time_by_round",),
    "HP": ("parameters",),
    "DA": ("data_profile",),
    "NN": ("network_layers",),
}
"""By family of rules."""
_OF_RULE = {
    "CL406": ("calibration",),
    "CL408": ("calibration",),
    "CL407": ("residuals",),
    "CV103": ("learning_curves",),
    "TR205": ("tree_anatomy", "learning_curves"),
    "HP503": ("learning_curves", "parameters"),
    "HP507": ("learning_curves", "parameters"),
    "HP514": ("ranking_by_query_size",),
    "HP515": ("predicted_vs_true",),
    "SY805": (),
}
_MOST_CHARTS = 12
"""Findings that have their picture beside them; further ones are drawn in the chapters only."""


@dataclass(frozen=True)
class Step:
    """One thing to try."""

    lead: str
    text: str
    why: str


@dataclass(frozen=True)
class ShownFinding:
    """One finding. `picture` is drawn beside it, "" for none; `pictures` are those that speak of it."""

    id: str
    finding: Finding
    message: str
    where: str
    steps: tuple[Step, ...]
    pictures: tuple[str, ...]
    picture: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return what the charts draw of it."""
        f = self.finding
        return {
            "id": self.id,
            "code": f.code,
            "severity": f.severity.label,
            "rounds": list(f.rounds) if f.rounds else None,
            "subject": f.subject,
            "evidence": {k: v for k, v in f.evidence.items() if not isinstance(v, list | tuple | dict)},
            "names": [str(v) for k in ("columns", "features") for v in _listed(f.evidence.get(k))][:30],
            "pictures": list(self.pictures),
        }


@dataclass(frozen=True)
class Family:
    """A cause with its symptoms, and further findings of the same rule that are only named."""

    cause: ShownFinding
    symptoms: tuple[ShownFinding, ...] = ()
    others: str = ""


@dataclass
class ShownFindings:
    """All of them, in the order in which they are read."""

    families: list[Family] = field(default_factory=list)
    all: list[ShownFinding] = field(default_factory=list)


def shown_findings(findings: Sequence[Finding], drawn: Container[str]) -> ShownFindings:
    """Return the findings by cause; `drawn` are the pictures that the page has."""
    under = {cause.key: symptoms for cause, *symptoms in families(findings)}
    shown = ShownFindings()
    for cause, others in folded([f for f in findings if f.key in under]):
        made = _shown(cause, shown, drawn, has_chart=len(shown.families) < _MOST_CHARTS)
        symptoms = [s for f in (cause, *others) for s in under[f.key]]
        shown.families.append(Family(made, tuple(_shown(s, shown, drawn) for s in symptoms), _others(others)))
    return shown


def _shown(finding: Finding, so_far: ShownFindings, drawn: Container[str], *, has_chart: bool = True) -> ShownFinding:
    pictures = tuple(p for p in _spoken_of(finding) if p in drawn)
    charts = [p for p in pictures if p not in ("parameters", "data_profile")]
    made = ShownFinding(
        id=f"finding-{len(so_far.all) + 1}",
        finding=finding,
        message=one_line(finding.message),
        where=", ".join(p for p in (printable(finding.subject), rounds_text(finding.rounds)) if p),
        steps=tuple(_steps(finding)),
        pictures=pictures,
        picture=charts[0] if charts and has_chart else "",
    )
    so_far.all.append(made)
    return made


def _spoken_of(finding: Finding) -> tuple[str, ...]:
    return _OF_RULE.get(finding.code, _PICTURES.get(finding.code[:2], ()))


def _steps(finding: Finding) -> Iterable[Step]:
    first, *others = alternatives(finding.try_next)
    for change in first:
        yield Step(lead_text(change).strip(), change_text(change), one_line(change.why))
    for way in others:
        for change in (c for c in way if c.group):
            yield Step("or:", change_text(change), one_line(change.why))


def _others(others: Sequence[Finding]) -> str:
    if not others:
        return ""
    named = ", ".join(printable(f.subject) or rounds_text(f.rounds) for f in others)
    return f"and {plural(len(others), 'more finding')} of {others[0].code}: {named}"


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()
