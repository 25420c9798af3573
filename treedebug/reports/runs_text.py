"""Many checked runs for a person: a summary first, then a line a run; 80 columns, with or without colour."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from treedebug.core.finding_order import related
from treedebug.core.findings import Finding, Severity
from treedebug.core.report import CheckReport, CountedFinding, Effort, RunsSummary, ScoreSpread
from treedebug.core.run.run_data import INTERRUPTED
from treedebug.reports.console import STYLES, indented, print_parts, render
from treedebug.reports.phrasing import duration_text, one_line, plural, printable, short, tried_text

_MOST_LINES = 80
"""Runs with a line each; the others are counted."""
_MOST_CODES = 5
_NAMED_RUNS = 3
_GAP = "  "


def runs_text(summary: RunsSummary, *, width: int = 80, color: bool = False) -> str:
    """Return the summary as a string; see `print_runs`."""
    return render(print_runs, summary, width=width, color=color)


def print_runs(summary: RunsSummary, console: Console, *, each: bool = True) -> None:
    """Print what the runs have in common, the spread of the metric, each finding with its runs, and a line a run.

    Without `each` there are no lines of single runs.
    """
    noun = "fold" if summary.are_folds else "run"
    states = ", ".join(f"{count} {printable(state)}" for state, count in sorted(summary.states.items()) if state)
    print_parts(console, (printable(summary.source), "bold"), (f": {plural(len(summary.reports), noun)}, {states}", ""))
    for spread in summary.scores:
        print_parts(console, (_spread_text(spread, noun), ""))
    if summary.effort.wasted_rounds:
        print_parts(console, (_waste_text(summary.effort), ""))
    console.print()
    if summary.findings:
        print_parts(console, ("findings", "bold"), (f" and in how many {noun}s", ""))
        for counted in summary.findings:
            _print_counted(console, counted, len(summary.reports), noun)
    else:
        print_parts(console, (f"nothing found in {plural(len(summary.reports), noun)}", "bold"))
    if summary.links:
        console.print()
        print_parts(console, ("findings by parameter", "bold"))
        for link in summary.links:
            print_parts(console, (f"  {printable(link)}", ""))
    for finding in summary.search:
        console.print()
        _print_search(console, finding)
    if not each:
        return
    console.print()
    _print_lines(console, summary, noun)
    worst = summary.labels[_order(summary.reports)[0]]
    print_parts(
        console, (f"one {noun} in full: treedebug check {_path_of(summary, worst)}; all of them: --full", "dim")
    )


def _waste_text(effort: Effort) -> str:
    """Say "wasted: 1204 of 3000 rounds, 12m05s of 30m00s (rounds after the best one, where CV102 says so)"."""
    wasted, whole = duration_text(effort.wasted_seconds), duration_text(effort.seconds)
    return (
        f"wasted: {effort.wasted_rounds} of {plural(effort.rounds, 'round')}, {wasted} of {whole} "
        "(after the best round, where CV102 says so)"
    )


def _path_of(summary: RunsSummary, label: str) -> str:
    return printable(summary.reports[summary.labels.index(label)].source)


def _spread_text(spread: ScoreSpread, noun: str) -> str:
    if spread.n_runs == 1:
        return f"best {printable(spread.name)}: {short(spread.best[1])} in {printable(spread.best[0])}"
    return (
        f"best {printable(spread.name)}: {short(spread.best[1])} in {printable(spread.best[0])}, worst "
        f"{short(spread.worst[1])} in {printable(spread.worst[0])}; mean {short(spread.mean)}, standard deviation "
        f"{short(spread.deviation)} over {plural(spread.n_runs, noun)}"
    )


def _print_counted(console: Console, counted: CountedFinding, n_runs: int, noun: str) -> None:
    label = counted.severity.label
    named = ""
    if len(counted.sources) <= _NAMED_RUNS < n_runs:
        named = f": {', '.join(printable(s) for s in counted.sources)}"
    share = f"in {len(counted.sources)} of {plural(n_runs, noun)}{named}"
    text = Text.assemble((label, STYLES[label]), (printable(f" {counted.code} {counted.name}"), "bold"), f" {share}")
    for line in indented(text, console, indent=2, hang=2):
        console.print(line)


def _print_search(console: Console, finding: Finding) -> None:
    label, where = finding.severity.label, f"  ({printable(finding.subject)})"
    print_parts(console, (label, STYLES[label]), (printable(f" {finding.code} {finding.name}"), "bold"), (where, "dim"))
    for said in (one_line(finding.message), tried_text(finding.try_next)):
        for line in indented(Text(said), console, indent=2) if said else ():
            console.print(line)


def _order(reports: Sequence[CheckReport]) -> list[int]:
    """Return positions of the reports, the most severe and most numerous findings first, then as given."""

    def badness(i: int) -> tuple[int, int, int]:
        severities = [f.severity for f in reports[i].findings]
        return (-max(severities, default=0), -sum(s >= Severity.WARNING for s in severities), i)

    return sorted(range(len(reports)), key=badness)


def _print_lines(console: Console, summary: RunsSummary, noun: str) -> None:
    order = _order(summary.reports)
    shown = sorted(order[:_MOST_LINES]) if len(order) > _MOST_LINES else list(range(len(order)))
    metrics = {r.score.metric for r in summary.reports if r.score is not None}
    metric = printable(metrics.pop()) if len(metrics) == 1 else "metric"
    rows = [(noun, "rounds", f"best {metric}", "in round", "findings")]
    rows += [_row(summary.labels[i], summary.reports[i]) for i in shown]
    name_width = min(max(len(row[0]) for row in rows), console.width // 3)
    widths = [name_width, *(max(len(row[k]) for row in rows) for k in (1, 2, 3))]
    for k, row in enumerate(rows):
        cells = [_short_name(row[0], name_width).ljust(name_width)]
        cells += [row[c].rjust(widths[c]) for c in (1, 2, 3)]
        text = Text(_GAP.join([*cells, row[4]]).rstrip(), style="bold" if k == 0 else "")
        text.truncate(console.width, overflow="ellipsis")
        console.print(text)
    if len(shown) < len(order):
        console.print(f"... and {plural(len(order) - len(shown), noun)} with fewer findings")
    console.print()


def _row(label: str, report: CheckReport) -> tuple[str, str, str, str, str]:
    score = report.score
    best = ("-", "-") if score is None else (short(score.best), str(score.best_round))
    state = "interrupted" if report.facts.get("state") == INTERRUPTED else ""
    said = ", ".join(filter(None, (state, _codes(report.findings))))
    return (printable(label), str(report.verdict.n_rounds), *best, said)


def _codes(findings: Sequence[Finding]) -> str:
    """Say "CV101, FT302 and 2 more": causes by code, symptoms left out."""
    codes = list(dict.fromkeys(f.code for f, depth in related(findings) if not depth))
    rest = len(codes) - _MOST_CODES
    return ", ".join(codes[:_MOST_CODES]) + (f" and {rest} more" if rest > 0 else "")


def _short_name(name: str, width: int) -> str:
    """Return the name, or its end where it is too long: the ends of paths tell runs apart."""
    return name if len(name) <= width else f"...{name[len(name) - width + 3 :]}"
