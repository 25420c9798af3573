"""Rule: a comparison with documented thresholds. The engine hands it what its `check` asks for, by type."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from treedebug.core.data.column_choice import ColumnChoice
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.plain_json import plain


def param(
    default: Any,
    doc: str,
    *,
    ge: float | None = None,
    le: float | None = None,
    choices: tuple[Any, ...] | None = None,
) -> Any:
    """Return a threshold of a rule: default, meaning with its unit, and the range allowed. For dataclass rules."""
    return dataclasses.field(default=default, metadata={"doc": doc, "ge": ge, "le": le, "choices": choices})


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Base of every rule. Subclass it, give `code`, `name` and a `check` whose argument types say what it needs.

    `check` yields findings; yielding none means silent. What it needs and cannot get makes the rule skipped, with the
    reason of the signal that was missing.
    """

    code: ClassVar[str] = ""
    name: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.WARNING
    preview: ClassVar[bool] = False
    """Thresholds not yet proven on the benchmarks: off unless `preview = true`, or selected by its own code or name."""
    explains: ClassVar[tuple[str, ...]] = ()
    """Codes of rules whose findings are symptoms of what this one finds; `finding(explains=...)` for one finding."""

    basis: ClassVar[str] = ""
    """fact, suspicion or symptom: of equally severe findings, facts come first. "" for that of the family."""
    choice: ClassVar[ColumnChoice] = ColumnChoice()
    """Columns of the data that it looks at: all, unless the configuration says otherwise."""

    def for_columns(self, choice: ColumnChoice) -> Self:
        """Return the same rule, blind for some columns."""
        rule = copy.copy(self)
        object.__setattr__(rule, "choice", choice)
        return rule

    def __post_init__(self) -> None:
        """Refuse a threshold of the wrong kind or outside its range. Raise ConfigError."""
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, _parameter(self.code, field, getattr(self, field.name)))

    def check(self, *args: Any, **kwargs: Any) -> Iterator[Finding]:  # noqa: ARG002 - subclasses name theirs
        """Judge; implemented by each rule with the signals it needs as typed arguments."""
        raise TypeError(f"rule {self.code or type(self).__name__} has no check method")

    def finding(  # noqa: PLR0913 - each has a default
        self,
        message: str,
        *,
        rounds: tuple[int, int] | None = None,
        subject: str = "",
        severity: Severity | None = None,
        try_next: tuple[Change, ...] = (),
        explains: tuple[str, ...] | None = None,
        is_root: bool = False,
        **evidence: Any,
    ) -> Finding:
        """Return a finding of this rule; `evidence` are the numbers behind the message (JSON-able).

        `is_root`: it is known from how the thing was made, not from how it went, and no other finding explains it.
        """
        return Finding(
            code=self.code,
            name=self.name,
            severity=self.severity if severity is None else severity,
            message=message,
            rounds=None if rounds is None else (int(rounds[0]), int(rounds[1])),
            subject=subject,
            evidence=evidence,
            try_next=try_next,
            explains=self.explains if explains is None else explains,
            is_root=is_root,
            basis=self.basis,
        )


def checked(rule: Rule, finding: Any) -> Finding:
    """Return the finding as it will be read back from the disk. Raise TypeError for anything that is not one."""
    if not isinstance(finding, Finding):
        raise TypeError(f"expected check to yield findings (self.finding(...)), got {finding!r}")
    if not isinstance(finding.severity, Severity):
        raise TypeError(f"expected a treedebug.Severity, such as Severity.WARNING, got {finding.severity!r}")
    changes = [finding.try_next] if isinstance(finding.try_next, Change) else finding.try_next
    for change in changes:
        if not isinstance(change, Change):
            raise TypeError(f"try_next of {rule.code}: expected treedebug.Change objects, got {change!r}")
    return dataclasses.replace(
        finding,
        message=str(finding.message),
        subject=str(finding.subject),
        rounds=None if finding.rounds is None else (int(finding.rounds[0]), int(finding.rounds[1])),
        evidence=plain(finding.evidence),
        try_next=tuple(_plain_change(c) for c in changes),
        explains=(finding.explains,) if isinstance(finding.explains, str) else tuple(map(str, finding.explains)),
    )


def _plain_change(change: Change) -> Change:
    return dataclasses.replace(
        change, parameter=str(change.parameter), value=plain(change.value), why=str(change.why), text=str(change.text)
    )


def _parameter(code: str, field: dataclasses.Field[Any], value: Any) -> Any:
    """Return the value as the rule will have it. Raise ConfigError for one of the wrong kind or outside its range."""
    low, high = field.metadata.get("ge"), field.metadata.get("le")
    choices = field.metadata.get("choices")
    where = f"{code}.{field.name}"
    if choices is not None and value not in choices:
        raise ConfigError(f"{where} must be one of {', '.join(map(repr, choices))}; got {value!r}")
    for kind, words in ((bool, "true or false"), (str, "a text")):
        if isinstance(field.default, kind):
            if not isinstance(value, kind):
                raise ConfigError(f"{where} must be {words}; got {value!r}")
            return value
    if not isinstance(field.default, int | float):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ConfigError(f"{where} must be a number; got {value!r}")
    if isinstance(field.default, int) and not float(value).is_integer():
        raise ConfigError(f"{where} must be a whole number; got {value!r}")
    if (low is not None and value < low) or (high is not None and value > high):
        span = f"{'' if low is None else f'>= {low}'}{' and ' if None not in (low, high) else ''}"
        raise ConfigError(f"{where} must be {span}{'' if high is None else f'<= {high}'}; got {value!r}")
    return int(value) if isinstance(field.default, int) else value
