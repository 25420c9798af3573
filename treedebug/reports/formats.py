"""Every machine-readable form of a check, by the name it has after `--output`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from treedebug.core.report import CheckReport
from treedebug.reports.as_json import checks_json
from treedebug.reports.as_junit import checks_junit
from treedebug.reports.as_markdown import checks_markdown
from treedebug.reports.as_sarif import checks_sarif
from treedebug.reports.github import checks_github


class Format(Protocol):
    """Draw the reports of one command; `failed` holds (source, error) of what could not be checked."""

    def __call__(
        self, reports: Sequence[CheckReport], *, failed: Sequence[tuple[str, str]] = (), made_by: str = ""
    ) -> str:
        """Return the whole output, ending in a newline."""


FORMATS: Mapping[str, Format] = {
    "json": checks_json,
    "github": checks_github,
    "sarif": checks_sarif,
    "markdown": checks_markdown,
    "junit": checks_junit,
}
