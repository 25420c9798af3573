"""Importance of the features, drawn: over the rounds, and as ranked bars."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.findings import Finding
from treedebug.pictures.importance_bars import ImportanceBars, importance_bars
from treedebug.pictures.importance_heatmap import ImportanceHeatmap, importance_heatmap
from treedebug.pictures.picture import AnyRun
from treedebug.plots.display import BLUE, RED, SEVERITY_COLOURS, Display, mark_ticks, tidy, words

_RISE = 0.08
"""Of the gain: less may be chance."""


class ImportanceHeatmapDisplay(Display[ImportanceHeatmap]):
    """Share of the gain by feature and round; an arrow beside a feature that rises late."""

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without trees."""
        return cls._of(run, importance_heatmap, findings)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the heat map, `mesh_`; `kwargs` go to `ax.pcolormesh`."""
        picture = self.picture
        n = len(picture.features)
        self.size = (7.0, 1.6 + 0.24 * n)
        ax = self._begin(ax)
        edges = np.append(picture.rounds, picture.last_rounds[-1:] + 1) - 0.5
        # One bin of late rounds whose little gain one feature holds would leave all others pale.
        most = 100.0 * float(np.quantile(np.nan_to_num(picture.share), 0.99))
        style = {"cmap": "Blues", "vmin": 0.0, "vmax": max(most, 1.0), **kwargs}
        self.mesh_ = ax.pcolormesh(edges, np.arange(n + 1) - 0.5, picture.share * 100.0, **style)
        ax.set_ylim(n - 0.5, -0.5)
        ax.set_yticks(range(n))
        mark_ticks(ax.yaxis, picture.features, self.marks)
        late = np.nan_to_num(picture.share[:, -max(len(picture.rounds) // 4, 1) :]).mean(axis=1)
        for row, rise in enumerate(picture.rise.tolist()):
            if rise > max(_RISE, late[row] / 2.0):
                ax.annotate(
                    "rises", (1.0, row), xycoords=("axes fraction", "data"), xytext=(4, 0),
                    textcoords="offset points", va="center", fontsize="small", color=RED,
                )  # fmt: skip
        self.figure_.colorbar(self.mesh_, ax=ax, label="share of the gain, %", pad=0.09, extend="max")
        shown = f"{n} of {picture.n_used:,} features used" if n < picture.n_used else f"all {n} features used"
        tidy(ax, title=f"Where the gain comes from: {shown}, of {picture.n_features:,}", x="round")
        return self


class ImportanceBarsDisplay(Display[ImportanceBars]):
    """Features ranked by one kind of importance."""

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without trees."""
        return cls._of(run, importance_bars, findings)

    def plot(self, *, kind: str = "total_gain", ax: Any = None, **kwargs: Any) -> Self:
        """Draw one kind, `bars_`; `kwargs` go to `ax.barh`. Raise ConfigError for an unknown kind."""
        picture = self.picture
        if kind not in picture.kinds:
            hint = did_you_mean(kind, picture.kinds)
            raise ConfigError(f"importance is one of {', '.join(picture.kinds)}; got {kind!r}.{hint}")
        at = picture.kinds.index(kind)
        names, values = picture.features[at], picture.values[at]
        self.size = (7.0, 1.4 + 0.22 * len(names))
        ax = self._begin(ax)
        blamed = {name: m.severity for m in reversed(self.marks) for name in m.names}
        colours = [SEVERITY_COLOURS[blamed[n]] if n in blamed else BLUE for n in names]
        self.bars_ = ax.barh(range(len(names)), values, **{"color": colours, **kwargs})
        ax.set_ylim(len(names) - 0.4, -0.6)
        ax.set_yticks(range(len(names)))
        mark_ticks(ax.yaxis, names, self.marks)
        what = words(kind.replace("_", " "))
        used = f"{picture.n_used:,} of {picture.n_features:,} features are used"
        tidy(ax, title=f"Features by {what}; {used}", x=what)
        return self
