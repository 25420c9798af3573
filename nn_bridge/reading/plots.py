"""Pictures of a recorded network. The run computes the numbers (`run.latent`, `run.histogram`); here they are drawn."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nn_bridge.pictures.kernel_regime import kernel_regime
from nn_bridge.pictures.value_histograms import ValueHistograms, value_histograms
from nn_bridge.reading.net_run import NetRun
from treedebug.core.errors import ConfigError, NotRecordedError, StoreError, missing_extra
from treedebug.pictures.picture import NoPicture

_MAX_LEGEND = 20
"""More classes than that get a colour bar: so many colours look alike."""
_NAMED_COLOURS = 10
_FAINTEST = 0.25
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

    bands = value_histograms(run, layer, kind)
    if isinstance(bands, NoPicture):
        raise NotRecordedError(bands.reason)
    labels = _row_labels(bands)
    shares = np.ma.masked_equal(bands.share * 100.0, 0.0)
    # The root shows the rare beside the many: zeros often have a third of all values to themselves.
    scale = PowerNorm(0.5, vmin=0.0)
    columns = np.arange(len(bands.steps) + 1) - 0.5
    rows = np.arange(len(labels) + 1) - 0.5
    drawn = axes.pcolormesh(columns, rows, shares.T, cmap="viridis", norm=scale)
    at = range(0, len(bands.steps), -(-len(bands.steps) // _MOST_TICKS))
    axes.set_xticks(at, [f"{bands.steps[i]:,}" for i in at])
    every = -(-len(labels) // (2 * _MOST_TICKS))
    shown = [i for i in range(len(labels)) if (i - bands.zero) % every == 0]
    axes.set_yticks(shown, [labels[i] for i in shown])
    axes.set_title(f"{layer}: {kind} by size, {_span(bands.steps)}")
    axes.set(
        xlabel="step of the optimiser (a column each that was recorded)",
        ylabel=f"{kind} (octaves, by their smaller end)",
    )
    figure.colorbar(drawn, ax=axes, label="share of the values, % (white: none)")
    return _written(figure, path)


def kernel_picture(run: NetRun, path: str | os.PathLike[str]) -> Path:
    """Draw how the tangent kernel moved (`TorchRecorder(..., kernel=...)`): movement, what is still linear, labels.

    Return the path written. Raise NotRecordedError where the kernel was not looked at; otherwise as `latent_picture`.
    """
    found = kernel_regime(run)
    if isinstance(found, NoPicture):
        raise NotRecordedError(found.reason)
    panels = [(text, c) for text, c in (
        ("since the start", found.movement), ("still linear (R2)", found.linear), ("labels", found.labels),
    ) if c.layers]  # fmt: skip
    figure, _ = _canvas()
    figure.clear()
    figure.set_size_inches(4.2 * len(panels), 3.6)
    for place, (text, curves) in enumerate(panels, 1):
        axes = figure.add_subplot(1, len(panels), place)
        for k, name in enumerate(curves.layers):
            axes.plot(curves.steps, curves.values[:, k], marker="o", markersize=3, label=name)
        axes.set_xscale("symlog", linthresh=10)
        axes.set(xlabel="step of the optimiser", title=text)
        axes.legend(frameon=False, fontsize="small")
    return _written(figure, path)


def _row_labels(picture: ValueHistograms) -> list[str]:
    """Return the smaller end of each row, as mathematics."""
    smallest = min((k for k, sign in zip(picture.octaves, picture.signs, strict=True) if sign), default=0)
    middle = f"0, or under $2^{{{smallest}}}$" if picture.has_small else "0"
    signs = {-1: "-", 1: ""}
    return [
        f"${signs[sign]}2^{{{k}}}$" if sign else middle for sign, k in zip(picture.signs, picture.octaves, strict=True)
    ]


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


__all__ = ["histogram_picture", "kernel_picture", "latent_picture"]
