"""`treedebug report PATH -o FILE`: one page of HTML that shows a run, a model or a table, and what is wrong with it."""

from __future__ import annotations

import argparse
from pathlib import Path

from treedebug.api.report import report
from treedebug.cli import OK
from treedebug.cli.table_options import add_table_options, table_options
from treedebug.engine.config import load_config


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", metavar="PATH", help="a run's folder, a model file, or a table")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the page, such as churn.html")
    parser.add_argument("--force", action="store_true", help="overwrite FILE even if it is no report of ours")
    parser.add_argument("--config", metavar="FILE", type=Path, help="a pyproject.toml to read [tool.treedebug] from")
    add_table_options(parser)


def run(args: argparse.Namespace) -> int:
    """Write the page, and say where it is."""
    options = {name: value for name, value in table_options(args).items() if value is not None}
    if args.config is not None:
        options["config"] = load_config(args.config)
    print(report(args.path, args.output, force=args.force, **options))
    return OK
