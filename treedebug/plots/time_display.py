"""Where the time went, drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from treedebug.core.findings import Finding
from treedebug.pictures.picture import AnyRun
from treedebug.pictures.time_by_round import TimeByRound, time_by_round
from treedebug.plots.display import BLUE, ORANGE, Display, mark_rounds, mark_whole, tidy


class TimeByRoundDisplay(Display[TimeByRound]):
    """Milliseconds of each round, evaluation apart."""

    size = (7.0, 3.6)

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without times."""
        return cls._of(run, time_by_round, findings)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the areas; `kwargs` go to `ax.fill_between` of the boosting."""
        picture = self.picture
        ax = self._begin(ax)
        whole, spent = 1e3 * picture.seconds, 1e3 * np.nan_to_num(picture.evaluation_seconds)
        edges = np.append(picture.rounds, picture.last_rounds[-1:] + 1) - 0.5
        style = {
            "step": "post",
            "color": BLUE,
            "alpha": 0.6,
            "linewidth": 0,
            "label": self._label("boosting"),
            **kwargs,
        }
        self.area_ = ax.fill_between(edges, np.append(spent, spent[-1:]), np.append(whole, whole[-1:]), **style)
        if not math.isnan(picture.total_evaluation):
            ax.fill_between(
                edges, np.append(spent, spent[-1:]), step="post", color=ORANGE, alpha=0.8, linewidth=0,
                label=self._label("evaluation"),
            )  # fmt: skip
        usual = float(np.nanmedian(whole))
        if np.nanmax(whole) > 20 * usual > 0:
            ax.set_ylim(0, 8 * usual)
        else:
            ax.set_ylim(bottom=0)
        mark_rounds(ax, self.marks)
        mark_whole(ax, (m for m in self.marks if m.rounds is None))
        total = f"{picture.total_seconds:,.3g} s in all; a round takes {1e3 * picture.usual_seconds:.3g} ms"
        tidy(ax, title=total, x="round", y="milliseconds")
        ax.legend(frameon=False, fontsize="small")
        return self

    def _label(self, part: str) -> str:
        seconds = self.picture.total_evaluation if part == "evaluation" else self.picture.total_boosting
        if math.isnan(seconds):
            return "all"
        return f"{part}: {seconds:.3g} s, {100 * seconds / max(self.picture.total_seconds, 1e-12):.2g} %"
