"""Findings that are known and accepted: a check with a baseline fails on new ones only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.core.report import CheckReport

_HINT = "write one with: treedebug check PATH --write-baseline FILE"


@dataclass(frozen=True)
class Baseline:
    """Known findings by what was checked: source -> (code, subject) of each."""

    path: str
    known: Mapping[str, frozenset[tuple[str, str]]]

    def applied(self, report: CheckReport) -> CheckReport:
        """Return the report with its known findings marked.

        A report is matched by its source. Where the baseline holds one report only, it stands for any source, so that
        each training's own path can be checked against it.
        """
        keys = self.known.get(report.source)
        if keys is None and len(self.known) == 1:
            keys = next(iter(self.known.values()))
        return replace(report, known=frozenset(f.key for f in report.findings if f.key in (keys or ())))


def read_baseline(path: str | os.PathLike[str]) -> Baseline:
    """Return the baseline that `--write-baseline` or `--output json` wrote. Raise ConfigError for any other file."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no baseline at {path}: {_HINT}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not a baseline ({error}): {_HINT}") from error
    if not isinstance(data, Mapping) or data.get("format") != "treedebug-check":
        raise ConfigError(f"{path} is not a baseline: it has no treedebug-check format. {_HINT[0].upper()}{_HINT[1:]}")
    known: dict[str, frozenset[tuple[str, str]]] = {}
    for report in _dicts(data.get("reports")):
        findings = _dicts(report.get("findings"))
        known[str(report.get("source"))] = frozenset((str(f.get("code")), str(f.get("subject", ""))) for f in findings)
    return Baseline(str(path), known)


def apply_baseline(reports: Sequence[CheckReport], baseline: Baseline | None) -> list[CheckReport]:
    """Return the reports with their known findings marked; as they are without a baseline."""
    return list(reports) if baseline is None else [baseline.applied(report) for report in reports]


def _dicts(value: Any) -> Iterable[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []
