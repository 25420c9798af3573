"""`treedebug nearest RUN --data train.parquet --row new.parquet`: the training rows behind a prediction."""

from __future__ import annotations

import argparse

from treedebug.api.boosted_run import load
from treedebug.api.row_questions import Neighbours
from treedebug.cli import OK
from treedebug.core.errors import ConfigError
from treedebug.profiles.sources.rows_frame import rows_frame
from treedebug.reports.as_json import dumps
from treedebug.reports.console import make_console
from treedebug.reports.nearest_text import print_nearest


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", metavar="RUN", help="a recorded run")
    parser.add_argument("--data", metavar="TABLE", required=True, help="the training rows: Parquet, CSV, ...")
    parser.add_argument("--target", metavar="COLUMN", help="the label's column in --data: shows each row's pull, too")
    parser.add_argument("--rows", metavar="TABLE", help="the rows that are predicted (default: the training rows)")
    parser.add_argument("--row", type=int, default=0, metavar="N", help="which of them, from 0 (default: 0)")
    parser.add_argument("-k", type=int, default=10, help="training rows to show (default: 10)")
    parser.add_argument("--by", choices=("trees", "gain"), default="trees", help="what counts (default: trees)")
    parser.add_argument("--output", "--output-format", choices=("text", "json"), default="text", help="default: text")


def run(args: argparse.Namespace) -> int:
    """Print the nearest training rows, the likest first."""
    recorded = load(args.path)
    train = rows_frame(args.data)
    if args.target is not None and args.target not in train.columns:
        raise ConfigError(
            f"{args.data} has no column {args.target!r}; it has {', '.join(map(str, train.columns[:20]))}"
        )
    label = train[args.target] if args.target is not None else None
    asked = rows_frame(args.rows) if args.rows else train
    if not 0 <= args.row < len(asked):
        raise ConfigError(f"--row counts from 0 to {len(asked) - 1}; got {args.row}")
    found = Neighbours(recorded.data, train, label).nearest(asked.iloc[args.row : args.row + 1], args.k, by=args.by)
    if args.output == "json":
        print(dumps({"format": "treedebug-nearest", "version": 1, "rows": found.to_dict("records")}))
    else:
        print_nearest(found, make_console(), row=args.row, by=args.by)
    return OK
