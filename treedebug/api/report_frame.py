"""What `treedebug.check` returns: a `CheckReport` whose findings are a frame, too."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pandas as pd

from treedebug.core.report import CheckReport
from treedebug.reports.html.notebook import check_card

_COLUMNS = ("code", "name", "severity", "subject", "message", "try_next", "explains", "known")


@dataclass(frozen=True, kw_only=True, repr=False)
class Checked(CheckReport):
    """The outcome of `treedebug.check`."""

    @classmethod
    def of(cls, report: CheckReport) -> Checked:
        """Return the same report."""
        return cls(**{field.name: getattr(report, field.name) for field in dataclasses.fields(report)})

    @property
    def frame(self) -> pd.DataFrame:
        """A row a finding, most severe first: code, name, severity, subject, message, what to try, what it explains."""
        rows = [
            (
                f.code,
                f.name,
                f.severity.label,
                f.subject,
                f.message,
                "; ".join(str(change) for change in f.try_next),
                ", ".join(f.explains),
                f.key in self.known,
            )
            for f in (*self.findings, *self.recorded)
        ]
        return pd.DataFrame(rows, columns=list(_COLUMNS))

    def _repr_html_(self) -> str:
        """Return the check as a notebook shows it."""
        return check_card(self)
