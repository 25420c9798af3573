"""`treedebug check PATH...`: what is wrong with recorded runs, saved models and tables."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from treedebug import __version__
from treedebug.api.baseline import apply_baseline, read_baseline
from treedebug.api.check_many import check_many
from treedebug.api.run_location import is_remote_run, local_runs
from treedebug.api.summarize_runs import are_folds, search_findings, summarize_runs
from treedebug.cli import FAILED, FOUND, OK, fail
from treedebug.cli.table_options import add_table_options, table_options
from treedebug.core.errors import ConfigError
from treedebug.core.report import CheckReport
from treedebug.engine.config import Config, load_config
from treedebug.reports.as_json import checks_json
from treedebug.reports.check_text import print_check
from treedebug.reports.console import make_console
from treedebug.reports.formats import FORMATS
from treedebug.reports.runs_text import print_runs
from treedebug.store.load_run import find_runs


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a run's folder, a folder of runs (cv folds), a model file, or a table (a file of "
        "rows, a folder of them, a URL, an SQL query, - for standard input)",
    )
    add_table_options(parser)
    parser.add_argument("--output", "--output-format", choices=("text", *FORMATS), default="text", help="default: text")
    parser.add_argument(
        "--fail-on",
        metavar="LEVEL",
        help="exit 1 if a finding is at or over info, warning, error, or never (default: warning, or as configured)",
    )
    parser.add_argument("--select", metavar="CODES", help="only these rules: codes, names or prefixes, by commas")
    parser.add_argument("--preview", action="store_true", default=None, help="also the rules in preview")
    parser.add_argument("--ignore", metavar="CODES", help="not these rules; DA604:flag_x: not on this column")
    parser.add_argument("--config", metavar="FILE", type=Path, help="a pyproject.toml to read [tool.treedebug] from")
    parser.add_argument("--baseline", metavar="FILE", type=Path, help="findings in this file fail no check")
    parser.add_argument("--write-baseline", metavar="FILE", type=Path, help="write today's findings to this file")
    parser.add_argument(
        "--damaged",
        choices=("error", "ok"),
        default="error",
        help="a run whose record is damaged or empty: exit 2 (default), or judge what is left of it",
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="check runs in so many processes; default: 1")
    parser.add_argument("--dask", metavar="ADDRESS", default="", help="check runs on the cluster at tcp://host:port")
    parser.add_argument(
        "--full",
        action="store_true",
        help="print every finding with its evidence, every run, and what each skipped rule needs",
    )


def run(args: argparse.Namespace) -> int:
    """Check every path, report, and return 0 (clean), 1 (findings at or over --fail-on) or 2 (error)."""
    config = _config(args)
    if args.save_profile is not None and len(args.paths) > 1:
        raise ConfigError(f"--save-profile writes one table's profile; got {len(args.paths)} paths")
    baseline = None if args.baseline is None else read_baseline(args.baseline)
    options = table_options(args)
    reports: list[CheckReport] = []
    failed: list[tuple[str, str]] = []
    for path in args.paths:
        checked = _checked(path, config, options, failed, args)
        if args.damaged != "ok":
            failed += [(r.source, _damage(r)) for r in checked if r.damage]
        checked = apply_baseline(checked, baseline)
        if args.output == "text" and checked:
            _print(path, checked, args, config, is_first=not reports)
        reports += checked
    if args.output != "text":
        print(FORMATS[args.output](reports, failed=failed, made_by=__version__), end="")
    if args.write_baseline is not None:
        _write(args.write_baseline, checks_json(reports, made_by=__version__))
    for _, reason in failed:
        fail(reason)
    if failed:
        return FAILED
    return FOUND if any(r.fails(config.fail_on) for r in reports) else OK


def _checked(
    path: str, config: Config, options: dict[str, Any], failed: list[tuple[str, str]], args: argparse.Namespace
) -> list[CheckReport]:
    """Return the reports of a path; add to `failed` what cannot be checked. Raise ConfigError for wrong settings."""
    reports: list[CheckReport] = []
    subjects = targets(path, is_seen_elsewhere=bool(args.dask))
    for target, found in check_many(subjects, config=config, options=options, jobs=args.jobs, dask=args.dask):
        if isinstance(found, CheckReport):
            reports.append(found)
        else:
            failed.append((target, found))
    return reports


def _damage(report: CheckReport) -> str:
    more = f" (and {len(report.damage) - 1} more)" if len(report.damage) > 1 else ""
    return f"{report.source} is damaged: {report.damage[0]}{more}; --damaged ok judges what is left"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"the baseline cannot be written to {path}: {error.strerror or error}") from error


def _config(args: argparse.Namespace) -> Config:
    config = load_config(args.config)
    return config.override(
        select=codes(args.select), ignore=codes(args.ignore), fail_on=args.fail_on, preview=args.preview
    )


def codes(text: str | None) -> list[str] | None:
    """Return the codes of an option's text, which commas part; None where it was not given."""
    return None if text is None else [c.strip() for c in text.split(",") if c.strip()]


def targets(path: str, *, is_seen_elsewhere: bool = False) -> list[str]:
    """Return the path, or the runs in it where it is a folder of runs: of a URL as URLs, where others read them."""
    is_remote = is_remote_run(path)
    place = local_runs(path) if is_remote else Path(path)
    found = find_runs(place) if place.is_dir() else []
    if is_seen_elsewhere:
        top = path.rstrip("/") if is_remote else os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links
        return ["/".join([top, *run.relative_to(place).parts]) for run in found] or [path]
    return [str(run) for run in found] or [path]


def _print(path: str, reports: list[CheckReport], args: argparse.Namespace, config: Config, *, is_first: bool) -> None:
    """Print one report in full; of a folder of runs a summary, and with --full each of them after it."""
    console = make_console()
    if len(reports) > 1:
        if not is_first:
            _rule()
        labels = [os.path.relpath(r.source, path) for r in reports]
        folds = are_folds(reports)
        found = () if folds else search_findings([r.source for r in reports if r.kind == "run"], config)
        print_runs(summarize_runs(path, reports, labels, are_folds=folds, search=found), console)
        if not args.full:
            return
        is_first = False
    for i, report in enumerate(reports):
        if i or not is_first:
            _rule()
        print_check(report, console, full=args.full)


def _rule() -> None:
    print("\n" + "-" * 40 + "\n")
