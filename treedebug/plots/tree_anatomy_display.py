"""Tree anatomy, drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from treedebug.core.findings import Finding
from treedebug.pictures.picture import AnyRun
from treedebug.pictures.tree_anatomy import TreeAnatomy, tree_anatomy
from treedebug.plots.display import BLUE, GREY, Display, mark_rounds, tidy

PANELS = {
    "depth": "Depth of the trees (line: the deepest)",
    "leaves": "Leaves of a tree",
    "gain": "Gain of a tree",
    "leaf_values": "Leaf values (median; half and nine tenths of them; dotted: all)",
    "sum_hessian": "Hessian mass of the root",
}


class TreeAnatomyDisplay(Display[TreeAnatomy]):
    """Depth, leaves, gain, leaf values and hessian mass by round, one above the other."""

    size = (7.0, 9.0)

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without trees."""
        return cls._of(run, tree_anatomy, findings)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the five panels, `axes_` by name; `kwargs` go to `ax.plot` of each main line."""
        picture = self.picture
        self.axes_ = dict(zip(PANELS, self._panels(ax, len(PANELS)), strict=True))
        self.lines_ = {}
        style = {"color": BLUE, "linewidth": 1.3, **({"marker": "."} if len(picture.rounds) == 1 else {}), **kwargs}
        for panel, values in (
            ("depth", picture.depth),
            ("leaves", picture.leaves),
            ("gain", picture.gain),
            ("leaf_values", picture.leaf_quantiles[:, len(picture.probabilities) // 2]),
            ("sum_hessian", picture.sum_hessian),
        ):
            (self.lines_[panel],) = self.axes_[panel].plot(picture.rounds, values, **style)
            tidy(self.axes_[panel], title=PANELS[panel])
            mark_rounds(self.axes_[panel], (m for m in self.marks if m.panel == panel))
        self.axes_["depth"].plot(picture.rounds, picture.deepest, color=GREY, linewidth=0.8)
        if (picture.gain > 0).any() and (picture.gain[picture.gain > 0].min() * 100 < picture.gain.max()):
            self.axes_["gain"].set_yscale("log")
        self._draw_quantiles(self.axes_["leaf_values"])
        for panel in ("depth", "leaves"):
            self.axes_[panel].set_ylim(bottom=0)
        for panel in list(PANELS)[:-1]:
            self.axes_[panel].tick_params(labelbottom=False)
        self.axes_["sum_hessian"].set_xlabel("round")
        return self

    def _draw_quantiles(self, ax: Any) -> None:
        picture = self.picture
        columns = picture.leaf_quantiles.T
        for low, high, opacity in ((1, -2, 0.15), (2, -3, 0.3)):
            ax.fill_between(picture.rounds, columns[low], columns[high], color=BLUE, alpha=opacity, linewidth=0)
        for edge in (0, -1):
            ax.plot(picture.rounds, columns[edge], color=GREY, linewidth=0.8, linestyle=":")
        ax.axhline(0.0, color="black", linewidth=0.6)
