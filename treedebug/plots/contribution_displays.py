"""SHAP contributions, drawn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from treedebug.pictures.contribution_swarm import ContributionChange, ContributionSwarm
from treedebug.plots.display import BLUE, GREY, Display, tidy, words

_GRID = 60
_WIDEST = 0.42


class ContributionSwarmDisplay(Display[ContributionSwarm]):
    """Contributions of the strongest features, a point a row, coloured by the feature's own value.

    display = treedebug.plots.ContributionSwarmDisplay.from_run(run, X).plot()
    """

    @classmethod
    def from_run(cls, run: Any, X: Any, *, round_index: int | None = None, class_index: int = 0) -> Self:
        """Return the display of a run (a `treedebug.Run`) on a table. Raises what `run.contributions` raises."""
        return cls(run.contribution_swarm(X, round_index=round_index, class_index=class_index))

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the swarm; `kwargs` go to `ax.scatter` of each feature."""
        picture = self.picture
        n = len(picture.features)
        self.size = (7.0, 1.5 + 0.3 * n)
        ax = self._begin(ax)
        ax.axvline(0.0, color=GREY, linewidth=0.8)
        self.points_ = []
        for row in range(n):
            x, level = picture.contribution[row], picture.level[row]
            style = {"s": 9, "linewidths": 0, "cmap": "coolwarm", "vmin": 0.0, "vmax": 1.0, **kwargs}
            missing = ~np.isfinite(level)
            y = row + _spread(x)
            ax.scatter(x[missing], y[missing], s=style["s"], color=GREY, linewidths=0)
            self.points_.append(ax.scatter(x[~missing], y[~missing], c=level[~missing], **style))
        ax.set_ylim(n - 0.4, -0.6)
        ax.set_yticks(range(n), [words(f, 28) for f in picture.features])
        if self.points_:
            bar = self.figure_.colorbar(self.points_[0], ax=ax, label="value of the feature", ticks=[0, 1])
            bar.ax.set_yticklabels(["low", "high"])
        tidy(ax, title=f"Contributions after round {picture.round_index:,}; bias {picture.bias:.3g}",
             x="contribution to the raw score")  # fmt: skip
        return self


class ContributionChangeDisplay(Display[ContributionChange]):
    """Mean size of the contributions after two rounds."""

    @classmethod
    def from_run(cls, run: Any, X: Any, *, rounds: tuple[int, int], class_index: int = 0) -> Self:
        """Return the display of a run (a `treedebug.Run`) on a table. Raises what `run.contributions` raises."""
        return cls(run.contribution_change(X, rounds=rounds, class_index=class_index))

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw a line from the earlier to the later round of each feature; `kwargs` go to `ax.scatter` of the later."""
        picture = self.picture
        n = len(picture.features)
        self.size = (7.0, 1.5 + 0.28 * n)
        ax = self._begin(ax)
        at = np.arange(n)
        ax.hlines(at, picture.earlier, picture.later, color=GREY, linewidth=1.2)
        self.earlier_ = ax.scatter(picture.earlier, at, s=26, facecolors="white", edgecolors=GREY, zorder=3,
                                   label=f"after round {picture.earlier_round:,}")  # fmt: skip
        self.later_ = ax.scatter(
            picture.later, at, **{"s": 30, "color": BLUE, "zorder": 3,
                                  "label": f"after round {picture.later_round:,}", **kwargs},
        )  # fmt: skip
        ax.set_ylim(n - 0.4, -0.6)
        ax.set_yticks(at, [words(f, 28) for f in picture.features])
        ax.legend(frameon=False, fontsize="small", loc="lower right")
        tidy(ax, title="What the rounds in between changed", x="mean size of the contribution")
        return self


def _spread(x: Any) -> Any:
    """Return the place across of each point: those that would lie on each other side by side."""
    found = np.zeros(len(x))
    span = float(np.ptp(x)) if len(x) else 0.0
    cell = np.floor((x - x.min()) / span * _GRID).astype(int) if span > 0 else np.zeros(len(x), dtype=int)
    for c in np.unique(cell):
        inside = np.flatnonzero(cell == c)
        order = np.arange(len(inside))
        found[inside] = np.where(order % 2, 1, -1) * ((order + 1) // 2)
    return found * min(0.05, _WIDEST / max(float(np.abs(found).max(initial=0.0)), 1e-12))
