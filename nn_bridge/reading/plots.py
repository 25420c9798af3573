"""Pictures of a recorded network. The run computes the numbers (`run.latent`, `run.histogram`); here they are drawn."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nn_bridge.reading.net_run import NetRun
from treedebug.core.errors import ConfigError, StoreError, missing_extra

_MAX_LEGEND = 20
"""More classes than that get a colour bar: so many colours look alike."""
_NAMED_COLOURS = 10
_FAINTEST = 0.25
_RARE = 0.005
"""Values so small that no step has this share of them in their octave, or below it, are drawn with the zeros."""
_MOST_TICKS = 9
_UNKNOWN = "0.6"
_DPI = 120


def latent_picture(
    run: NetRun, layer: str, path: str | os.PathLike[str], *, max_rows: int = 2000, seed: int = 0
) -> Path:
    """Draw `run.latent(layer)`: a point a row, coloured by class (grey: unknown), the fainter the earlier its step.

    Return the path written.
    The suffix of `path` names the format (.png without one). Raises what `run.latent` raises, MissingExtraError
    without matplotlib, ConfigError for a format it does not know, StoreError where the file cannot be written.
    """
    figure, axes = _canvas()
    points = run.latent(layer, max_rows=max_rows, seed=seed)
    classes = sorted(points["class"].unique())
    if len(classes) <= _MAX_LEGEND:
        _points_a_class(axes, points, classes)
    else:
        drawn = axes.scatter(points["x"], points["y"], c=points["class"], s=12, cmap="turbo", linewidths=0)
        figure.colorbar(drawn, ax=axes, label="class")
    earlier = " (fainter: earlier)" if points["step"].min() < points["step"].max() else ""
    axes.set_title(f"Layer {layer}: activations of {len(points):,} rows, {_span(points['step'])}{earlier}")
    axes.set(xlabel="t-SNE, first dimension (no unit)", ylabel="t-SNE, second dimension (no unit)")
    return _written(figure, path)


def histogram_picture(run: NetRun, layer: str, kind: str, path: str | os.PathLike[str]) -> Path:
    """Draw `run.histogram(layer, kind)` over the steps: each column a step, its colour the share of the values.

    Values stand by powers of two, the negative ones below. Returns the path written. Raises what `run.histogram`
    raises, and otherwise as `latent_picture`.
    """
    figure, axes = _canvas()
    from matplotlib.colors import PowerNorm  # noqa: PLC0415 - optional

    bands = _Bands.of(run.histogram(layer, kind))
    shares = np.ma.masked_equal(bands.shares * 100.0, 0.0)
    # The root shows the rare beside the many: zeros often have a third of all values to themselves.
    scale = PowerNorm(0.5, vmin=0.0)
    columns = np.arange(len(bands.steps) + 1) - 0.5
    rows = np.arange(len(bands.labels) + 1) - 0.5
    drawn = axes.pcolormesh(columns, rows, shares.T, cmap="viridis", norm=scale)
    at = range(0, len(bands.steps), -(-len(bands.steps) // _MOST_TICKS))
    axes.set_xticks(at, [f"{bands.steps[i]:,}" for i in at])
    every = -(-len(bands.labels) // (2 * _MOST_TICKS))
    shown = [i for i in range(len(bands.labels)) if (i - bands.zero) % every == 0]
    axes.set_yticks(shown, [bands.labels[i] for i in shown])
    axes.set_title(f"{layer}: {kind} by size, {_span(bands.steps)}")
    axes.set(
        xlabel="step of the optimiser (a column each that was recorded)",
        ylabel=f"{kind} (octaves, by their smaller end)",
    )
    figure.colorbar(drawn, ax=axes, label="share of the values, % (white: none)")
    return _written(figure, path)


@dataclass(frozen=True)
class _Bands:
    """Rows of the heat map from the most negative octave over zero to the largest one."""

    steps: NDArray[np.int64]
    labels: list[str]
    zero: int
    """The row of the zeros, and of values too small and too rare to have a row."""
    shares: NDArray[np.float64]
    """(n_steps, n_rows) of the values counted in a step."""

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        sign = np.sign(frame["low"] + frame["high"]).astype(int)
        edge = frame[["low", "high"]].abs().min(axis=1).to_numpy()
        octave = np.log2(edge, where=edge > 0, out=np.zeros(len(edge))).round().astype(int)
        share = frame["count"] / frame.groupby("step")["count"].transform("sum")
        smallest, largest = _range(octave[sign != 0], share[sign != 0], frame["step"][sign != 0])
        row = np.where((sign == 0) | (octave < smallest), 0, sign * (octave - smallest + 1))
        n = largest - smallest + 1
        table = _table(share, frame["step"], row)
        below, above = (n if (sign == side).any() else 0 for side in (-1, 1))
        table = table.reindex(columns=range(-below, above + 1), fill_value=0.0)
        octaves = range(smallest, largest + 1)
        middle = f"0, or under $2^{{{smallest}}}$" if (octave[sign != 0] < smallest).any() else "0"
        labels = [
            *(f"$-2^{{{k}}}$" for k in reversed(octaves)),
            middle,
            *(f"$2^{{{k}}}$" for k in octaves),
        ]
        return cls(table.index.to_numpy(), labels[n - below : n + above + 1], below, table.to_numpy())


def _range(octave: NDArray[np.int64], share: pd.Series, step: pd.Series) -> tuple[int, int]:
    """Return the octaves to draw: up to the largest, from the smallest that is not rare with all below it."""
    if not len(octave):
        return 0, -1
    table = _table(share, step, octave)
    matters = table.columns.to_numpy()[(table.cumsum(axis=1) >= _RARE).any().to_numpy()]
    return int(matters[0] if len(matters) else octave.max()), int(octave.max())


def _table(share: pd.Series, step: pd.Series, row: NDArray[np.int64]) -> pd.DataFrame:
    """Return the shares, a row a step and a column a row of the picture."""
    return pd.crosstab(step, row, values=share, aggfunc="sum").fillna(0.0)


def _canvas() -> tuple[Any, Any]:
    """Return a new figure; neither pyplot's state nor the user's backend is touched."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise missing_extra("matplotlib", "plots") from error
    figure = Figure(figsize=(8, 5.5), layout="constrained")
    return figure, figure.add_subplot()


