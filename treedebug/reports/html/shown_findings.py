"""Findings as the page shows them: by cause, symptoms folded, each with the pictures it speaks of."""

from __future__ import annotations

import functools
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from treedebug.core.changes import alternatives
from treedebug.core.finding_order import families
from treedebug.core.findings import Finding
from treedebug.pictures.evidence_marks import PLACES, Mark, Place, marks
from treedebug.reports.folding import folded
from treedebug.reports.phrasing import change_text, lead_text, one_line, plural, printable, rounds_text

_UNDRAWN = ("parameters", "data_profile")
"""Tables: the finding's words say as much."""
_MOST_CHARTS = 12
"""Findings that have their picture beside them; further ones are drawn in the chapters only."""
_MOST_NAMES = 30


@dataclass(frozen=True)
class ShownStep:
    """One thing to try."""

    lead: str
    text: str
    why: str


@dataclass(frozen=True)
class ShownFinding:
    """One finding. `picture` is drawn beside it, "" for none; `marks` say where its evidence lies."""

    id: str
    finding: Finding
    message: str
    where: str
    steps: tuple[ShownStep, ...]
    marks: tuple[Mark, ...]
    picture: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return what the charts draw of it."""
        return {"id": self.id, "marks": [{**asdict(m), "names": list(m.names[:_MOST_NAMES])} for m in self.marks]}


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


def shown_findings(
    findings: Sequence[Finding], drawn: Container[str], places: Mapping[str, tuple[Place, ...]] = PLACES
) -> ShownFindings:
    """Return the findings by cause; `drawn` are the pictures that the page has."""
    under = {cause.key: symptoms for cause, *symptoms in families(findings)}
    shown = ShownFindings()
    show = functools.partial(_shown, so_far=shown, drawn=drawn, places=places)
    for cause, others in folded([f for f in findings if f.key in under]):
        made = show(cause, has_chart=len(shown.families) < _MOST_CHARTS)
        symptoms = [s for f in (cause, *others) for s in under[f.key]]
        shown.families.append(Family(made, tuple(show(s) for s in symptoms), _others(others)))
    return shown


def _shown(
    finding: Finding,
    *,
    so_far: ShownFindings,
    drawn: Container[str],
    places: Mapping[str, tuple[Place, ...]],
    has_chart: bool = True,
) -> ShownFinding:
    found = tuple(m for m in marks(finding, places) if m.picture in drawn)
    charts = [m.picture for m in found if m.picture not in _UNDRAWN]
    made = ShownFinding(
        id=f"finding-{len(so_far.all) + 1}",
        finding=finding,
        message=one_line(finding.message),
        where=", ".join(p for p in (printable(finding.subject), rounds_text(finding.rounds)) if p),
        steps=tuple(_steps(finding)),
        marks=found,
        picture=charts[0] if charts and has_chart else "",
    )
    so_far.all.append(made)
    return made


def _steps(finding: Finding) -> Iterable[ShownStep]:
    first, *others = alternatives(finding.try_next)
    for change in first:
        yield ShownStep(lead_text(change).strip(), change_text(change), one_line(change.why))
    for way in others:
        for change in (c for c in way if c.group):
            yield ShownStep("or:", change_text(change), one_line(change.why))


def _others(others: Sequence[Finding]) -> str:
    if not others:
        return ""
    named = ", ".join(printable(f.subject) or rounds_text(f.rounds) for f in others)
    return f"and {plural(len(others), 'more finding')} of {others[0].code}: {named}"
