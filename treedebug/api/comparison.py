"""What `treedebug.compare` returns: a comparison that prints as a table, reads as a frame and shows as a page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from treedebug.core.report import ComparisonReport
from treedebug.core.run.recorded import Recorded
from treedebug.core.version import __version__
from treedebug.pictures.gallery import pictures_of_several
from treedebug.reports.compare_text import comparison_text
from treedebug.reports.compare_verdict import compared_verdict
from treedebug.reports.html.compare_page import compare_page
from treedebug.reports.html.notebook import comparison_table
from treedebug.reports.html.served import Served
from treedebug.reports.html.templates import require_jinja
from treedebug.reports.html.written_pages import check_target, write_page
from treedebug.signals.runs.candidates import Candidate
from treedebug.signals.runs.score_differences import ScoreDifference


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison(ComparisonReport):
    """Runs side by side."""

    runs: tuple[Recorded, ...] = ()
    reference: int = 0
    """Position of the run that `differences` are from: of two the first, of more the best."""
    differences: tuple[ScoreDifference | None, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    """Where the runs are folds."""

    @property
    def verdict(self) -> str:
        """Which run is better, or that chance explains the difference, in a sentence."""
        return compared_verdict(self, self.differences, self.reference, self.candidates)

    @property
    def frame(self) -> pd.DataFrame:
        """A row a run, in the order given: columns are (section, name), such as ("metrics", "valid logloss, best")."""
        columns = {(title, row.name): list(row.values) for title, rows in self.sections.items() for row in rows}
        return pd.DataFrame(columns, index=pd.Index(self.labels, name="run"))

    def report(self, path: str | os.PathLike[str], *, force: bool = False) -> Path:
        """Write a page that shows the runs side by side; return its path. See `treedebug.report`."""
        require_jinja()
        check_target(Path(path), force=force)
        return write_page(self.html(), path, force=force)

    def html(self, served: Served | None = None) -> str:
        """Return the page of `report` as text, or the same page as a server hands it out."""
        return compare_page(
            self,
            pictures_of_several([run.data for run in self.runs], self.labels),
            verdict=self.verdict,
            differences=self.differences,
            reference=self.reference,
            candidates=self.candidates,
            made_by=__version__,
            served=served,
        )

    def _repr_html_(self) -> str:
        """Return the comparison as a notebook shows it."""
        return comparison_table(self, notes=(self.verdict,))

    def __repr__(self) -> str:
        """Return the comparison as text, 80 columns wide."""
        return comparison_text(self).rstrip("\n")
