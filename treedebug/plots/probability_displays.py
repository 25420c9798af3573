"""Probabilities, drawn: calibration, and their histogram."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from treedebug.core.findings import Finding
from treedebug.pictures.calibration import Calibration, CalibrationCurve, calibration
from treedebug.pictures.picture import AnyRun
from treedebug.pictures.score_histogram import ScoreHistogram, ScoresOf, score_histogram
from treedebug.plots.class_displays import of_dataset
from treedebug.plots.display import COLOURS, GREY, Display, mark_whole, tidy, words
from treedebug.plots.rank_curve_displays import curve_style, shown_curves


class CalibrationDisplay(Display[Calibration]):
    """Observed share beside predicted probability; bars are 95 % intervals."""

    size = (4.8, 4.4)

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without predictions of classes."""
        return cls._of(run, calibration, findings)

    def plot(self, *, dataset: str | None = None, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the curves of the last validation set, or of another; `kwargs` go to `ax.plot` of each."""
        curves: list[CalibrationCurve] = shown_curves(self.picture.curves, dataset)
        ax = self._begin(ax)
        ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
        self.lines_ = []
        for curve in curves:
            style, label = curve_style(curve, curves)
            text = f"{label}: off by {100 * curve.error:.2g} %"
            self.lines_ += ax.plot(
                curve.predicted, curve.observed, **{**style, "marker": "o", "markersize": 4, "label": text, **kwargs}
            )
            if curve.role == "last":
                ax.vlines(curve.predicted, curve.low, curve.high, color=style["color"], linewidth=1.0, alpha=0.6)
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        mark_whole(ax, self.marks)
        tidy(
            ax, title=f"Calibration on {words(curves[0].dataset, 24)}", x="predicted probability",
            y="share of the rows",
        )  # fmt: skip
        ax.legend(frameon=False, fontsize="small", loc="upper left")
        return self


class ScoreHistogramDisplay(Display[ScoreHistogram]):
    """How many rows of each class got which probability."""

    size = (6.0, 3.4)

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without predictions of classes."""
        return cls._of(run, score_histogram, findings)

    def plot(self, *, dataset: str | None = None, role: str = "last", ax: Any = None, **kwargs: Any) -> Self:
        """Draw the histogram of the last round, or of `role="best"`; `kwargs` go to `ax.stairs` of each class."""
        shown: ScoresOf = of_dataset(self.picture.histograms, dataset, role)
        ax = self._begin(ax)
        self.stairs_ = []
        for place, (label, counts) in enumerate(zip(shown.classes, shown.counts, strict=True)):
            colour = COLOURS[place % len(COLOURS)]
            text = f"class {label}" if label >= 0 else "all rows"
            text = f"{text}: {int(counts.sum()):,} rows"
            style = {"fill": True, "color": colour, "alpha": 0.35, "label": text, **kwargs}
            self.stairs_.append(ax.stairs(counts, shown.edges, **style))
            ax.stairs(counts, shown.edges, color=colour, linewidth=1.0)
        if len(shown.counts) and shown.counts.max() > 50 * max(np.median(shown.counts[shown.counts > 0]), 1):
            ax.set_yscale("symlog", linthresh=1)
        mark_whole(ax, self.marks)
        tidy(ax, title=f"{words(shown.dataset, 24)}, round {shown.round_index:,}", x=shown.of, y="rows")
        ax.legend(frameon=False, fontsize="small", title="label")
        return self
