"""A comparison of many runs for a person: a line a run, the best first, and what differs in the parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from treedebug.core.report import ComparedRow, ComparisonReport, Score
from treedebug.reports.console import print_parts
from treedebug.reports.phrasing import plural, printable, short

_GAP = "  "
_LONGEST_NAME = 24


def print_many(report: ComparisonReport, console: Console) -> None:
    """Print a line a run, sorted by the deciding validation metric; runs without it stand last."""
    main = _main_score(report.scores)
    order = sorted(range(len(report.labels)), key=lambda i: _rank(report.score(i), main))
    differing = [row for row in report.sections.get("parameters", ()) if row.differs]
    n_equal = len(report.sections.get("parameters", ())) - len(differing)
    metric = "-" if main is None else f"{main.dataset} {main.metric}"
    direction = "" if main is None else (" (higher is better)" if main.higher_is_better else " (lower is better)")
    print_parts(console, (f"{plural(len(report.labels), 'run')} by the best {printable(metric)}{direction}", "bold"))
    console.print()
    heads = ("run", "best", "in round", "rounds", "leaves", *(printable(r.name) for r in differing))
    rows = [
        (printable(report.labels[i]), *_numbers(report, i, main), *(_cell(r.values[i]) for r in differing))
        for i in order
    ]
    _print_table(console, heads, rows)
    console.print()
    equal = f"{plural(n_equal, 'parameter')} equal in all runs; columns that do not fit are left out: --output json"
    print_parts(console, (equal, ""))


def _main_score(scores: Sequence[Score | None]) -> Score | None:
    """Return the metric that most runs have; the first of equals."""
    known = [s for s in scores if s is not None]
    return max(known, key=lambda s: sum(_same(s, other) for other in known), default=None)


def _same(a: Score | None, b: Score | None) -> bool:
    return a is not None and b is not None and (a.dataset, a.metric) == (b.dataset, b.metric)


def _rank(score: Score | None, main: Score | None) -> float:
    if score is None or main is None or not _same(score, main):
        return math.inf
    return -score.best if main.higher_is_better else score.best


def _numbers(report: ComparisonReport, i: int, main: Score | None) -> tuple[str, str, str, str]:
    score = report.score(i) if _same(report.score(i), main) else None
    best = ("-", "-") if score is None else (f"{score.best:#.4g}", str(score.best_round))
    return (*best, _cell(_value(report, "training", "rounds", i)), _cell(_value(report, "size", "leaves", i)))


def _value(report: ComparisonReport, title: str, name: str, i: int) -> object:
    row: ComparedRow | None = next((r for r in report.sections.get(title, ()) if r.name == name), None)
    return None if row is None else row.values[i]


def _cell(value: object) -> str:
    return short(value)


def _print_table(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print as many columns as fit the width whole: no number is ever broken or cut."""
    widths = [max(len(r[k]) for r in (heads, *rows)) for k in range(len(heads))]
    widths[0] = min(widths[0], _LONGEST_NAME)
    used, fitting = widths[0], [0]
    for k in range(1, len(heads)):
        if used + len(_GAP) + widths[k] <= console.width:
            used += len(_GAP) + widths[k]
            fitting.append(k)
    for at, row in enumerate((heads, *rows)):
        cells = [row[0][-widths[0] :].ljust(widths[0]), *(row[k].rjust(widths[k]) for k in fitting[1:])]
        console.print(Text(_GAP.join(cells).rstrip(), style="bold" if not at else ""))
