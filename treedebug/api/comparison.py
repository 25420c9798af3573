"""What `treedebug.compare` returns: a comparison that prints as a table and can be read as a frame."""

from __future__ import annotations

import pandas as pd

from treedebug.core.report import ComparisonReport
from treedebug.reports.compare_text import comparison_text
from treedebug.reports.html.notebook import comparison_table


class Comparison(ComparisonReport):
    """Runs side by side."""

    @property
    def frame(self) -> pd.DataFrame:
        """A row a run, in the order given: columns are (section, name), such as ("metrics", "valid logloss, best")."""
        columns = {(title, row.name): list(row.values) for title, rows in self.sections.items() for row in rows}
        return pd.DataFrame(columns, index=pd.Index(self.labels, name="run"))

    def _repr_html_(self) -> str:
        """Return the comparison as a notebook shows it."""
        return comparison_table(self)

    def __repr__(self) -> str:
        """Return the comparison as text, 80 columns wide."""
        return comparison_text(self).rstrip("\n")
