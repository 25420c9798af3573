"""What all displays share: where they draw, and how a finding's evidence is marked on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Self, TypeVar

from treedebug.core.errors import NotRecordedError, missing_extra
from treedebug.core.findings import Finding
from treedebug.pictures.evidence_marks import Mark, marks_in
from treedebug.pictures.foreign_pictures import places_of
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of

P = TypeVar("P", bound=Picture)
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#b8a500", "#7f7f7f",
)  # fmt: skip
"""Colours that people with any colour vision tell apart (Okabe and Ito)."""
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, YELLOW, RED, GREY)
SEVERITY_COLOURS = {"error": "#b3261e", "warning": "#d55e00", "info": "#7f7f7f"}
_LONGEST = 40
_MOST_MARKS = 3
_LANE = 0.09
"""Height of a mark, as a share of the axes'."""


class Display(Generic[P]):
    """A picture that draws itself with matplotlib. `marks` are the findings whose evidence lies in it."""

    size: tuple[float, float] = (7.0, 4.0)
    """Inches of a figure made for it."""
    figure_: Any
    """The matplotlib Figure, once drawn."""
    ax_: Any
    """The matplotlib Axes, once drawn; of several panels the first."""

    def __init__(self, picture: P, marks: Sequence[Mark] = ()) -> None:
        self.picture = picture
        self.marks = tuple(marks)

    @classmethod
    def _of(
        cls, run: AnyRun, make: Callable[[AnyRun], P | NoPicture], findings: Iterable[Finding] | None = None
    ) -> Self:
        """Return the display of a run, with the marks of `findings`: by default of those that stand in the run."""
        picture = drawn(make(run))
        found = data_of(run).findings if findings is None else findings
        return cls(picture, marks_in(picture.name, found, places_of(data_of(run))))

    def _begin(self, ax: Any) -> Any:
        """Return the Axes to draw in: the user's, or those of a new figure."""
        if ax is None:
            ax = new_figure(self.size).add_subplot()
        self.ax_, self.figure_ = ax, ax.figure
        return ax

    def _panels(self, ax: Any, n_rows: int, n_columns: int = 1, *, shares_x: bool = True) -> list[Any]:
        """Return the Axes of the panels, which take the place of the user's Axes or fill a new figure."""
        if ax is None:
            grid = new_figure(self.size).add_gridspec(n_rows, n_columns)
        elif ax.get_subplotspec() is None:
            raise ValueError("these panels need Axes of a grid, such as plt.subplots() makes")
        else:
            ax.set_axis_off()
            grid = ax.get_subplotspec().subgridspec(n_rows, n_columns)
        figure = grid.figure if ax is None else ax.figure
        first = figure.add_subplot(grid[0, 0])
        places = [(i, j) for i in range(n_rows) for j in range(n_columns)][1:]
        found = [first, *(figure.add_subplot(grid[i, j], sharex=first if shares_x else None) for i, j in places)]
        self.ax_, self.figure_ = first, figure
        return found


def drawn(picture: P | NoPicture) -> P:
    """Return the picture. Raise NotRecordedError with the reason where there is none."""
    if isinstance(picture, NoPicture):
        raise NotRecordedError(f"there is nothing to draw: {picture.reason}")
    return picture


def new_figure(size: tuple[float, float]) -> Any:
    """Return a new figure, as pyplot makes it, so that notebooks show it. Raise MissingExtraError."""
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise missing_extra("matplotlib", "plots") from error
    return plt.figure(figsize=size, layout="constrained")


def words(text: object, most: int = _LONGEST) -> str:
    """Return a name as matplotlib shows it as it stands: no mathematics, no hidden label, not too long."""
    found = " ".join(str(text).split())
    found = found if len(found) <= most else f"{found[: most - 3]}..."
    return (" " if found.startswith("_") else "") + found.replace("$", r"\$")


def named(code: str, heading: str) -> str:
    """Return what stands beside a mark."""
    return f"{code} {heading}"


def tidy(ax: Any, *, title: str = "", x: str = "", y: str = "") -> None:
    """Label the axes, and take away what only costs ink."""
    ax.set_title(title, loc="left", fontsize="medium")
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def mark_rounds(ax: Any, marks: Iterable[Mark]) -> None:
    """Draw a line over the rounds of each finding, at the top of the axes, and name it; shade those of the worst."""
    found = [m for m in marks if m.rounds is not None][:_MOST_MARKS]
    for place, mark in enumerate(found):
        first, last = mark.rounds or (0, 0)
        colour, y = SEVERITY_COLOURS[mark.severity], 1.0 - _LANE * (place + 1)
        if place == 0:
            ax.axvspan(first - 0.5, last + 0.5, color=colour, alpha=0.06, linewidth=0, zorder=0)
        ends = [first - 0.5, last + 0.5]
        ax.plot(ends, [y, y], transform=ax.get_xaxis_transform(), color=colour, linewidth=2.5, solid_capstyle="butt")
        left, right = ax.get_xlim()
        is_late = first > (left + right) / 2.0
        ax.annotate(
            named(mark.code, mark.heading), (ends[1 if is_late else 0], y), xycoords=ax.get_xaxis_transform(),
            xytext=(0, 2), textcoords="offset points", ha="right" if is_late else "left", va="bottom",
            fontsize="small", color=colour,
        )  # fmt: skip
    if found:
        low, high = ax.get_ylim()
        ax.set_ylim(low, low + (high - low) / (1.0 - _LANE * len(found)) if ax.get_yscale() == "linear" else high)


def mark_whole(ax: Any, marks: Iterable[Mark]) -> None:
    """Name the findings that the whole picture shows, at its foot."""
    for place, mark in enumerate(list(marks)[:_MOST_MARKS]):
        subject = f" ({words(mark.subject, 24)})" if mark.subject else ""
        ax.annotate(
            named(mark.code, mark.heading) + subject, (1.0, 0.0), xycoords="axes fraction",
            xytext=(-4, 4 + 11 * place), textcoords="offset points", ha="right", va="bottom", fontsize="small",
            color=SEVERITY_COLOURS[mark.severity],
        )  # fmt: skip


def mark_ticks(axis: Any, names: Sequence[str], marks: Iterable[Mark]) -> None:
    """Colour the tick labels that findings name, and add the codes to them. `names` beside the ticks."""
    found: dict[str, list[Mark]] = {}
    for mark in marks:
        for name in mark.names:
            found.setdefault(name, []).append(mark)
    ticks = axis.get_ticklabels()
    axis.set_ticks(
        axis.get_ticklocs(),
        [words(n) + "".join(f"  {c}" for c in dict.fromkeys(m.code for m in found.get(n, ()))) for n in names],
    )
    for name, tick in zip(names, ticks, strict=True):
        if name in found:
            tick.set_color(SEVERITY_COLOURS[found[name][0].severity])
            tick.set_fontweight("bold")
