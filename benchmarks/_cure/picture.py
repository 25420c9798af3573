"""What each cure brought on each table, as one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "cure"

from matplotlib import pyplot as plt  # noqa: E402 - the backend comes first

COLOURS = {"xgboost": "#1f77b4", "lightgbm": "#2a9d5c"}
PANELS = (
    ("fix", "fix: loss against early stopping, %"),
    ("slim", "slim: leaves, %"),
    ("smaller", "--goal smaller: leaves, %"),
)


def drawn(cells: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write a row a table and a dot a run: filled where something was kept, empty where the stopped model stands."""
    names = sorted(
        {c["table"] for c in cells}, key=lambda n: np.mean([c["fix"]["relative"] for c in cells if c["table"] == n])
    )
    figure, axes = plt.subplots(1, 3, figsize=(10, 0.24 * len(names) + 1.2), sharey=True, layout="constrained")
    for axis, (cure, title) in zip(axes, PANELS, strict=True):
        for cell in cells:
            facts = cell[cure]
            x = 100 * (facts["relative"] if cure == "fix" else facts["leaves"])
            colour = COLOURS[cell["library"]]
            kept = facts["z"] != 0
            worse = facts["z"] > 2
            axis.plot(
                x, names.index(cell["table"]), marker="x" if worse else "o", ms=5, mec=colour, ls="",
                mfc=colour if kept else "none",
            )  # fmt: skip
        axis.axvline(0 if cure == "fix" else 100, color="0.6", lw=0.8, zorder=0)
        axis.set_title(title, fontsize=9)
        axis.grid(axis="y", color="0.92")
        axis.tick_params(labelsize=8)
    axes[0].set_yticks(range(len(names)), names)
    for library, colour in COLOURS.items():
        axes[2].plot([], [], "o", color=colour, label=library)
    axes[2].plot([], [], "o", mec="0.4", mfc="none", label="nothing kept")
    axes[2].plot([], [], "x", color="0.4", label="worse beyond 2 se")
    axes[2].legend(fontsize=7, loc="lower right")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
