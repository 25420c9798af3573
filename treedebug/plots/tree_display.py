"""One tree, drawn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from treedebug.pictures.one_tree import OneTree, one_tree
from treedebug.pictures.picture import AnyRun
from treedebug.plots.display import BLUE, GREY, RED, Display, drawn, words

_MOST_NAMED = 31
"""Splits whose condition is written out; of a larger tree the sizes of the nodes tell."""


class OneTreeDisplay(Display[OneTree]):
    """A tree with its splits, gains and leaf values: the line to a child is as wide as the child is heavy."""

    @classmethod
    def from_run(cls, run: AnyRun, round_index: int, tree: int = 0) -> Self:
        """Return the display of a tree of a round. Raise NotRecordedError where it is not recorded."""
        return cls(drawn(one_tree(run, round_index, tree)))

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the tree; `kwargs` go to `ax.scatter` of the leaves."""
        t = self.picture
        leaf = np.isnan(t.gain)
        n_leaves, deepest = int(leaf.sum()), int(t.depth.max(initial=0))
        self.size = (max(6.0, min(0.62 * n_leaves, 16.0)), 1.4 + 0.85 * (deepest + 1))
        ax = self._begin(ax)
        root = max(float(t.sum_hessian[0]), 1e-300)
        share = np.nan_to_num(t.sum_hessian / root)
        for i in np.flatnonzero(t.parent >= 0):
            p = t.parent[i]
            ax.plot([t.x[p], t.x[i]], [-t.depth[p], -t.depth[i]], color=GREY, linewidth=0.5 + 5 * share[i], alpha=0.5,
                    zorder=1, solid_capstyle="round")  # fmt: skip
        worst = max(float(np.nanmax(np.abs(t.value), initial=0.0)), 1e-300)
        style = {"c": t.value[leaf], "cmap": "coolwarm", "vmin": -worst, "vmax": worst, "s": 60, "edgecolors": GREY}
        self.leaves_ = ax.scatter(t.x[leaf], -t.depth[leaf], zorder=3, **{**style, **kwargs})
        ax.scatter(t.x[~leaf], -t.depth[~leaf], s=14, color=BLUE, zorder=3)
        self.figure_.colorbar(self.leaves_, ax=ax, label="leaf value", shrink=0.6, pad=0.01)
        if int((~leaf).sum()) <= _MOST_NAMED:
            for i in np.flatnonzero(~leaf):
                text = f"{words(t.condition[i], 22)}\ngain {t.gain[i]:.3g}"
                box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
                ax.text(t.x[i], -t.depth[i] + 0.12, text, ha="center", va="bottom", fontsize="x-small", bbox=box,
                        zorder=4)  # fmt: skip
        for i in np.flatnonzero(t.n_hidden > 0):
            ax.text(t.x[i], -t.depth[i] - 0.2, f"+{t.n_hidden[i]:,}", ha="center", fontsize="x-small", color=RED)
        which = f", tree {t.tree} of {t.n_trees}" if t.n_trees > 1 else ""
        title = f"Round {t.round_index:,}{which}: {n_leaves} leaves, depth {deepest}; yes to the left"
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set(xlim=(-0.03, 1.03), ylim=(-deepest - 0.5, 0.8))
        ax.set_axis_off()
        return self
