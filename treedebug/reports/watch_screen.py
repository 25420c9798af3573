"""Watched runs on a terminal: a line a run with its curve, and what was found of those that need a look."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from treedebug.core.findings import Finding, Severity
from treedebug.core.report import RunGlance
from treedebug.reports.console import STYLES
from treedebug.reports.phrasing import duration_text, one_line, plural, printable, short

_BARS = "▁▂▃▄▅▆▇█"
_WIDEST_CURVE = 24
_MOST_RUNS, _MOST_FINDINGS = 20, 12
_STATES = {"running": "green", "killed": "bold red", "unreadable": "bold red", "interrupted": "yellow"}


def sparkline(values: Sequence[float], width: int = _WIDEST_CURVE) -> str:
    """Return the curve as bars, the least value the lowest; values that are no numbers are gaps."""
    n = min(len(values), width)
    chosen = [values[i * (len(values) - 1) // max(n - 1, 1)] for i in range(n)]
    known = [v for v in chosen if abs(v) < float("inf")]
    if not known:
        return " " * n
    low, span = min(known), max(known) - min(known)
    return "".join(
        _BARS[round((v - low) / span * (len(_BARS) - 1)) if 0 < span < float("inf") else 0]
        if abs(v) < float("inf")
        else " "
        for v in chosen
    )


def status_text(run: RunGlance) -> str:
    """Say "120 of 500 rounds, 0.2 s each, 1m16s left; valid logloss 0.1413, best 0.1397 in round 96"."""
    done = (
        f"{run.n_rounds} of {plural(run.planned_rounds, 'round')}" if run.planned_rounds else f"{run.n_rounds} rounds"
    )
    pace = f"{short(round(run.seconds_a_round, 4))} s each" if run.seconds_a_round and run.state == "running" else ""
    left = f"{duration_text(run.seconds_left)} left" if run.seconds_left is not None else ""
    rounds = ", ".join(part for part in (done, pace, left) if part)
    if run.last is None:
        return rounds
    best = f", best {short(run.best)} in round {run.best_round}" if run.best is not None else ""
    return f"{rounds}; {one_line(run.metric)} {short(run.last)}{best}"


def watch_screen(runs: Sequence[RunGlance], *, width: int, height: int) -> Group:
    """Draw the runs: those that go on and those with the worst findings first."""
    order = sorted(range(len(runs)), key=lambda i: (runs[i].state != "running", -_worst(runs[i]), i))
    # Two lines a run, and room for findings: what does not fit is counted, never scrolled away.
    shown = order[: max(1, min(_MOST_RUNS, (height - _MOST_FINDINGS) // 2))]
    lines = [line for i in sorted(shown) for line in _run_lines(runs[i], width)]
    if len(shown) < len(runs):
        lines.append(Text(f"... and {plural(len(runs) - len(shown), 'run')} more", style="dim"))
    found = [(runs[i], f) for i in order for f in runs[i].findings if f.severity > Severity.INFO]
    room = max(1, min(_MOST_FINDINGS, height - len(lines) - 3))
    lines.append(Text(""))
    lines += [_finding_line(run, f, width, named=len(runs) > 1) for run, f in found[:room]]
    if len(found) > room:
        lines.append(Text(f"... and {plural(len(found) - room, 'finding')} more: treedebug check", style="dim"))
    if not found:
        lines.append(Text("nothing found yet", style="dim"))
    return Group(*lines)


def _worst(run: RunGlance) -> int:
    return max((f.severity for f in run.findings), default=0)


def _run_lines(run: RunGlance, width: int) -> list[Text]:
    head = Text.assemble((printable(run.label), "bold"), "  ", (run.state, _STATES.get(run.state, "")))
    if run.curve:
        head.append(f"  {sparkline(run.curve)}")
    body = Text(f"  {one_line(run.error) or status_text(run)}")
    for line in (head, body):
        line.truncate(width, overflow="ellipsis")
    return [head, body]


def _finding_line(run: RunGlance, finding: Finding, width: int, *, named: bool) -> Text:
    label = finding.severity.label
    where = f" ({printable(run.label)})" if named else ""
    text = Text.assemble((label, STYLES[label]), f" {finding.code} {finding.name}{where}: {one_line(finding.message)}")
    text.truncate(width, overflow="ellipsis")
    return text
