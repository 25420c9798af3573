"""A check that shows itself in a notebook."""

from __future__ import annotations

from dataclasses import fields

from treedebug.core.report import CheckReport
from treedebug.reports.html.notebook import check_card


class ShownCheck(CheckReport):
    """What `treedebug.check` returns."""

    @classmethod
    def of(cls, report: CheckReport) -> CheckReport:
        """Return the same check, which shows itself."""
        return cls(**{f.name: getattr(report, f.name) for f in fields(report)})

    def _repr_html_(self) -> str:
        """Return the check as a notebook shows it."""
        return check_card(self)
