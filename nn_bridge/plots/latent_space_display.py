"""The latent space of a layer, drawn."""

from __future__ import annotations

import functools
from typing import Any, Self

import numpy as np

from nn_bridge.pictures.latent_space import MOST_ROWS, LatentSpace, latent_space
from nn_bridge.plots.value_histograms_display import span
from treedebug.pictures.picture import AnyRun
from treedebug.plots.display import COLOURS, GREY, Display, tidy, words

_MOST_NAMED = 20
"""More classes than that get a colour bar: so many colours look alike."""
_FAINTEST = 0.25


class LatentSpaceDisplay(Display[LatentSpace]):
    """A point a row, coloured by class (grey: unknown), the fainter the earlier its step."""

    size = (8.0, 5.5)

    @classmethod
    def from_run(cls, run: AnyRun, layer: str, *, max_rows: int = MOST_ROWS, seed: int = 0) -> Self:
        """Return the display of a layer. Raise NotRecordedError where no rows were probed."""
        return cls._of(run, functools.partial(latent_space, layer=layer, most=max_rows, seed=seed))

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the points; `kwargs` go to `ax.scatter` of each class."""
        picture, ax = self.picture, self._begin(ax)
        classes = sorted(set(picture.classes.tolist()))
        if len(classes) <= _MOST_NAMED:
            self._draw_classes(ax, classes, kwargs)
        else:
            style = {"s": 12, "cmap": "turbo", "linewidths": 0, **kwargs}
            self.points_ = {-1: ax.scatter(picture.x, picture.y, c=picture.classes, **style)}
            self.figure_.colorbar(self.points_[-1], ax=ax, label="class")
        earlier = " (fainter: earlier)" if len(set(picture.steps.tolist())) > 1 else ""
        tidy(
            ax, title=f"Layer {words(picture.layer)}: {len(picture.x):,} rows, {span(picture.steps)}{earlier}",
            x="t-SNE, first dimension (no unit)", y="t-SNE, second dimension (no unit)",
        )  # fmt: skip
        return self

    def _draw_classes(self, ax: Any, classes: list[int], kwargs: dict[str, Any]) -> None:
        from matplotlib import colormaps  # noqa: PLC0415 - optional

        picture = self.picture
        places = np.unique(picture.steps, return_inverse=True)[1]
        opacity = _FAINTEST + (1.0 - _FAINTEST) * (places + 1) / (places.max() + 1)
        colours = COLOURS if len(classes) <= len(COLOURS) else colormaps["tab20"](range(_MOST_NAMED))
        self.points_ = {}
        for place, label in enumerate(classes):
            own = picture.classes == label
            colour, name = (GREY, "unknown") if label < 0 else (colours[place], str(label))
            style = {"s": 14, "color": colour, "linewidths": 0, **kwargs}
            self.points_[label] = ax.scatter(picture.x[own], picture.y[own], alpha=opacity[own], **style)
            ax.scatter([], [], **style, label=f"{name} ({int(own.sum()):,})")
        ax.legend(title="class (rows)", loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, markerscale=1.8)
