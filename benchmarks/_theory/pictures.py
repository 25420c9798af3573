"""The pictures of docs/theory: real second descents, and a net that learns features beside one that does not."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import xgboost as xgb
from matplotlib.figure import Figure

import nn_bridge
from _theory import descents, regimes
from treedebug.signals.curves.patience import kept_at

mpl.rcParams["svg.hashsalt"] = "treedebug"
_PLAIN = {"Date": None}
BLUE, ORANGE = "#0072b2", "#d55e00"


def draw(folder: Path) -> list[Path]:
    """Write all pictures; return their paths."""
    return [_second_descents(folder / "second-descent.svg"), *_kernels(folder)]


def _second_descents(path: Path) -> Path:
    figure = Figure(figsize=(10, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for kind, colour in (("two scales", ORANGE), ("scaled", BLUE)):
        curve = descents.descent(f"{kind}, seed 2")["valid"]
        best = int(curve.argmin())
        left.plot(14 * (1 + np.arange(len(curve))), curve, color=colour, label=f"{kind}: best {curve[best]:.2f}")
        left.plot([14 * (best + 1)], [curve[best]], "o", color=colour)
    left.set(
        xscale="log",
        yscale="log",
        xlabel="step",
        ylabel="validation loss",
        title="A linear net, features on two scales",
    )
    left.legend(frameon=False)
    (X, y), (Xv, yv) = (descents.signs(20, 1000, 3, seed) for seed in (0, 100))
    found: dict[str, dict[str, list[float]]] = {}
    data, valid = xgb.DMatrix(X, y), xgb.DMatrix(Xv, yv)
    params = {"max_depth": 3, "eta": 0.3, "nthread": 1, "seed": 0}
    xgb.train(params, data, 300, evals=[(valid, "valid")], evals_result=found, verbose_eval=False)
    curve = np.asarray(found["valid"]["rmse"])
    right.plot(curve, color=BLUE)
    kept, _ = kept_at(curve, 10)
    right.plot([kept], [curve[kept]], "o", color=ORANGE)
    right.annotate(
        f"a patience of 10 keeps {curve[kept]:.2f}", (kept, curve[kept]), (12, -14), textcoords="offset points"
    )
    best = int(curve.argmin())
    right.plot([best], [curve[best]], "o", color=BLUE)
    right.annotate(f"best, {curve[best]:.2f}", (best, curve[best]), (-30, 10), textcoords="offset points")
    right.set(xlabel="round", ylabel="validation rmse", title="A booster, and a product of three signs")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata=_PLAIN)
    return path


def _kernels(folder: Path) -> list[Path]:
    """Draw the course of the kernel of a narrow and of a wide net, with momentum."""
    paths = []
    for name, file in (("standard, 32 wide", "kernel-features"), ("standard, 256 wide, output x 10", "kernel-lazy")):
        run = regimes.trained(name, "momentum")["run"]
        paths.append(nn_bridge.kernel_picture(run, folder / f"{file}.png"))
    return paths
