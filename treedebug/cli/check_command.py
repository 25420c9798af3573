"""`treedebug check PATH...`: what is wrong with recorded runs, saved models and tables."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from treedebug import __version__
from treedebug.api.check import check
from treedebug.cli import FAILED, FOUND, OK, fail
from treedebug.core.errors import ConfigError, TreedebugError
from treedebug.core.report import CheckReport
from treedebug.engine.config import Config, load_config
from treedebug.reports.as_json import checks_json
from treedebug.reports.check_text import print_check
from treedebug.reports.console import make_console
from treedebug.reports.github import check_github
from treedebug.store.load_run import find_runs

_TABLE_OPTIONS = ("target", "valid", "group", "time", "weight", "task")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a run's folder, a folder of runs (cv folds), a model file, or a table (CSV, Parquet, a folder of them)",
    )
    table = parser.add_argument_group("tables")
    table.add_argument("--target", metavar="COLUMN", help="the label")
    table.add_argument("--valid", metavar="PATH", help="a table to compare the training data with")
    table.add_argument("--group", metavar="COLUMN", help="rows of one group (a patient) belong into one set")
    table.add_argument("--time", metavar="COLUMN", help="when a row was known")
    table.add_argument("--weight", metavar="COLUMN", help="sample weights")
    table.add_argument("--task", choices=("classes", "numbers"), help="where the label does not tell")
    parser.add_argument(
        "--output", "--output-format", choices=("text", "json", "github"), default="text", help="default: text"
    )
    parser.add_argument(
        "--fail-on",
        metavar="LEVEL",
        help="exit 1 if a finding is at or over info, warning, error, or never (default: warning, or as configured)",
    )
    parser.add_argument("--select", metavar="CODES", help="only these rules: codes, names or prefixes, by commas")
    parser.add_argument("--preview", action="store_true", default=None, help="also the rules in preview")
    parser.add_argument("--ignore", metavar="CODES", help="not these rules; DA604:flag_x: not on this column")
    parser.add_argument("--config", metavar="FILE", type=Path, help="a pyproject.toml to read [tool.treedebug] from")
    parser.add_argument("--full", action="store_true", help="print every finding in full, however many of one rule")


def run(args: argparse.Namespace) -> int:
    """Check every path, report, and return 0 (clean), 1 (findings at or over --fail-on) or 2 (error)."""
    config = _config(args)
    reports: list[CheckReport] = []
    failed: list[tuple[str, str]] = []
    for target in _targets(args.paths):
        try:
            report = check(target, config=config, **{n: getattr(args, n) for n in _TABLE_OPTIONS})
        except ConfigError:
            raise
        except (TreedebugError, OSError) as error:
            failed.append((target, str(error)))
            continue
        reports.append(report)
        _show(reports[-1], args, is_first=len(reports) == 1)
    if args.output == "json":
        print(checks_json(reports, failed=failed, made_by=__version__))
    for _, reason in failed:
        fail(reason)
    if failed:
        return FAILED
    return FOUND if any(r.fails(config.fail_on) for r in reports) else OK


def _config(args: argparse.Namespace) -> Config:
    config = load_config(args.config)
    return config.override(
        select=_codes(args.select), ignore=_codes(args.ignore), fail_on=args.fail_on, preview=args.preview
    )


def _codes(text: str | None) -> list[str] | None:
    return None if text is None else [c.strip() for c in text.split(",") if c.strip()]


def _targets(paths: list[str]) -> Iterator[str]:
    """The paths, a folder of runs replaced by the runs in it."""
    for path in paths:
        found = find_runs(path) if Path(path).is_dir() else []
        yield from [str(run) for run in found] or [path]


def _show(report: CheckReport, args: argparse.Namespace, *, is_first: bool) -> None:
    if args.output == "github":
        print(check_github(report), end="")
    elif args.output == "text":
        if not is_first:
            print("\n" + "-" * 40 + "\n")
        print_check(report, make_console(), full=args.full)