def _points_a_class(axes: Any, points: pd.DataFrame, classes: list[int]) -> None:
    from matplotlib import colormaps  # noqa: PLC0415 - optional

    colours = colormaps["tab10" if len(classes) <= _NAMED_COLOURS else "tab20"]
    opacity = points["step"].rank(method="dense", pct=True) * (1.0 - _FAINTEST) + _FAINTEST
    for place, label in enumerate(classes):
        some = points[points["class"] == label]
        colour, name = (_UNKNOWN, "unknown") if label < 0 else (colours(place), str(label))
        axes.scatter(some["x"], some["y"], s=14, color=colour, linewidths=0, alpha=opacity[some.index])
        axes.scatter([], [], s=14, color=colour, linewidths=0, label=f"{name} ({len(some):,})")
    axes.legend(title="class (rows)", loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, markerscale=1.8)


def _span(steps: Any) -> str:
    first, last = int(np.min(steps)), int(np.max(steps))
    return f"step {first:,}" if first == last else f"steps {first:,} to {last:,}"


def _written(figure: Any, path: str | os.PathLike[str]) -> Path:
    where = Path(path)
    where = where if where.suffix else where.with_suffix(".png")
    try:
        figure.savefig(where, dpi=_DPI)
    except ValueError as error:
        raise ConfigError(f"{where.name!r} cannot be drawn: {error}") from error
    except OSError as error:
        raise StoreError(f"the picture {str(where)!r} cannot be written: {error}") from error
    return where


__all__ = ["histogram_picture", "latent_picture"]
