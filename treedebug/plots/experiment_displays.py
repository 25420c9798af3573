"""Learning curves over rows, capacity curves, effective parameters and coverage, drawn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from treedebug.pictures.coverage_shares import CoverageShares, coverage_shares
from treedebug.pictures.effective_by_round import EffectiveByRound
from treedebug.pictures.error_by_capacity import ErrorByCapacity
from treedebug.pictures.loss_by_rows import LossByRows
from treedebug.plots.display import BLUE, GREY, ORANGE, RED, Display, tidy


class LossByRowsDisplay(Display[LossByRows]):
    """What more rows bring: the loss over the rows, the power law, and the next doubling with its interval."""

    @classmethod
    def from_curve(cls, curve: Any) -> Self:
        """Return the display of what `treedebug.learning_curve` returns."""
        return cls(curve.picture)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the curve over the logarithm of the rows; `kwargs` go to `ax.errorbar` of the measured losses."""
        picture, ax = self.picture, self._begin(ax)
        style = {"fmt": "o", "color": BLUE, "capsize": 3, "label": "measured, +- standard error", **kwargs}
        self.points_ = ax.errorbar(picture.rows, picture.loss, yerr=picture.standard_error, **style)
        (self.law_,) = ax.plot(picture.law_rows, picture.law_loss, color=GREY, linewidth=1.2, label="power law")
        off = [[picture.next_loss - picture.low], [picture.high - picture.next_loss]]
        self.next_ = ax.errorbar([picture.next_rows], [picture.next_loss], yerr=np.maximum(off, 0.0), fmt="D",
                                 color=ORANGE, capsize=4, label="expected, nine times in ten")  # fmt: skip
        ax.set_xscale("log")
        tidy(ax, title="What more rows bring", x="training rows (log)", y=picture.loss_name)
        ax.legend(frameon=False, fontsize="small")
        return self


class CapacityDisplay(Display[ErrorByCapacity]):
    """Test error over what was trained, and over effective parameters, where averages fold back."""

    size = (9.0, 3.8)

    @classmethod
    def from_curve(cls, curve: Any) -> Self:
        """Return the display of what `treedebug.capacity_curve` returns."""
        return cls(curve.picture)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw two panels, `axes_`; `kwargs` go to `ax.plot` of single models and of averages."""
        picture = self.picture
        self.axes_ = self._panels(ax, 1, 2, shares_x=False)
        at, n = np.arange(len(picture.size)), int((picture.n_models == 1).sum())
        self.lines_ = []
        for panel, x in ((self.axes_[0], at), (self.axes_[1], picture.effective_parameters)):
            for part, colour, label in (
                (slice(0, n), BLUE, "one model"),
                (slice(max(n - 1, 0), None), RED, "averages"),
            ):
                style = {"marker": "o", "markersize": 4, "color": colour, "label": label, **kwargs}
                self.lines_ += panel.plot(x[part], picture.test_error[part], **style)
        names = [s if m == 1 else f"{m} x {s}" for s, m in zip(picture.size, picture.n_models, strict=True)]
        self.axes_[0].set_xticks(at, names, rotation=45, ha="right", fontsize="small")
        tidy(self.axes_[0], title="by what was trained", x="size, then models averaged", y="test error")
        tidy(self.axes_[1], title="by what test rows see", x="effective parameters", y="test error")
        self.axes_[0].legend(frameon=False, fontsize="small")
        return self


class EffectiveParametersDisplay(Display[EffectiveByRound]):
    """Effective parameters over the rounds, with two standard errors of the probes; dashed: as many as rows."""

    @classmethod
    def from_run(cls, run: Any, X: Any, y: Any = None, *, new: Any = None) -> Self:
        """Return the display of a run (a `treedebug.Run`) and its training rows. Raise as that method of it."""
        found = run.effective_parameters(X, y, new=new)
        none = np.full(len(found), np.nan)
        return cls(
            EffectiveByRound(
                n_rows=len(X), rounds=found["round_index"].to_numpy(), value=found["effective_parameters"].to_numpy(),
                standard_error=found["standard_error"].to_numpy(),
                on_new_rows=found["on_new_rows"].to_numpy() if "on_new_rows" in found else none,
            )
        )  # fmt: skip

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the curve; `kwargs` go to `ax.plot`."""
        picture, ax = self.picture, self._begin(ax)
        (self.line_,) = ax.plot(picture.rounds, picture.value, **{"color": BLUE, "label": "training rows", **kwargs})
        two = 2.0 * picture.standard_error
        ax.fill_between(picture.rounds, picture.value - two, picture.value + two, color=BLUE, alpha=0.2, linewidth=0)
        if np.isfinite(picture.on_new_rows).any():
            ax.plot(picture.rounds, picture.on_new_rows, color=ORANGE, label="as new rows see it")
        if picture.value[-1] > picture.n_rows / 3:
            ax.axhline(picture.n_rows, color=GREY, linewidth=0.8, linestyle="--", label="as many as rows")
        title = f"{picture.value[-1]:.3g} of {picture.n_rows:,} rows after round {int(picture.rounds[-1]):,}"
        tidy(ax, title=title, x="round", y="effective parameters")
        ax.legend(frameon=False, fontsize="small")
        return self


class CoverageDisplay(Display[CoverageShares]):
    """Coverage of held-out and of new rows: where the new ones' curve rises first, their like was not seen."""

    @classmethod
    def from_run(cls, run: Any, X_train: Any, X_held_out: Any, X_new: Any) -> Self:
        """Return the display of a run (a `treedebug.Run`) on three tables. Raise what `run.coverage` raises."""
        return cls(coverage_shares(run.coverage(X_train, X_held_out), run.coverage(X_train, X_new)))

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw both distributions; `kwargs` go to `ax.plot` of each."""
        picture, ax = self.picture, self._begin(ax)
        self.lines_ = []
        for share, n, colour, label in (
            (picture.held_out, picture.n_held_out, GREY, "held out"), (picture.new, picture.n_new, RED, "new"),
        ):  # fmt: skip
            self.lines_ += ax.plot(
                picture.level, share, **{"color": colour, "label": f"{label} ({n:,} rows)", **kwargs}
            )
        tidy(ax, title="Rows like these in training", y="share of the rows, at most so similar",
             x="share of the trees that put them into the leaf of a training row")  # fmt: skip
        ax.legend(frameon=False, fontsize="small")
        return self
