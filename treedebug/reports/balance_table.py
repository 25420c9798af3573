"""The classes of a table's labels as a small table: rows, shares, the weights that would balance them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from treedebug.core.report import Balance, BalanceRow
from treedebug.reports.console import indented
from treedebug.reports.phrasing import printable, short

_SHOWN = 12
_FREQUENT = 4
"""Of those shown, where there are many."""
_UNEVEN = 3
"""Rows of the largest class for each of the smallest."""
_NEVER = 1e-4
_LONGEST = 30


def print_balance(balance: Balance, console: Console, *, full: bool = False) -> None:
    """Print the classes, how to balance them, and how far the other sets are from the training data."""
    rows = balance.rows if full or len(balance.rows) <= _SHOWN else _rarest(balance)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("  class")
    for name in balance.datasets:
        table.add_column(printable(name), justify="right")
        table.add_column("", justify="right")
    table.add_column("balancing weight", justify="right")
    for row in rows:
        cells = [c for n, s in zip(row.counts, row.shares, strict=True) for c in (f"{n:,}", _percent(s))]
        weight = "-" if row.weight is None else short(float(f"{row.weight:.3g}"))
        table.add_row(f"  {_named(row.value)}", *cells, weight)
    console.print(Text("balance", style="bold").append(" of the classes", style="not bold"))
    console.print(table)
    if len(rows) < balance.n_classes:
        more = f"  and {balance.n_classes - len(rows)} more classes; these are the rarest and the most frequent"
        console.print(more, style="dim")
    for line in _lines(balance):
        for wrapped in indented(Text(line), console, indent=2, hang=2):
            console.print(wrapped)


def _rarest(balance: Balance) -> list[BalanceRow]:
    """Return the rarest classes of the training data first, then the most frequent ones."""
    ordered = sorted(balance.rows, key=lambda row: row.counts[0])
    return [*ordered[: _SHOWN - _FREQUENT], *ordered[-_FREQUENT:]]


def _lines(balance: Balance) -> Iterator[str]:
    if not _is_uneven(balance):
        pass
    elif balance.scale_pos_weight is not None:
        weight = short(float(f"{balance.scale_pos_weight:.3g}"))
        yield f"to balance: scale_pos_weight={weight}, or is_unbalance=True or class_weight='balanced' (LightGBM); it"
        yield "makes probabilities and log loss worse, and a threshold chosen on validation rows does as well"
    elif len(balance.rows) > 1:
        yield "to balance: sample weights as above, or class_weight='balanced' (LightGBM's wrapper)"
    for name, agrees in balance.agrees.items():
        distance, chance = balance.distances.get(name, 0.0), balance.p_values.get(name, 1.0)
        verb = "agrees" if agrees else "disagrees"
        yield (
            f"{printable(name)} {verb}: {_percent(distance)} of its rows are in other classes; "
            f"chance alone {_chance(chance)}"
        )


def _is_uneven(balance: Balance) -> bool:
    """Return whether a class is so rare that somebody may want weights."""
    counts = [row.counts[0] for row in balance.rows if row.counts[0]]
    return len(counts) > 1 and max(counts) > _UNEVEN * min(counts)


def _chance(probability: float) -> str:
    """Say "gives as much in 12 % of draws", or "never gives as much"."""
    return "never gives as much" if probability < _NEVER else f"gives as much in {_percent(probability)} of draws"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.0995 else f"{100 * share:.1f} %"  # two digits below 10 %


def _named(value: object) -> str:
    text = printable(str(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
