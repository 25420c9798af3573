"""`treedebug export RUN --to FORMAT -o FOLDER`: a run in the form that another tool reads."""

from __future__ import annotations

import argparse

from treedebug.api.export_run import FORMATS, export
from treedebug.cli import OK


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", metavar="RUN", help="a run's folder; it is only read")
    parser.add_argument("--to", choices=FORMATS, required=True, help="what to write")
    parser.add_argument("-o", "--output", metavar="FOLDER", required=True, help="where to write")
    parser.add_argument("--force", action="store_true", help="write into FOLDER even if it holds something")


def run(args: argparse.Namespace) -> int:
    """Write the export, and say where it is."""
    print(export(args.path, args.to, args.output, force=args.force))
    return OK
