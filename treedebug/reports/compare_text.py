"""A comparison for a person: a column a run, 80 columns wide, better values bold and starred."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from treedebug.core.findings import Severity
from treedebug.core.report import ComparedRow, ComparisonReport
from treedebug.reports.compare_many import print_many
from treedebug.reports.console import STYLES, indented, render
from treedebug.reports.phrasing import change_text, lead_text, plural, printable, short

_ONLY_DIFFERING = ("parameters", "training")
_NAME_SHARE = 0.44
"""Share of the width that the names of the rows may take."""
_GAP = 2
_INDENT = 2
_MOST_COLUMNS = 4
"""Runs that stand in columns; more stand in rows."""
_LONG_UNIT = 4
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def comparison_text(
    report: ComparisonReport, *, width: int = 80, color: bool = False, all_parameters: bool = False
) -> str:
    """Return the comparison as a string; see `print_comparison`."""
    return render(print_comparison, report, width=width, color=color, all_parameters=all_parameters)


def print_comparison(report: ComparisonReport, console: Console, *, all_parameters: bool = False) -> None:
    """Print a table a section; of the parameters only those that differ, unless `all_parameters`.

    More than four runs stand in rows, the best first.
    """
    n_runs = len(report.labels)
    if n_runs > _MOST_COLUMNS:
        print_many(report, console)
        _print_judged(console, report, [printable(label) for label in report.labels], at_least=Severity.WARNING)
        return
    name_width = min(int(console.width * _NAME_SHARE), max(_longest_name(report), 10))
    column = max((console.width - name_width) // n_runs - _GAP, 4)
    labels = [printable(label) for label in report.labels]
    heads = labels
    if any(len(label) >= column for label in labels):
        heads = [_LETTERS[i] if i < len(_LETTERS) else str(i + 1) for i in range(n_runs)]
        for head, label in zip(heads, labels, strict=True):
            console.print(f"{head}: {label}")
        console.print()
    widths = (name_width, column)
    _print_header(console, heads, widths)
    has_best = False
    for title, rows in report.sections.items():
        shown = rows if all_parameters or title not in _ONLY_DIFFERING else [r for r in rows if r.differs]
        _print_section(console, title, rows, shown, widths)
        has_best = has_best or any(r.best is not None for r in shown)
    if has_best:
        console.print()
        console.print("* the better value")
    _print_judged(console, report, heads)


def _print_judged(
    console: Console, report: ComparisonReport, heads: Sequence[str], *, at_least: Severity = Severity.INFO
) -> None:
    """Print what the rules on two runs say, each run against the first."""
    for head, verdict in zip(heads[1:], report.verdicts, strict=False):
        for finding in (f for f in verdict.findings if f.severity >= at_least):
            console.print()
            title = f" {finding.code} {finding.name}  ({head} against {heads[0]})"
            console.print(Text.assemble((finding.severity.label, STYLES[finding.severity.label]), (title, "bold")))
            for text in (finding.message, *(f"{lead_text(step)}{change_text(step)}" for step in finding.try_next)):
                for line in indented(Text(printable(text)), console, indent=_INDENT):
                    console.print(line)


def _longest_name(report: ComparisonReport) -> int:
    return max((len(_name(r)) for rows in report.sections.values() for r in rows), default=0) + _INDENT


def _name(row: ComparedRow) -> str:
    return f"{printable(row.name)} ({row.unit})" if row.unit and len(row.unit) <= _LONG_UNIT else printable(row.name)


def _table(widths: tuple[int, int], n_runs: int) -> Table:
    name_width, column = widths
    table = Table.grid(padding=0)
    table.add_column(width=_INDENT)
    table.add_column(width=name_width - _INDENT, overflow="fold")
    for _ in range(n_runs):
        table.add_column(width=_GAP)
        table.add_column(width=column - 1, justify="right", overflow="fold")
        table.add_column(width=1)
    return table


def _print_header(console: Console, heads: Sequence[str], widths: tuple[int, int]) -> None:
    table = _table(widths, len(heads))
    table.add_row("", "", *(Text(cell, style="bold") for head in heads for cell in ("", head, "")))
    console.print(table)


def _print_section(
    console: Console, title: str, rows: Sequence[ComparedRow], shown: Sequence[ComparedRow], widths: tuple[int, int]
) -> None:
    notes = sorted({r.unit for r in rows if len(r.unit) > _LONG_UNIT})  # a unit in words is said once
    if len(shown) < len(rows):
        noun = "parameter" if title == "parameters" else "row"
        notes.append(f"{plural(len(rows) - len(shown), noun)} equal, not shown")
    note = f" ({'; '.join(notes)})" if notes else ""
    console.print()
    console.print(Text.assemble((title, "bold"), (note, "dim")))
    if shown:
        table = _table(widths, len(shown[0].values))
        for row in shown:
            table.add_row("", Text(_name(row)), *_cells(row))
        console.print(table)


def _cells(row: ComparedRow) -> Iterator[Text]:
    for i, value in enumerate(row.values):
        is_best = i == row.best
        yield Text("")
        yield Text(short(value), style="bold green" if is_best else "")
        yield Text("*" if is_best else "", style="bold green")
