"""Selection: the findings that an action is for, by one vocabulary for all actions, here, in `watch` and in TOML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding, Severity

_SEVERITIES = {s.label: s for s in Severity}


class Selection:
    """Findings chosen by code, name, family (a prefix of codes), or severity ("warning": warnings and errors)."""

    def __init__(self, on: Any, owner: str) -> None:
        if isinstance(on, str) or not isinstance(on, Iterable):
            words: list[Any] = []
        else:
            words = list(on)
        if not words or not all(isinstance(word, str) and word.strip() for word in words):
            raise ConfigError(
                f"{owner}(on=...) takes a list of rule codes, names, families or severities, such as "
                f"on=['CV102', 'DA', 'error']; got {on!r}"
            )
        self.words = tuple(words)
        self._least = min((_SEVERITIES[w.lower()] for w in words if w.lower() in _SEVERITIES), default=None)
        self._codes = tuple(w.strip().upper() for w in words if w.lower() not in _SEVERITIES)

    def takes(self, finding: Finding) -> bool:
        """Return whether the action is for this finding."""
        if self._least is not None and finding.severity >= self._least:
            return True
        return any(finding.code.startswith(c) or finding.name.upper() == c for c in self._codes)

    def of(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return those that the action is for, in their order."""
        return [f for f in findings if self.takes(f)]
