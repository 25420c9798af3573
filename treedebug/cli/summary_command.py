"""`treedebug summary FOLDER...`: what many runs have in common: findings, parameters they go with, time wasted."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from pathlib import Path

from treedebug.api.check_many import check_many
from treedebug.api.summarize_runs import are_folds, summarize_runs
from treedebug.cli import FAILED, OK, fail
from treedebug.cli.check_command import codes, targets
from treedebug.core.errors import RunNotFoundError
from treedebug.core.plain_json import plain
from treedebug.core.report import CheckReport, RunsSummary
from treedebug.engine.config import load_config
from treedebug.reports.console import make_console
from treedebug.reports.runs_text import print_runs


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "paths", nargs="+", metavar="FOLDER", help="folders of runs: a search, folds, a month's trainings"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="check runs in so many processes; default: 1")
    parser.add_argument("--output", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--select", metavar="CODES", help="only these rules: codes, names or prefixes, by commas")
    parser.add_argument("--ignore", metavar="CODES", help="not these rules")
    parser.add_argument("--config", metavar="FILE", type=Path, help="a pyproject.toml to read [tool.treedebug] from")


def run(args: argparse.Namespace) -> int:
    """Check all runs and print what they have in common; return 0, or 2 if a run cannot be read."""
    config = load_config(args.config).override(select=codes(args.select), ignore=codes(args.ignore))
    found = [target for path in args.paths for target in targets(path)]
    reports: list[CheckReport] = []
    failed: list[str] = []
    for _, checked in check_many(found, config=config, options={}, jobs=args.jobs):
        if isinstance(checked, CheckReport):
            reports.append(checked)
        else:
            failed.append(checked)
    for reason in failed:
        fail(reason)
    if not reports:
        raise RunNotFoundError(f"there is no run to summarize at or below {', '.join(args.paths)}")
    top = args.paths[0] if len(args.paths) == 1 else os.path.commonpath([Path(p).absolute() for p in args.paths])
    labels = [os.path.relpath(r.source, top) for r in reports]
    summary = summarize_runs(", ".join(args.paths), reports, labels, are_folds=are_folds(reports))
    if args.output == "json":
        print(json.dumps(_as_data(summary), indent=2))
    else:
        print_runs(summary, make_console(), each=False)
    return FAILED if failed else OK


def _as_data(summary: RunsSummary) -> object:
    """Return the summary as standard JSON has it, without the reports of single runs."""
    fields = {f.name: getattr(summary, f.name) for f in dataclasses.fields(summary) if f.name != "reports"}
    return plain(fields, standard=True)
