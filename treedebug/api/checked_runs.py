"""What `treedebug.runs(path).check()` returns: the sum of all runs of a folder, which prints as the shell prints it."""

from __future__ import annotations

from collections.abc import Iterator

from treedebug.core.report import CheckReport, RunsSummary
from treedebug.reports.runs_text import runs_text


class CheckedRuns(RunsSummary):
    """Several checked runs. Iterates over their reports."""

    def __iter__(self) -> Iterator[CheckReport]:
        """Yield the report of each run."""
        return iter(self.reports)

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.reports)

    def __repr__(self) -> str:
        """Return the sum as text, 80 columns wide."""
        return runs_text(self).rstrip("\n")
