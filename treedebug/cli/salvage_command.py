"""`treedebug salvage RUN -o RUN2`: a new run of what can be trusted of a damaged one."""

from __future__ import annotations

import argparse

from treedebug.cli import OK
from treedebug.core.phrases import one_line
from treedebug.store.salvage import salvage


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("path", metavar="RUN", help="a run that `treedebug check` calls damaged; it is only read")
    parser.add_argument("-o", "--output", metavar="RUN2", required=True, help="where to write; nothing is overwritten")


def run(args: argparse.Namespace) -> int:
    """Write the new run, and say what is in it and what is not."""
    print(one_line(f"{args.output}: {salvage(args.path, args.output).said(args.path)}"))
    return OK
