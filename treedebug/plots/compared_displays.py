"""Several runs side by side, drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from treedebug.core.errors import ConfigError
from treedebug.core.run.run_labels import labels_of
from treedebug.pictures.compared_curves import ComparedCurves, compared_curves
from treedebug.pictures.importance_ranks import ImportanceRanks, importance_ranks
from treedebug.pictures.parallel_coordinates import ParallelCoordinates, parallel_coordinates
from treedebug.pictures.pareto import Pareto, pareto
from treedebug.pictures.picture import AnyRun, NoPicture
from treedebug.plots.display import BLUE, COLOURS, GREEN, GREY, Display, P, drawn, tidy, words

_NAMED = 8
_FEW = 3


class _Compared(Display[P]):
    @classmethod
    def _of_runs(
        cls,
        runs: Sequence[AnyRun],
        labels: Sequence[str] | None,
        make: Callable[[Sequence[AnyRun], Sequence[str]], P | NoPicture],
    ) -> Self:
        return cls(drawn(make(runs, labels_of(runs) if labels is None else labels)))


def _chosen(value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise ConfigError(f"by is {' or '.join(known)}; got {value!r}")
    return value


class ComparedCurvesDisplay(_Compared[ComparedCurves]):
    """The metric of several runs over rounds, or over seconds; dots are the best rounds."""

    @classmethod
    def from_runs(cls, runs: Sequence[AnyRun], labels: Sequence[str] | None = None) -> Self:
        """Return the display of runs. Raise NotRecordedError where fewer than two share a metric."""
        return cls._of_runs(runs, labels, compared_curves)

    def plot(self, *, by: str = "rounds", ax: Any = None, **kwargs: Any) -> Self:
        """Draw by "rounds" or "seconds"; `kwargs` go to `ax.plot` of each run. Raise ConfigError."""
        _chosen(by, ("rounds", "seconds"))
        picture, ax = self.picture, self._begin(ax)
        sign = -1.0 if picture.higher_is_better else 1.0
        ranked = sorted(range(len(picture.curves)), key=lambda i: sign * picture.curves[i].best_value)
        colour = {i: COLOURS[k] if k < _NAMED - 1 or len(ranked) <= _NAMED else GREY for k, i in enumerate(ranked[:99])}
        self.lines_ = []
        for i in reversed(ranked):
            curve = picture.curves[i]
            x = curve.rounds if by == "rounds" else curve.seconds
            faint = colour[i] == GREY
            text = "_" if faint else f"{words(curve.run, 28)}: {curve.best_value:.4g} in round {curve.best_round:,}"
            style = {"color": colour[i], "linewidth": 0.8 if faint else 1.5, "label": text, **kwargs}
            self.lines_ += ax.plot(x, curve.values, **style)
            best = int(np.argmin(np.abs(curve.rounds - curve.best_round)))
            ax.plot(x[best], curve.values[best], "o", color=colour[i], markersize=4)
        tidy(ax, title=f"{words(picture.metric)} of {len(ranked)} runs", x=by.rstrip("s") if by == "rounds" else by,
             y=words(picture.metric))  # fmt: skip
        handles, labels = ax.get_legend_handles_labels()
        ax.legend(handles[::-1], labels[::-1], frameon=False, fontsize="small", title="best first")
        return self


class ImportanceRanksDisplay(_Compared[ImportanceRanks]):
    """Ranks of the features by total gain, from run to run."""

    @classmethod
    def from_runs(cls, runs: Sequence[AnyRun], labels: Sequence[str] | None = None) -> Self:
        """Return the display of runs. Raise NotRecordedError where fewer than two have splits."""
        return cls._of_runs(runs, labels, importance_ranks)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the bump chart; `kwargs` go to `ax.plot` of each feature."""
        picture, ax = self.picture, self._begin(ax)
        self.lines_ = []
        for i, feature in enumerate(picture.features):
            known = np.isfinite(picture.ranks[i])
            moved = np.ptp(picture.ranks[i][known]) > 1 or not known.all()
            style = {"color": COLOURS[i % len(COLOURS)] if moved else GREY, "marker": "o", "markersize": 4, **kwargs}
            self.lines_ += ax.plot(np.arange(len(picture.runs)), picture.ranks[i], **style)
            for end, where in ((0, "right"), (-1, "left")):
                if known[end]:
                    at = (np.arange(len(picture.runs))[end], picture.ranks[i][end])
                    ax.annotate(
                        words(feature, 20), at, xytext=(-6 if where == "right" else 6, 0), ha=where, va="center",
                        textcoords="offset points", fontsize="small", color=self.lines_[-1].get_color(),
                    )  # fmt: skip
        names = [words(r, 18) for r in picture.runs]
        ax.set_xticks(range(len(names)), names, fontsize="small")
        if len(names) > _FEW:
            ax.tick_params(axis="x", rotation=30)
        worst = int(np.nanmax(picture.ranks))
        ax.set_yticks(range(1, worst + 1, max(worst // 10, 1)))
        ax.invert_yaxis()
        ax.margins(x=0.35)
        tidy(ax, title="Features by total gain (grey: about the same in all runs)", y="rank")
        return self


class ParetoDisplay(_Compared[Pareto]):
    """Best metric of each run beside what it costs; the runs on the front are named."""

    size = (6.0, 4.0)

    @classmethod
    def from_runs(cls, runs: Sequence[AnyRun], labels: Sequence[str] | None = None) -> Self:
        """Return the display of runs. Raise NotRecordedError where fewer than two share a metric."""
        return cls._of_runs(runs, labels, pareto)

    def plot(self, *, by: str = "leaves", ax: Any = None, **kwargs: Any) -> Self:
        """Draw by "leaves" or "seconds"; `kwargs` go to `ax.scatter`. Raise ConfigError."""
        _chosen(by, ("leaves", "seconds"))
        picture, ax = self.picture, self._begin(ax)
        cost = picture.leaves if by == "leaves" else picture.seconds
        on = np.array(picture.on_front_of_leaves if by == "leaves" else picture.on_front_of_seconds)
        self.points_ = ax.scatter(cost, picture.values, **{"c": np.where(on, GREEN, GREY), "s": 28, **kwargs})
        order = np.flatnonzero(on)[np.argsort(cost[on], kind="stable")]
        where = "post"
        ax.step(
            cost[order],
            picture.values[order],
            where=where,
            color=GREEN,
            linewidth=1.0,
            label="no run is better at that cost",
        )
        for i in order[:_NAMED]:
            ax.annotate(words(picture.runs[i], 24), (cost[i], picture.values[i]), xytext=(5, 5),
                        textcoords="offset points", fontsize="small")  # fmt: skip
        if np.isfinite(cost).any() and np.nanmin(cost) > 0 and np.nanmax(cost) > 20 * np.nanmin(cost):
            ax.set_xscale("log")
        ax.margins(x=0.15)
        better = "higher" if picture.higher_is_better else "lower"
        tidy(ax, title=f"{words(picture.metric)} ({better} is better) beside {by}", x=by, y=words(picture.metric))
        ax.legend(frameon=False, fontsize="small")
        return self


class ParallelCoordinatesDisplay(_Compared[ParallelCoordinates]):
    """The parameters that differ between runs, and the metric that came of them; the best runs in colour."""

    size = (9.0, 4.0)

    @classmethod
    def from_runs(cls, runs: Sequence[AnyRun], labels: Sequence[str] | None = None) -> Self:
        """Return the display of runs. Raise NotRecordedError where they do not differ, or share no metric."""
        return cls._of_runs(runs, labels, parallel_coordinates)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the lines, best last; `kwargs` go to `ax.plot` of each run."""
        from matplotlib import colormaps  # noqa: PLC0415 - optional

        picture, ax = self.picture, self._begin(ax)
        at = np.arange(len(picture.axes))
        score = picture.axes[-1].position if picture.higher_is_better else 1.0 - picture.axes[-1].position
        self.lines_ = []
        for i in np.argsort(score, kind="stable"):
            y = [a.position[i] for a in picture.axes]
            style = {"color": colormaps["viridis_r"](float(score[i])), "alpha": 0.75, "linewidth": 1.2, **kwargs}
            self.lines_ += ax.plot(at, y, label=words(picture.runs[i], 28), **style)
        for k, axis in enumerate(picture.axes):
            ax.axvline(k, color=BLUE if k == len(at) - 1 else GREY, linewidth=0.8)
            for value, place in _ends(axis.values, axis.position):
                ax.annotate(words(_shown(value), 14), (k, place), xytext=(3, 0), textcoords="offset points",
                            fontsize="x-small", va="center")  # fmt: skip
        ax.set_xticks(
            at, [words(a.axis, 18) + ("\n(log)" if a.is_logarithmic else "") for a in picture.axes], fontsize="small"
        )
        ax.set_yticks([])
        ax.set_title(f"{len(picture.runs)} runs; dark: best {words(picture.metric)}", loc="left", fontsize="medium")
        for side in ("top", "right", "left"):
            ax.spines[side].set_visible(False)
        return self


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _ends(values: Sequence[Any], position: Any) -> list[tuple[Any, float]]:
    """Return the values at the places to name: all of a few, else the lowest and the highest."""
    found = {round(float(p), 6): v for v, p in zip(values, position, strict=True) if np.isfinite(p)}
    places = sorted(found)
    kept = places if len(places) <= 5 else [places[0], places[-1]]
    return [(found[p], p) for p in kept]
