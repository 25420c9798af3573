"""`treedebug slim MODEL --valid valid.parquet --target churned -o small.ubj`: a finished model made small."""

from __future__ import annotations

import argparse

from treedebug.cli import OK
from treedebug.cli.labelled_tables import LabelledTable, add_label_options
from treedebug.cure.slim.slim import slim
from treedebug.reports.as_json import dumps


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a saved model or a recorded run")
    parser.add_argument("--valid", metavar="TABLE", required=True, help="rows that judge: Parquet, CSV, ...")
    parser.add_argument(
        "--data", metavar="TABLE", help="the training rows: with them leaves are boosted anew (without: cut alone)"
    )
    add_label_options(parser)
    parser.add_argument(
        "--tolerance", type=float, default=0.0, metavar="SE", help="how much worse it may be, in standard errors of "
        "the difference by row (default: 0)",
    )  # fmt: skip
    parser.add_argument("-o", "--out", metavar="FILE", required=True, help="where to write the small model")
    parser.add_argument("--drop-unused", action="store_true", help="leave features out that no split uses")
    parser.add_argument(
        "--keep", metavar="FEATURE", action="append", default=[], help="but not this one; again for several"
    )
    parser.add_argument("--output", "--output-format", choices=("text", "json"), default="text", help="default: text")


def run(args: argparse.Namespace) -> int:
    """Write the small model and say what it cost."""
    found = slim(
        args.model, valid=LabelledTable(args.valid, args).rows,
        data=None if args.data is None else LabelledTable(args.data, args).rows, tolerance=args.tolerance, out=args.out,
        drop_unused=args.drop_unused, keep=args.keep,
    )  # fmt: skip
    print(dumps({"format": "treedebug-slim", "version": 1, **found.to_dict()}) if args.output == "json" else found)
    return OK
