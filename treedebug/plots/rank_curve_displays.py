"""ROC and precision-recall curves, drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding
from treedebug.pictures.picture import AnyRun
from treedebug.pictures.roc import PrecisionRecall, RankCurve, Roc, precision_recall, roc
from treedebug.plots.display import COLOURS, GREY, Display, mark_whole, tidy, words

BEST_STYLE = {"linestyle": "--", "linewidth": 1.0}


def shown_curves(curves: Iterable[Any], dataset: str | None) -> list[Any]:
    """Return the curves of a dataset, by default the first; the last round before the best. Raise ConfigError."""
    found = list(curves)
    name = found[0].dataset if dataset is None else dataset
    chosen = [c for c in found if c.dataset == name]
    if len({c.class_index for c in chosen}) > 1:  # both rounds of many classes are too many lines
        chosen = [c for c in chosen if c.role == "last"]
    if not chosen:
        known = ", ".join(dict.fromkeys(c.dataset for c in found))
        raise ConfigError(f"predictions are recorded of {known}; got {name!r}")
    return chosen


def curve_style(curve: Any, curves: list[Any]) -> tuple[dict[str, Any], str]:
    """Return the line style and the label of one of the curves: a colour a class, dashed for the best round."""
    classes = list(dict.fromkeys(c.class_index for c in curves))
    style: dict[str, Any] = {"color": COLOURS[classes.index(curve.class_index) % len(COLOURS)], "linewidth": 1.6}
    if curve.role == "best":
        style |= BEST_STYLE
    where = f"{curve.role} round, {curve.round_index:,}"
    return style, where if len(classes) == 1 else f"class {curve.class_index}"


class _RankDisplay(Display[Any]):
    size = (4.8, 4.4)

    def _draw(self, dataset: str | None, ax: Any, kwargs: dict[str, Any], area: str) -> list[RankCurve]:
        curves: list[RankCurve] = shown_curves(self.picture.curves, dataset)
        ax = self._begin(ax)
        self.lines_ = []
        for curve in curves:
            style, label = curve_style(curve, curves)
            text = f"{label}: {area} {curve.area:.3g}"
            how = {"drawstyle": "steps-post"} if area == "AP" else {}
            self.lines_ += ax.plot(curve.x, curve.y, **{**style, **how, "label": text, **kwargs})
            if curve.half is not None and curve.role == "last":
                ax.plot(*curve.half, "o", color=style["color"], markersize=6, label="probability over one half")
        ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
        mark_whole(ax, self.marks)
        return curves


class RocDisplay(_RankDisplay):
    """ROC curves of the last and of the best round."""

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without predictions of classes."""
        return cls._of(run, roc, findings)

    picture: Roc

    def plot(self, *, dataset: str | None = None, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the curves of the last validation set, or of another; `kwargs` go to `ax.plot` of each."""
        curves = self._draw(dataset, ax, kwargs, "area")
        self.ax_.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
        tidy(
            self.ax_, title=f"ROC on {words(curves[0].dataset, 24)} ({curves[0].n_rows:,} rows)",
            x="false positive rate", y="true positive rate",
        )  # fmt: skip
        self.ax_.legend(frameon=False, fontsize="small", loc="lower right")
        return self


class PrecisionRecallDisplay(_RankDisplay):
    """Precision-recall curves of the last and of the best round; dotted, the precision of guessing."""

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without predictions of classes."""
        return cls._of(run, precision_recall, findings)

    picture: PrecisionRecall

    def plot(self, *, dataset: str | None = None, ax: Any = None, **kwargs: Any) -> Self:
        """Draw the curves of the last validation set, or of another; `kwargs` go to `ax.plot` of each."""
        curves = self._draw(dataset, ax, kwargs, "AP")
        for curve in curves:
            if curve.role == "last":
                colour = curve_style(curve, curves)[0]["color"]
                self.ax_.axhline(curve.share, color=colour, linewidth=0.8, linestyle=":")
        tidy(
            self.ax_, title=f"Precision and recall on {words(curves[0].dataset, 24)}", x="recall", y="precision",
        )  # fmt: skip
        self.ax_.legend(frameon=False, fontsize="small")
        return self
