"""`treedebug compare RUN RUN...`: runs side by side."""

from __future__ import annotations

import argparse

from treedebug import __version__
from treedebug.api.compare import compare
from treedebug.cli import FOUND, OK
from treedebug.engine.config import parse_level
from treedebug.reports.as_json import comparison_json
from treedebug.reports.compare_text import print_comparison
from treedebug.reports.console import make_console


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("paths", nargs="+", metavar="RUN", help="recorded runs, two or more, or a folder of runs")
    parser.add_argument("--output", "--output-format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument(
        "--fail-on",
        metavar="LEVEL",
        default="never",
        help="exit 1 if a finding on a run and the first one is at or over info, warning or error (default: never)",
    )
    parser.add_argument("--html", metavar="FILE", help="write a page that shows the runs side by side")
    parser.add_argument("--force", action="store_true", help="overwrite FILE even if it is no page of ours")
    parser.add_argument("--all", action="store_true", help="show parameters that are equal, too")


def run(args: argparse.Namespace) -> int:
    """Compare the runs, print the result, and return 0, or 1 (findings at or over --fail-on)."""
    level = parse_level(args.fail_on, "--fail-on")
    report = compare(*args.paths)
    if args.html is not None:
        print(report.report(args.html, force=args.force))
    elif args.output == "json":
        print(comparison_json(report, made_by=__version__))
    else:
        print_comparison(report, make_console(), all_parameters=args.all)
    return FOUND if report.fails(level) else OK
