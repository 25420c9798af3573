"""What a rule says: findings with numbers, and what became of the rules that said nothing."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from treedebug.core.changes import Change as Change  # noqa: PLC0414 - findings are made of them
from treedebug.core.html_text import card, tag


class Severity(enum.IntEnum):
    """How much a finding matters. Ordered: `Severity.INFO < Severity.WARNING < Severity.ERROR`."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The lower-case word users read and type: info, warning, error."""
        return self.name.lower()


FACT, SUSPICION, SYMPTOM = "fact", "suspicion", "symptom"
"""What a finding rests on: the parameters, the data or the model as they are; a pattern that a fault would leave; or
what went wrong, which may have many causes."""
_BASES = (FACT, SUSPICION, SYMPTOM)
_KNOWN_BEFORE = ("HP", "DA")
"""Families of rules on parameters and data: what they say is so whatever the training does."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong, where, with which numbers, and what to try next.

    `rounds` is the first and last round concerned (0-based, inclusive), or None. `subject` tells findings of one rule
    apart (a dataset, a feature, a class pair). `explains` holds the codes of findings that are symptoms of this one;
    the engine keeps only those that stand beside it. `is_root` says that it is known from how the thing was made, and
    so is nobody's symptom. `basis` is what the finding rests on, "" for that of its family. `detected_at` is the number
    of rounds recorded when the finding first stood; the engine sets it.
    """

    code: str
    name: str
    severity: Severity
    message: str
    rounds: tuple[int, int] | None = None
    subject: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    try_next: tuple[Change, ...] = ()
    explains: tuple[str, ...] = ()
    is_root: bool = False
    detected_at: int | None = None
    basis: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Identity over time: the same code and subject at a later round is the same finding."""
        return (self.code, self.subject)

    @property
    def certainty(self) -> int:
        """0 of what is known for certain, 1 of what is suspected, 2 of a symptom, which may have any cause."""
        usual = FACT if self.is_root or self.code.startswith(_KNOWN_BEFORE) else SYMPTOM
        return _BASES.index(self.basis or usual)

    def __str__(self) -> str:
        """Return the finding on one line: severity, code, name, subject, message."""
        where = f" ({self.subject})" if self.subject else ""
        return f"{self.severity.label} {self.code} {self.name}{where}: {self.message}"

    def _repr_html_(self) -> str:
        """Return the finding as a notebook shows it."""
        where = f"  ({self.subject})" if self.subject else ""
        head = tag("b", f"{self.severity.label} {self.code} {self.name}")
        tried = (tag("div", tag("code", str(c)), f" ({c.why})" if c.why else "") for c in self.try_next)
        return card(self.severity.label, head, tag("span", where), tag("div", self.message), *tried)

    def seen(self, detected_at: int) -> Finding:
        """Return a copy that remembers when it was first seen."""
        return replace(self, detected_at=detected_at)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-able data; `from_dict` is its inverse."""
        return {
            "code": self.code,
            "name": self.name,
            "severity": self.severity.label,
            "message": self.message,
            "rounds": list(self.rounds) if self.rounds else None,
            "subject": self.subject,
            "evidence": dict(self.evidence),
            "try_next": [c.to_dict() for c in self.try_next],
            "explains": list(self.explains),
            "is_root": self.is_root,
            "detected_at": self.detected_at,
        } | ({"basis": self.basis} if self.basis else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Read back what `to_dict` wrote. Raise KeyError, TypeError or ValueError for anything else."""
        rounds, detected_at = data.get("rounds"), data.get("detected_at")
        return cls(
            code=_text(data["code"]),
            name=_text(data["name"]),
            severity=Severity[_text(data["severity"]).upper()],
            message=_text(data["message"]),
            rounds=(int(rounds[0]), int(rounds[1])) if rounds else None,
            subject=_text(data.get("subject", "")),
            evidence={_text(k): v for k, v in dict(data.get("evidence", {})).items()},
            try_next=tuple(Change.from_dict(c) for c in data.get("try_next", [])),
            explains=tuple(_text(code) for code in data.get("explains", ())),
            is_root=bool(data.get("is_root", False)),
            detected_at=None if detected_at is None else int(detected_at),
            basis=basis if (basis := str(data.get("basis", ""))) in _BASES else "",
        )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text of a finding, got {value!r:.60}")
    return value


class FindingList(list[Finding]):
    """Findings that show themselves a line each."""

    def __repr__(self) -> str:
        """Return a line for each finding, or "no findings"."""
        return "\n".join(str(f) for f in self) or "no findings"

    def _repr_html_(self) -> str:
        """Return the findings as a notebook shows them."""
        return "".join(f._repr_html_() for f in self) or tag("div", "no findings")


def worst_first(finding: Finding) -> tuple[int, int, str, str]:
    """Sort key of findings that no other one explains: most severe first, what is certain before what is suspected."""
    return (-finding.severity, finding.certainty, finding.code, finding.subject)


@dataclass(frozen=True)
class FindingEvent:
    """A finding that opened, changed its numbers, or closed, when `n_rounds` rounds were recorded."""

    kind: str
    finding: Finding
    n_rounds: int


@dataclass(frozen=True)
class Skipped:
    """A rule that could not judge, and what the user can do about it."""

    code: str
    name: str
    reason: str
    is_elsewhere: bool = False
    """The rule judges another kind of thing (a network, a pair of runs): this one can never be judged by it."""


@dataclass(frozen=True)
class Crashed:
    """A rule that raised: never silent, never fatal."""

    code: str
    name: str
    error: str


@dataclass(frozen=True)
class Verdict:
    """Everything the rules said of a run after `n_rounds` rounds. `silent` holds the codes that found nothing."""

    n_rounds: int
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    crashed: tuple[Crashed, ...] = ()
    silent: tuple[str, ...] = ()
