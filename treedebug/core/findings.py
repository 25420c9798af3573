"""What a rule says: findings with numbers, and what became of the rules that said nothing."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


class Severity(enum.IntEnum):
    """How much a finding matters. Ordered: `Severity.INFO < Severity.WARNING < Severity.ERROR`."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The lower-case word users read and type: info, warning, error."""
        return self.name.lower()


@dataclass(frozen=True)
class Change:
    """One thing to try next: a parameter and the value to give it (`max_depth=6`)."""

    parameter: str
    value: Any
    why: str = ""

    def __str__(self) -> str:
        """The change as the user would type it."""
        return f"{self.parameter}={self.value!r}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong, where, with which numbers, and what to try next.

    `rounds` is the first and last round concerned (0-based, inclusive), or None. `subject` tells findings of one rule
    apart (a dataset, a feature, a class pair). `explains` holds the codes of findings that are symptoms of this one;
    the engine keeps only those that stand beside it. `is_root` says that it is known from how the thing was made, and
    so is nobody's symptom. `detected_at` is the number of rounds recorded when the finding first stood; the engine
    sets it.
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

    @property
    def key(self) -> tuple[str, str]:
        """Identity over time: the same code and subject at a later round is the same finding."""
        return (self.code, self.subject)

    def __str__(self) -> str:
        """The finding on one line: severity, code, name, subject, message."""
        where = f" ({self.subject})" if self.subject else ""
        return f"{self.severity.label} {self.code} {self.name}{where}: {self.message}"

    def seen(self, detected_at: int) -> Finding:
        """A copy that remembers when it was first seen."""
        return replace(self, detected_at=detected_at)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-able data; `from_dict` is its inverse."""
        return {
            "code": self.code,
            "name": self.name,
            "severity": self.severity.label,
            "message": self.message,
            "rounds": list(self.rounds) if self.rounds else None,
            "subject": self.subject,
            "evidence": dict(self.evidence),
            "try_next": [{"parameter": c.parameter, "value": c.value, "why": c.why} for c in self.try_next],
            "explains": list(self.explains),
            "is_root": self.is_root,
            "detected_at": self.detected_at,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Read back what `to_dict` wrote."""
        rounds = data.get("rounds")
        return cls(
            code=data["code"],
            name=data["name"],
            severity=Severity[data["severity"].upper()],
            message=data["message"],
            rounds=(int(rounds[0]), int(rounds[1])) if rounds else None,
            subject=data.get("subject", ""),
            evidence=data.get("evidence", {}),
            try_next=tuple(Change(c["parameter"], c["value"], c.get("why", "")) for c in data.get("try_next", [])),
            explains=tuple(data.get("explains", ())),
            is_root=bool(data.get("is_root", False)),
            detected_at=data.get("detected_at"),
        )


def worst_first(finding: Finding) -> tuple[int, int, str, str]:
    """Sort key of findings that no other one explains: the certain, the most severe, then by code and subject."""
    return (_rank(finding), -finding.severity, finding.code, finding.subject)


def _rank(finding: Finding) -> int:
    """What is known from how the thing was made stands before what is seen of how it went; infos last."""
    return 2 if finding.severity is Severity.INFO else int(not finding.is_root)


def related(findings: Iterable[Finding]) -> list[tuple[Finding, int]]:
    """The one order findings are shown in, each with its depth: 0, or one more than that of the cause it stands under.

    Most severe first, a cause before its symptoms and as severe as the worst of them. A symptom stands under the first
    of its causes; where findings explain each other, the more severe one is the cause, or the one of the lower code.
    """
    ranked = sorted(findings, key=worst_first)
    cause = {f.key: _cause(f, ranked) for f in ranked}
    for finding in ranked:  # break circles at their first member
        seen, at = [finding.key], cause[finding.key]
        while at is not None and at not in seen:
            seen.append(at)
            at = cause[at]
        if at == finding.key:
            cause[finding.key] = None
    below: dict[tuple[str, str] | None, list[Finding]] = {}
    for finding in ranked:
        below.setdefault(cause[finding.key], []).append(finding)
    return _walk(None, below, 0)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in the order of `related`."""
    return [finding for finding, _ in related(findings)]


def is_cause(cause: Finding, symptom: Finding) -> bool:
    """Whether one finding explains the other: it says so, and if both are about columns, they have one in common."""
    if symptom.is_root or symptom.code not in cause.explains or cause.code == symptom.code:
        return False
    mine, theirs = (f.evidence.get("columns") for f in (cause, symptom))
    if not (isinstance(mine, list | tuple) and isinstance(theirs, list | tuple)):
        return True
    return not mine or not theirs or not set(map(str, mine)).isdisjoint(map(str, theirs))


def _cause(symptom: Finding, ranked: list[Finding]) -> tuple[str, str] | None:
    return next((f.key for f in ranked if is_cause(f, symptom)), None)


def _walk(
    key: tuple[str, str] | None, below: Mapping[tuple[str, str] | None, list[Finding]], depth: int
) -> list[tuple[Finding, int]]:
    """Findings under one cause, by the worst in each family."""
    families = [[(f, depth), *_walk(f.key, below, depth + 1)] for f in below.get(key, ())]
    families.sort(key=lambda family: (min(_rank(f) for f, _ in family), -max(f.severity for f, _ in family)))
    return [one for family in families for one in family]


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
