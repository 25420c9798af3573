"""Saliency, drawn."""

from __future__ import annotations

from typing import Any, Self

from nn_bridge.pictures.saliency import Saliency, saliency
from treedebug.pictures.picture import AnyRun
from treedebug.plots.display import BLUE, Display, tidy


class SaliencyDisplay(Display[Saliency]):
    """The inputs that the output follows most; of images and sequences the mean map."""

    size = (7.0, 5.0)

    @classmethod
    def from_run(cls, run: AnyRun) -> Self:
        """Return the display of the latest probe. Raise NotRecordedError where no rows were probed."""
        return cls._of(run, saliency)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the bars, or the map; `kwargs` go to `ax.barh`, or to `ax.imshow`."""
        picture, ax = self.picture, self._begin(ax)
        if picture.inputs:
            at = range(len(picture.inputs))
            self.bars_ = ax.barh(at, picture.strength, **{"color": BLUE, **kwargs})
            ax.set_yticks(at, picture.inputs)
            ax.invert_yaxis()
            tidy(
                ax, title=f"How far the output moves as an input moves by its standard deviation, step {picture.step:,}"
            )
            return self
        self.image_ = ax.imshow(picture.mean_map, **{"cmap": "viridis", **kwargs})
        self.figure_.colorbar(self.image_, ax=ax, label="mean size of the gradient")
        tidy(ax, title=f"Where the output follows the input: {picture.n_rows:,} rows, step {picture.step:,}")
        return self
