"""Pictures of a recorded network as files: the displays, drawn where neither pyplot nor a screen is touched."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nn_bridge.plots.latent_space_display import LatentSpaceDisplay
from nn_bridge.plots.layer_displays import KernelRegimeDisplay
from nn_bridge.plots.value_histograms_display import ValueHistogramsDisplay
from treedebug.core.errors import ConfigError, StoreError, missing_extra
from treedebug.pictures.picture import AnyRun
from treedebug.plots.display import Display

_DPI = 120


def latent_picture(
    run: AnyRun, layer: str, path: str | os.PathLike[str], *, max_rows: int = 2000, seed: int = 0
) -> Path:
    """Draw `run.latent(layer)` as `LatentSpaceDisplay` does; return the path written.

    The suffix of `path` names the format (.png without one). Raise NotRecordedError where no rows were probed,
    MissingExtraError without matplotlib or scikit-learn, ConfigError for a format matplotlib does not know, StoreError
    where the file cannot be written.
    """
    return _written(LatentSpaceDisplay.from_run(run, layer, max_rows=max_rows, seed=seed), path)


def histogram_picture(run: AnyRun, layer: str, kind: str, path: str | os.PathLike[str]) -> Path:
    """Draw `run.histogram(layer, kind)` as `ValueHistogramsDisplay` does; return the path written.

    Raise NotRecordedError, with "did you mean", where there is none, and otherwise what `latent_picture` raises.
    """
    return _written(ValueHistogramsDisplay.from_run(run, layer, kind), path)


def kernel_picture(run: AnyRun, path: str | os.PathLike[str]) -> Path:
    """Draw how the tangent kernel moved (`TorchRecorder(..., kernel=...)`) as `KernelRegimeDisplay` does.

    Return the path written. Raise NotRecordedError where the kernel was not looked at; otherwise as `latent_picture`.
    """
    return _written(KernelRegimeDisplay.from_run(run), path)


def _written(display: Display[Any], path: str | os.PathLike[str]) -> Path:
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise missing_extra("matplotlib", "plots") from error
    where = Path(path)
    where = where if where.suffix else where.with_suffix(".png")
    figure = Figure(figsize=display.size, layout="constrained")
    display.plot(ax=figure.add_subplot())  # type: ignore[attr-defined]
    try:
        figure.savefig(where, dpi=_DPI)
    except ValueError as error:
        raise ConfigError(f"{where.name!r} cannot be drawn: {error}") from error
    except OSError as error:
        raise StoreError(f"the picture {str(where)!r} cannot be written: {error}") from error
    return where
