"""Parameters and data, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.findings import Finding
from treedebug.pictures.data_profile import DataSummary, data_profile
from treedebug.pictures.evidence_marks import marks_in
from treedebug.pictures.parameters import Parameter, Parameters, parameters
from treedebug.pictures.picture import AnyRun, data_of
from treedebug.plots.display import BLUE, GREY, ORANGE, SEVERITY_COLOURS, Display, drawn, mark_ticks, tidy, words

_MOST_ROWS = 25


class ParametersDisplay(Display[Parameters]):
    """The parameters that were given or are blamed, with the findings that would change them."""

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Sequence[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without parameters."""
        told = data_of(run).findings if findings is None else findings
        return cls(drawn(parameters(run, told)), marks_in("parameters", told))

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the table, `table_`; `kwargs` go to `ax.table`."""
        found = [p for p in self.picture.parameters if p.is_given or p.blamed_by] or list(self.picture.parameters)
        rows = found[:_MOST_ROWS]
        self.size = (7.0, 0.9 + 0.27 * len(rows))
        ax = self._begin(ax)
        ax.set_axis_off()
        cells = [
            [
                words(p.parameter), words(p.value, 28), "" if p.is_given else "default",
                words(_suggested(p), 42),
            ]
            for p in rows
        ]  # fmt: skip
        heads = ["parameter", "value", "", "findings would try"]
        style = {"cellLoc": "left", "colLoc": "left", "loc": "upper left", "edges": "horizontal", **kwargs}
        self.table_ = ax.table(cells, colLabels=heads, colWidths=[0.3, 0.22, 0.1, 0.38], **style)
        self.table_.auto_set_font_size(False)  # noqa: FBT003 - matplotlib's signature
        self.table_.set_fontsize(9)
        self.table_.scale(1.0, 1.25)
        severity = {name: m.severity for m in reversed(self.marks) for name in m.names}
        for place, p in enumerate(rows, 1):
            if p.blamed_by:
                colour = SEVERITY_COLOURS[severity.get(p.parameter, "warning")]
                for column in (0, 1, 3):
                    self.table_[place, column].get_text().set_color(colour)
        n = len(self.picture.parameters) + self.picture.n_left_out
        ax.set_title(f"{len(rows)} of {n} parameters", loc="left", fontsize="medium")
        return self


def _suggested(parameter: Parameter) -> str:
    """Return each value once, with the findings that would try it."""
    codes: dict[str, list[str]] = {}
    for code, value in zip(parameter.blamed_by, parameter.suggested, strict=True):
        codes.setdefault(str(value), []).append(code)
    return "; ".join(f"{value} ({', '.join(dict.fromkeys(c))})" for value, c in codes.items())


class DataProfileDisplay(Display[DataSummary]):
    """What each column alone tells of the label, and what is missing of it; columns with findings first."""

    @classmethod
    def from_run(cls, run: AnyRun | DataSets | DataProfile, *, findings: Sequence[Finding] | None = None) -> Self:
        """Return the display of the data of a run, or of a profile. Raise NotRecordedError without a profile."""
        if findings is None:
            findings = () if isinstance(run, DataSets | DataProfile) else data_of(run).findings
        return cls(drawn(data_profile(run, findings)), marks_in("data_profile", findings))

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the bars, `bars_`; `kwargs` go to `ax.barh` of what a column tells."""
        columns = self.picture.columns[:_MOST_ROWS]
        self.size = (7.0, 1.6 + 0.26 * len(columns))
        ax = self._begin(ax)
        at = np.arange(len(columns))
        score = np.nan_to_num([c.score for c in columns])
        style = {"height": 0.4, "color": BLUE, "label": "tells of the label, alone", **kwargs}
        self.bars_ = ax.barh(at - 0.2, 100 * np.maximum(score, 0.0), **style)
        missing = [100 * c.missing_share for c in columns]
        ax.barh(at + 0.2, missing, height=0.4, color=GREY, label="missing")
        drift = np.array([c.drift for c in columns])
        if np.isfinite(drift).any():
            ax.plot(100 * drift, at, "d", color=ORANGE, markersize=5, label="moved in another set")
        ax.set(xlim=(0, 102), ylim=(len(columns) - 0.4, -0.6))
        ax.set_yticks(at)
        mark_ticks(ax.yaxis, [c.column for c in columns], self.marks)
        table = self.picture.tables[0]
        shown = f"{len(columns)} of {table.n_columns:,} columns"
        tidy(ax, title=f"{words(table.table)}: {table.n_rows:,} rows, {shown}", x="%")
        ax.legend(frameon=False, fontsize="small", loc="lower right")
        return self
