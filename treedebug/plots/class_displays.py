"""Classes, drawn: their curves over the rounds, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding
from treedebug.pictures.class_curves import ClassCurves, ClassesOf, class_curves
from treedebug.pictures.confusion import OTHERS, Confusion, ConfusionOf, confusion
from treedebug.pictures.picture import AnyRun
from treedebug.plots.display import COLOURS, GREY, Display, mark_rounds, mark_ticks, mark_whole, tidy, words

_NAMED = 6
"""Classes drawn in a colour of their own: the worst; others are grey."""
_MOST_NUMBERS = 12
_DARK = 0.55


def of_dataset(entries: Iterable[Any], dataset: str | None, role: str | None = None) -> Any:
    """Return the entry of a dataset, by default the first; of a `role` where given. Raise ConfigError."""
    found = list(entries)
    fitting = [e for e in found if dataset in (None, e.dataset) and role in (None, getattr(e, "role", None))]
    if not fitting:
        known = ", ".join(dict.fromkeys(f"{e.dataset} {getattr(e, 'role', '')}".strip() for e in found))
        raise ConfigError(f"there is {known}; got {' '.join(w for w in (dataset, role) if w)}")
    return fitting[0]


class ClassCurvesDisplay(Display[ClassCurves]):
    """Recall, precision and share of each class over the rounds."""

    size = (10.0, 3.4)

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without a class balance."""
        return cls._of(run, class_curves, findings)

    def plot(self, *, dataset: str | None = None, ax: Any = None, **kwargs: Any) -> Self:
        """Draw three panels, `axes_`, of the last validation set or another; `kwargs` go to `ax.plot`."""
        shown: ClassesOf = of_dataset(self.picture.datasets, dataset)
        self.axes_ = self._panels(ax, 1, 3)
        self.lines_ = []
        marked = {name for m in self.marks for name in m.names}
        many = len(shown.classes) > _NAMED
        for place in reversed(range(len(shown.classes))):
            name = str(shown.classes[place])
            faint = many and place >= _NAMED and name not in marked
            colour = GREY if faint else COLOURS[place % len(COLOURS)]
            style = {"color": colour, "linewidth": 0.8 if faint else 1.6, "label": "_" if faint else f"class {name}"}
            style |= {"marker": "."} if len(shown.rounds) == 1 else {}
            style |= kwargs
            for axes, values in zip(self.axes_, (shown.recall, shown.precision, shown.predicted_share), strict=True):
                self.lines_ += axes.plot(shown.rounds, values[:, place], **style)
            self.axes_[2].axhline(shown.label_share[place], color=colour, linewidth=0.8, linestyle=":")
        for axes, title in zip(self.axes_, ("Recall", "Precision", "Predicted share (dotted: labels)"), strict=True):
            tidy(axes, title=title, x="round")
            axes.set_ylim(-0.02, 1.02)
        self.axes_[2].set_ylim(0.0, 1.1 * max(float(shown.predicted_share.max()), float(shown.label_share.max())))
        mark_rounds(self.axes_[0], self.marks)
        mark_whole(self.axes_[0], (m for m in self.marks if m.rounds is None))
        handles, labels = self.axes_[0].get_legend_handles_labels()
        rest = f"; {shown.n_classes - len(shown.classes)} more" if shown.n_classes > len(shown.classes) else ""
        self.axes_[1].legend(
            handles[::-1], labels[::-1], frameon=False, fontsize="small",
            title=f"{words(shown.dataset, 20)}, worst first{rest}",
        )  # fmt: skip
        return self


class ConfusionDisplay(Display[Confusion]):
    """A confusion matrix; recall beside its rows, precision below its columns."""

    size = (5.2, 4.6)

    @classmethod
    def from_run(cls, run: AnyRun, *, findings: Iterable[Finding] | None = None) -> Self:
        """Return the display of a run. Raise NotRecordedError without a class balance."""
        return cls._of(run, confusion, findings)

    def plot(self, *, dataset: str | None = None, role: str = "last", ax: Any = None, **kwargs: Any) -> Self:
        """Draw the matrix of the last round, or of `role="best"`; `kwargs` go to `ax.imshow`. Raise ConfigError."""
        shown: ConfusionOf = of_dataset(self.picture.matrices, dataset, role)
        ax = self._begin(ax)
        share = shown.counts / shown.counts.sum(axis=1, keepdims=True).clip(1)
        self.image_ = ax.imshow(share, **{"cmap": "Blues", "vmin": 0.0, "vmax": 1.0, "aspect": "auto", **kwargs})
        names = ["others" if c == OTHERS else str(c) for c in shown.classes]
        n, small = len(names), len(names) > _MOST_NUMBERS
        for i in range(n if not small else 0):
            for j in range(n):
                colour = "white" if share[i, j] > _DARK else "black"
                size = "medium" if n <= _NAMED else "x-small"
                ax.text(j, i, f"{shown.counts[i, j]:,}", ha="center", va="center", color=colour, fontsize=size)
        ax.set_xticks(range(n))
        ax.set_yticks(range(n))
        mark_ticks(ax.xaxis, names, ())
        mark_ticks(ax.yaxis, names, self.marks)
        if not small:
            digits = _percent if n <= _NAMED else _whole_percent
            ax.set_yticklabels(
                [f"{t.get_text()}\nrecall {digits(r)}" for t, r in zip(ax.get_yticklabels(), shown.recall, strict=True)]
            )
            ax.set_xticklabels([f"{c}\n{digits(p)}" for c, p in zip(names, shown.precision, strict=True)])
        title = f"{words(shown.dataset, 20)}, round {shown.round_index:,}: {_percent(shown.accuracy)} right"
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set(xlabel="predicted class" + ("" if small else ", its precision"), ylabel="class of the label")
        if small:
            ax.tick_params(axis="x", rotation=90)
            self.figure_.colorbar(self.image_, ax=ax, label="share of the row")
        return self


def _whole_percent(value: float) -> str:
    return "-" if value != value else f"{100 * value:.0f}%"  # noqa: PLR0124 - NaN


def _percent(value: float) -> str:
    return "-" if value != value else f"{100 * value:.3g} %"  # noqa: PLR0124 - NaN: no labels, or no predictions
