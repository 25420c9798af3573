"""`treedebug watch RUN_OR_FOLDER...`: follow trainings from another process, judge them, and act."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.live import Live

from treedebug.actions.stop_training import StopTraining
from treedebug.api.run_glance import glance
from treedebug.api.watch_runs import UNTIL, RunWatch, follow, open_watch
from treedebug.api.watched_run import UNREADABLE, WatchedRun
from treedebug.cli import FAILED, FOUND, OK, fail
from treedebug.cli.check_command import codes
from treedebug.core.errors import RunNotFoundError
from treedebug.core.findings import Severity
from treedebug.core.report import RunGlance
from treedebug.engine.config import load_config
from treedebug.reports.console import make_console
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.live_findings import LiveFindings
from treedebug.reports.watch_lines import WatchLines
from treedebug.reports.watch_screen import watch_screen

_SECONDS_BETWEEN = 0.25
"""The screen is drawn at most this often."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("paths", nargs="+", metavar="RUN_OR_FOLDER", help="runs, or folders of runs; they may come yet")
    parser.add_argument("--once", action="store_true", help="look once, print what stands, and exit")
    parser.add_argument("--until", choices=UNTIL, default="never", help="finished: exit when all runs have ended")
    parser.add_argument("--plain", action="store_true", help="lines instead of a screen (so it is without a terminal)")
    parser.add_argument("--interval", type=_seconds, default=1.0, metavar="SECONDS", help="between looks; default: 1")
    parser.add_argument("--stop-on", metavar="CODES", help="stop a training on these findings: codes, names, prefixes")
    parser.add_argument("--dry-run", action="store_true", help="say what actions would do, and do nothing")
    parser.add_argument("--fail-on", metavar="LEVEL", help="exit 1 at or over info, warning, error, or never")
    parser.add_argument("--select", metavar="CODES", help="only these rules: codes, names or prefixes, by commas")
    parser.add_argument("--ignore", metavar="CODES", help="not these rules")
    parser.add_argument("--config", metavar="FILE", type=Path, help="a pyproject.toml to read [tool.treedebug] from")


def run(args: argparse.Namespace) -> int:
    """Follow the runs; return 0 (clean), 1 (findings at or over --fail-on) or 2 (a run cannot be read)."""
    config = load_config(args.config).override(
        select=codes(args.select), ignore=codes(args.ignore), fail_on=args.fail_on
    )
    is_plain = args.plain or args.once or not sys.stdout.isatty()
    lines = LiveConsole(sys.stdout)
    watched = open_watch(
        args.paths,
        config=config,
        actions=_actions(args),
        listen=lambda label: (LiveFindings(lines, name=label),) if is_plain else (),
    )
    if args.once:
        WatchLines(lines).show([glance(run) for run in watched.poll()])
    elif is_plain:
        shown = WatchLines(lines)
        follow(watched, until=args.until, interval=args.interval, show=lambda new: shown.show([glance(r) for r in new]))
    else:
        _draw(watched, args)
    if args.once and not watched.runs:
        raise RunNotFoundError(f"there is no run at or below {', '.join(args.paths)}")
    return _exit_code(watched, config.fail_on)


def _actions(args: argparse.Namespace) -> list[StopTraining]:
    chosen = codes(args.stop_on)
    return [StopTraining(on=chosen, dry_run=args.dry_run)] if chosen else []


def _exit_code(watched: RunWatch, level: Severity | None) -> int:
    reports = watched.reports()
    unreadable = [run for run in watched.runs.values() if run.state == UNREADABLE]
    for one in unreadable:
        fail(one.error)
    damaged = [r for r in reports if r.damage]
    if unreadable or damaged:
        return FAILED
    return FOUND if any(r.fails(level) for r in reports) else OK


def _draw(watched: RunWatch, args: argparse.Namespace) -> None:
    console = make_console()
    with Live(console=console, auto_refresh=False, transient=False) as screen:
        draw = _drawer(watched, screen)
        follow(watched, until=args.until, interval=args.interval, show=draw)


def _drawer(watched: RunWatch, screen: Live) -> Callable[[list[WatchedRun]], None]:
    """Return what draws the runs after a look; those that did not change are not measured again."""
    known: dict[Path, RunGlance] = {}
    due = 0.0

    def draw(changed: list[WatchedRun]) -> None:
        nonlocal due
        known.update({run.path: glance(run) for run in changed})
        if time.monotonic() >= due or watched.is_over:
            due = time.monotonic() + _SECONDS_BETWEEN
            size = screen.console.size
            screen.update(
                watch_screen(list(known.values()), width=screen.console.width, height=size.height), refresh=True
            )

    return draw


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds above 0")
    return value
