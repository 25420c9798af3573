"""Sizes of the values of a tensor over the steps, drawn."""

from __future__ import annotations

import functools
from typing import Any, Self

import numpy as np

from nn_bridge.pictures.value_histograms import ValueHistograms, value_histograms
from treedebug.pictures.picture import AnyRun
from treedebug.plots.display import Display, tidy, words

_MOST_TICKS = 9


class ValueHistogramsDisplay(Display[ValueHistograms]):
    """A column a step, its colour the share of the values; by powers of two, the negative ones below."""

    size = (8.0, 5.5)

    @classmethod
    def from_run(cls, run: AnyRun, layer: str, kind: str) -> Self:
        """Return the display of a layer's weight, gradient or activation. Raise NotRecordedError without histograms."""
        return cls._of(run, functools.partial(value_histograms, layer=layer, kind=kind))

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the histograms; `kwargs` go to `ax.pcolormesh`."""
        picture, ax = self.picture, self._begin(ax)
        from matplotlib.colors import PowerNorm  # noqa: PLC0415 - optional

        labels = row_labels(picture)
        shares = np.ma.masked_equal(picture.share * 100.0, 0.0)
        # The root shows the rare beside the many: zeros often have a third of all values to themselves.
        style = {"cmap": "viridis", "norm": PowerNorm(0.5, vmin=0.0), **kwargs}
        columns = np.arange(len(picture.steps) + 1) - 0.5
        self.mesh_ = ax.pcolormesh(columns, np.arange(len(labels) + 1) - 0.5, shares.T, **style)
        at = range(0, len(picture.steps), -(-len(picture.steps) // _MOST_TICKS))
        ax.set_xticks(at, [f"{picture.steps[i]:,}" for i in at])
        every = -(-len(labels) // (2 * _MOST_TICKS))
        shown = [i for i in range(len(labels)) if (i - picture.zero) % every == 0]
        ax.set_yticks(shown, [labels[i] for i in shown])
        tidy(
            ax, title=f"{words(picture.layer)}: {words(picture.kind)} by size, {span(picture.steps)}",
            x="step of the optimiser (a column each that was recorded)",
            y=f"{words(picture.kind)} (octaves, by their smaller end)",
        )  # fmt: skip
        self.figure_.colorbar(self.mesh_, ax=ax, label="share of the values, % (white: none)")
        return self


def row_labels(picture: ValueHistograms) -> list[str]:
    """Return the smaller end of each row, as mathematics."""
    smallest = min((k for k, sign in zip(picture.octaves, picture.signs, strict=True) if sign), default=0)
    middle = f"0, or under $2^{{{smallest}}}$" if picture.has_small else "0"
    signs = {-1: "-", 1: ""}
    return [
        f"${signs[sign]}2^{{{k}}}$" if sign else middle for sign, k in zip(picture.signs, picture.octaves, strict=True)
    ]


def span(steps: Any) -> str:
    """Return "step 7", or "steps 0 to 350"."""
    first, last = int(np.min(steps)), int(np.max(steps))
    return f"step {first:,}" if first == last else f"steps {first:,} to {last:,}"
