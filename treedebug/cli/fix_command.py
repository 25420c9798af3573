"""`treedebug fix RUN --data train.csv --valid valid.csv --test test.csv --target churned`: cure a training."""

from __future__ import annotations

import argparse
from typing import Any

from treedebug.cli import OK
from treedebug.cli.labelled_tables import LabelledTable, add_label_options
from treedebug.cure.fix.fix import GOALS, NOISE, fix
from treedebug.reports.as_json import dumps

_SETS = ("data", "valid", "test")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run", metavar="RUN", help="a recorded run")
    parser.add_argument("--data", metavar="TABLE", required=True, help="the training rows: Parquet, CSV, ...")
    parser.add_argument("--valid", metavar="TABLE", help="rows that judge (without: folds of --data)")
    parser.add_argument("--test", metavar="TABLE", help="rows that no step has seen, for the proof")
    add_label_options(parser)
    parser.add_argument("--group", metavar="COLUMN", help="rows of one group (a patient) stay in one set; no feature")
    parser.add_argument("--time", metavar="COLUMN", help="when a row was known: folds go forward; no feature")
    parser.add_argument(
        "--goal", choices=GOALS, default="better", help="a lower loss, fewer leaves, both (default: better)"
    )
    parser.add_argument("--budget", type=int, default=5, metavar="N", help="trainings (default: 5)")
    parser.add_argument("--seconds", type=float, metavar="S", help="for all trainings together")
    parser.add_argument(
        "--noise", type=float, default=NOISE, metavar="SE", help="standard errors that a trial must be ahead to be "
        f"kept (default: {NOISE})",
    )  # fmt: skip
    parser.add_argument(
        "--tolerance", type=float, default=0.0, metavar="SE", help="standard errors that a smaller model may be behind "
        "(default: 0)",
    )  # fmt: skip
    several: dict[str, Any] = {"action": "append", "default": []}
    parser.add_argument("--freeze", metavar="NAME", help="a parameter not to touch; again for several", **several)
    parser.add_argument("--keep", metavar="FEATURE", help="a feature that must stay; again for several", **several)
    parser.add_argument("--most-leaves", type=int, metavar="N", help="of the model")
    parser.add_argument("--most-bytes", type=int, metavar="N", help="of the model's file")
    parser.add_argument("--most-seconds", type=float, metavar="S", help="to predict one row")
    parser.add_argument("--trials", metavar="FOLDER", help="where trials are recorded (default: beside the run)")
    parser.add_argument("-o", "--out", metavar="FILE", help="where to write the model")
    parser.add_argument("--output", "--output-format", choices=("text", "json"), default="text", help="default: text")


def run(args: argparse.Namespace) -> int:
    """Cure, and say what was tried, kept and proved."""
    paths = {name: getattr(args, name) for name in _SETS}
    tables = {name: LabelledTable(path, args, more=(args.group, args.time)) for name, path in paths.items() if path}
    rows: dict[str, Any] = {name: table.rows for name, table in tables.items()}
    found = fix(
        args.run, **rows, budget=args.budget, goal=args.goal, seconds=args.seconds, noise=args.noise,
        tolerance=args.tolerance, keep=args.keep, frozen=args.freeze, most_leaves=args.most_leaves,
        most_bytes=args.most_bytes, most_seconds=args.most_seconds, group=_by_set(tables, args.group),
        time=_by_set(tables, args.time), path=args.trials, out=args.out,
    )  # fmt: skip
    print(dumps({"format": "treedebug-fix", "version": 1, **found.to_dict()}) if args.output == "json" else found)
    return OK


def _by_set(tables: dict[str, LabelledTable], column: str | None) -> dict[str, Any] | None:
    return None if column is None else {name: table.columns[column] for name, table in tables.items()}
