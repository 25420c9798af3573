"""Norms and activations of the layers, drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self, TypeVar

from nn_bridge.pictures.activation_shares import ActivationShares, activation_shares
from nn_bridge.pictures.kernel_regime import KernelRegime, kernel_regime
from nn_bridge.pictures.layer_norms import LayerCurves, LayerNorms, layer_norms
from treedebug.core.findings import Finding
from treedebug.pictures.picture import AnyRun, Picture
from treedebug.plots.display import COLOURS, SEVERITY_COLOURS, Display, tidy, words

P = TypeVar("P", bound=Picture)
_FEW = len(COLOURS)


class _LayersDisplay(Display[P]):
    """Panels of a line a layer; `lines_` by panel and layer."""

    size = (7.0, 7.5)

    def _draw(self, ax: Any, panels: dict[str, str], *, is_log: bool, kwargs: dict[str, Any]) -> None:
        curves: dict[str, LayerCurves] = {name: getattr(self.picture, name) for name in panels}
        shown = {name: c for name, c in curves.items() if c.layers and len(c.steps)}
        self.axes_ = dict(zip(shown, self._panels(ax, max(len(shown), 1)), strict=False))
        self.lines_: dict[tuple[str, str], Any] = {}
        for name, found in shown.items():
            self._panel(self.axes_[name], name, found, kwargs)
            tidy(self.axes_[name], title=panels[name])
            if is_log and (found.values > 0).any():
                self.axes_[name].set_yscale("log")
            elif not is_log:
                self.axes_[name].set_ylim(-0.02, 1.02)
        if self.axes_:
            list(self.axes_.values())[-1].set_xlabel("step")

    def _panel(self, ax: Any, name: str, curves: LayerCurves, kwargs: dict[str, Any]) -> None:
        marked = {layer: m for m in self.marks if m.panel in ("", name) for layer in m.names}
        n = len(curves.layers)
        for k, layer in enumerate(curves.layers):
            mark = marked.get(layer)
            style: dict[str, Any] = {
                "color": COLOURS[k % _FEW] if n <= _FEW else (0.0, 0.45, 0.7, 0.25 + 0.75 * k / (n - 1))
            }
            if mark is not None:
                style = {"color": SEVERITY_COLOURS[mark.severity], "linewidth": 2.5}
            is_named = n <= _FEW or mark is not None or k in (0, n - 1)
            label = words(layer, 24) + (f" ({mark.code})" if mark is not None else "")
            marker = "." if len(curves.steps) == 1 else None
            (self.lines_[name, layer],) = ax.plot(
                curves.steps, curves.values[:, k],
                **{"linewidth": 1.3, "marker": marker, **style, "label": label if is_named else None, **kwargs},
            )  # fmt: skip
        ax.legend(frameon=False, fontsize="x-small", loc="center left", bbox_to_anchor=(1.0, 0.5))


class LayerNormsDisplay(_LayersDisplay[LayerNorms]):
    """Gradients, weights and updates of the layers by step, one above the other."""

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without tensors."""
        return cls._of(run, layer_norms, findings)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the panels, `axes_` by name; `kwargs` go to `ax.plot` of each layer."""
        panels = {
            "gradient": "Gradient (Euclidean norm)",
            "weight": "Weights (Euclidean norm)",
            "update_ratio": "Update by weights" + (" (shaded: the usual range)" if self.picture.usual else ""),
        }
        self._draw(ax, panels, is_log=True, kwargs=kwargs)
        if "update_ratio" in self.axes_ and self.picture.usual:
            self.axes_["update_ratio"].axhspan(*self.picture.usual, color="#009e73", alpha=0.12, linewidth=0)
        return self


class ActivationSharesDisplay(_LayersDisplay[ActivationShares]):
    """Silent units, zeros and saturated entries of the layers by step, one above the other."""

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without activations."""
        return cls._of(run, activation_shares, findings)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the panels that have a layer, `axes_` by name; `kwargs` go to `ax.plot` of each layer."""
        panels = {
            "silent": "Silent units (0 on every row of the batch)",
            "zero": "Entries that are exactly 0",
            "saturated": "Saturated entries (squashed flat by tanh or sigmoid)",
        }
        self._draw(ax, panels, is_log=False, kwargs=kwargs)
        return self


class KernelRegimeDisplay(_LayersDisplay[KernelRegime]):
    """How the tangent kernel moved, what is still linear, and what ridge regression on it reaches, by step."""

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without `TorchRecorder(..., kernel=...)`."""
        return cls._of(run, kernel_regime, findings)

    def plot(self, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the panels that have a curve, `axes_` by name; `kwargs` go to `ax.plot` of each curve."""
        panels = {
            "movement": "Movement since the start",
            "linear": "What is still linear (R2; below 0 drawn as 0)",
            "labels": "Labels: ridge regression on the kernel, and its alignment",
        }
        self._draw(ax, panels, is_log=False, kwargs=kwargs)
        if "movement" in self.axes_:
            self.axes_["movement"].set_ylim(auto=True)
            self.axes_["movement"].autoscale(axis="y")
        return self
