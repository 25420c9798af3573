"""Learning curves, drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.findings import Finding
from treedebug.pictures.learning_curves import Curve, LearningCurves, learning_curves
from treedebug.pictures.picture import AnyRun
from treedebug.plots.display import COLOURS, GREEN, GREY, Display, mark_rounds, tidy, words


class LearningCurveDisplay(Display[LearningCurves]):
    """One metric on every dataset, with the best round, the noise band, the rounds after the best one, learning rate.

    treedebug.plots.LearningCurveDisplay.from_run(run).plot()
    """

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without metrics."""
        return cls._of(run, learning_curves, findings)

    def plot(self, *, metric: str | None = None, ax: Any = None, **kwargs: Any) -> Self:
        """Draw a metric, by default the one that decides; `kwargs` go to `ax.plot` of each curve.

        Raise ConfigError for a metric that was not recorded.
        """
        picture, curves = self.picture, self._curves(metric)
        ax = self._begin(ax)
        self.lines_ = []
        colours = iter(COLOURS * len(curves))
        for curve in curves:
            style = {"color": GREY if curve.is_training else next(colours), "linewidth": 1.5}
            style |= {"marker": "o", "markersize": 4} if len(curve.rounds) == 1 else {}
            style |= kwargs
            self.lines_ += ax.plot(curve.rounds, curve.values, label=words(curve.dataset), **style)
        decides = picture.deciding is not None and picture.curves[picture.deciding] in curves
        if decides and picture.best_round is not None:
            if picture.band is not None:
                ax.axhspan(*picture.band, color=GREEN, alpha=0.15, linewidth=0, label="as good, within the noise")
            if picture.wasted is not None:
                ax.axvspan(*picture.wasted, color=GREY, alpha=0.12, linewidth=0, label="after the best round")
            ax.plot(
                [picture.best_round], [picture.best_value], "o", color=GREEN, markersize=6, zorder=5,
                label=f"best: round {picture.best_round:,}, {picture.best_value:.4g}",
            )  # fmt: skip
            mark_rounds(ax, self.marks)
        self._draw_rate(ax)
        tidy(ax, title=_title(curves[0], picture), x="round", y=words(curves[0].metric))
        ax.legend(frameon=False, fontsize="small")
        return self

    def _curves(self, metric: str | None) -> list[Curve]:
        curves, deciding = self.picture.curves, self.picture.deciding
        names = list(dict.fromkeys(c.metric for c in curves))
        chosen = metric if metric is not None else curves[deciding or 0].metric
        if chosen not in names:
            raise ConfigError(f"the metrics are {', '.join(names)}; got {chosen!r}.{did_you_mean(chosen, names)}")
        return sorted((c for c in curves if c.metric == chosen), key=lambda c: not c.is_training)

    def _draw_rate(self, ax: Any) -> None:
        """Draw the learning rate beside the curves, where it changes."""
        picture = self.picture
        if len(picture.learning_rates) < 2:
            return
        self.rate_ax_ = ax.twinx()
        rounds = [*picture.learning_rate_rounds.tolist(), picture.n_rounds - 1]
        rates = [*picture.learning_rates.tolist(), picture.learning_rates[-1]]
        self.rate_ax_.step(rounds, rates, where="post", color=GREY, linewidth=0.8, linestyle=":")
        self.rate_ax_.set(ylabel="learning rate (dotted)", ylim=(0.0, max(rates) * 1.6))
        self.rate_ax_.spines["top"].set_visible(False)


def _title(curve: Curve, picture: LearningCurves) -> str:
    if picture.best_round is None:
        return f"{words(curve.metric)} in {picture.n_rounds:,} rounds"
    n = 0 if picture.wasted is None else picture.wasted[1] - picture.wasted[0] + 1
    after = f"; {n:,} round{'s' * (n > 1)} after it" if n else ""
    return f"Best in round {picture.best_round:,} of {picture.n_rounds:,}{after}"
