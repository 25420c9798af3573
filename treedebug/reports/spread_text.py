"""A label of numbers in a line for each set: mean, spread, range, zeros, cap."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from treedebug.core.phrases import figure, percent
from treedebug.core.report import LabelSpread, SpreadRow
from treedebug.reports.console import indented
from treedebug.reports.phrasing import printable


def print_spread(spread: LabelSpread, console: Console) -> None:
    """Print a line for each dataset, the training data first."""
    console.print(Text("label", style="bold").append(f" {printable(spread.label)}", style="not bold"))
    for row in spread.rows:
        for line in indented(Text(f"{printable(row.dataset)}: {', '.join(_parts(row))}"), console, indent=2, hang=2):
            console.print(line)


def _parts(row: SpreadRow) -> Iterator[str]:
    yield f"mean {figure(row.mean)}"
    yield f"standard deviation {figure(row.deviation)}"
    yield f"{figure(row.minimum)} to {figure(row.maximum)} with the middle at {figure(row.median)}"
    if row.zero_share:
        yield f"0 in {percent(row.zero_share)} of the rows"
    if row.cap is not None:
        yield f"cut at {figure(row.cap)} in {percent(row.cap_share)}"
