"""Regressions, drawn: residuals, predicted against true values, errors by size of the label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from treedebug.core.findings import Finding
from treedebug.pictures.error_by_label_bin import ErrorByLabelBin, ErrorsOf, error_by_label_bin
from treedebug.pictures.picture import AnyRun
from treedebug.pictures.residuals import (
    PredictedVsTrue,
    PredictedVsTrueOf,
    Residuals,
    ResidualsOf,
    predicted_vs_true,
    residuals,
)
from treedebug.plots.class_displays import of_dataset
from treedebug.plots.display import BLUE, GREY, RED, Display, mark_whole, tidy, words

_POINTS = {"s": 8, "color": BLUE, "alpha": 0.25, "linewidths": 0}


class ResidualsDisplay(Display[Residuals]):
    """Residuals beside predictions, and their histogram."""

    size = (8.0, 3.8)

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without predictions of amounts."""
        return cls._of(run, residuals, findings)

    def plot(self, *, dataset: str | None = None, role: str = "last", ax: Any = None, **kwargs: Any) -> Self:
        """Draw two panels, `axes_`, of the last round or of `role="best"`; `kwargs` go to `ax.scatter`."""
        shown: ResidualsOf = of_dataset(self.picture.datasets, dataset, role)
        self.axes_ = self._panels(ax, 1, 2, shares_x=False)
        left, right = self.axes_
        self.points_ = left.scatter(shown.predicted, shown.residual, **{**_POINTS, **kwargs})
        left.axhline(0.0, color="black", linewidth=0.8)
        middle = shown.group_quantiles
        left.plot(shown.groups, middle[:, 2], color=RED, linewidth=1.6, label="median")
        left.fill_between(shown.groups, middle[:, 0], middle[:, 4], color=RED, alpha=0.15, linewidth=0,
                          label="four fifths of the rows")  # fmt: skip
        left.legend(frameon=False, fontsize="small")
        title = f"{words(shown.dataset, 24)}, round {shown.round_index:,}"
        tidy(left, title=title, x="predicted", y="label - predicted")
        self.stairs_ = right.stairs(shown.counts, shown.edges, fill=True, color=BLUE, alpha=0.5)
        right.axvline(0.0, color="black", linewidth=0.8)
        tidy(right, title=f"mean {shown.mean:.3g}, std {shown.std:.3g}", x="label - predicted", y="rows")
        mark_whole(left, self.marks)
        return self


class PredictedVsTrueDisplay(Display[PredictedVsTrue]):
    """Predictions beside labels; the red line is the mean prediction of the rows with about that label."""

    size = (4.8, 4.4)

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without predictions of amounts."""
        return cls._of(run, predicted_vs_true, findings)

    def plot(self, *, dataset: str | None = None, role: str = "last", ax: Any = None, **kwargs: Any) -> Self:
        """Draw the last round, or `role="best"`; `kwargs` go to `ax.scatter`."""
        shown: PredictedVsTrueOf = of_dataset(self.picture.datasets, dataset, role)
        ax = self._begin(ax)
        self.points_ = ax.scatter(shown.true, shown.predicted, **{**_POINTS, **kwargs})
        low, high = float(shown.true.min()), float(shown.true.max())
        ax.plot([low, high], [low, high], color=GREY, linewidth=0.8, linestyle=":", label="perfect")
        ax.plot(shown.groups, shown.group_mean, color=RED, linewidth=1.6, marker="o", markersize=3,
                label="mean prediction")  # fmt: skip
        ax.legend(frameon=False, fontsize="small")
        mark_whole(ax, self.marks)
        title = f"{words(shown.dataset, 20)}, round {shown.round_index:,}: R2 {shown.r2:.3g}"
        tidy(ax, title=title, x="label", y="predicted")
        return self


class ErrorByLabelBinDisplay(Display[ErrorByLabelBin]):
    """Mean absolute error over the rounds, a line for each bin of the label."""

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without errors by label."""
        return cls._of(run, error_by_label_bin, findings)

    def plot(self, *, dataset: str | None = None, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the last validation set, or another; `kwargs` go to `ax.plot` of each line."""
        from matplotlib import colormaps  # noqa: PLC0415 - optional

        shown: ErrorsOf = of_dataset(self.picture.datasets, dataset)
        ax = self._begin(ax)
        n = len(shown.n_rows)
        colours = colormaps["viridis"]
        self.lines_ = []
        for i in range(n):
            last = shown.mean_error[-1, i]
            text = f"{shown.edges[i]:.3g} to {shown.edges[i + 1]:.3g} ({'+' if last > 0 else ''}{last:.2g})"
            style = {"color": colours(0.9 * i / max(n - 1, 1)), "linewidth": 1.5, "label": text}
            style |= {"marker": "."} if len(shown.rounds) == 1 else {}
            self.lines_ += ax.plot(shown.rounds, shown.mean_absolute_error[:, i], **{**style, **kwargs})
        ax.set_ylim(bottom=0)
        mark_whole(ax, self.marks)
        tidy(ax, title=f"Errors on {words(shown.dataset, 24)} by size of the label", x="round", y="mean absolute error")
        ax.legend(
            frameon=False, fontsize="small", title="label\n(mean error at the end)", loc="center left",
            bbox_to_anchor=(1.0, 0.5),
        )  # fmt: skip
        return self
