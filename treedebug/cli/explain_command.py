"""`treedebug explain CODE`: a rule's page in the terminal."""

from __future__ import annotations

import argparse
import sys

from treedebug.api.known_rules import registry
from treedebug.cli import OK
from treedebug.reports.console import make_console
from treedebug.reports.rule_pages import rule_page


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("rules", nargs="+", metavar="RULE", help="a rule's code (CV102) or name (overtraining)")


def run(args: argparse.Namespace) -> int:
    """Print the pages: drawn on a terminal, as Markdown source when piped."""
    known = registry()
    pages = [rule_page(known.get(rule)) for rule in args.rules]
    if sys.stdout.isatty():
        from rich.markdown import Markdown  # noqa: PLC0415 - slow to import, and not needed in a pipe

        make_console().print(Markdown("\n".join(pages)))
    else:
        print("\n".join(pages), end="")
    return OK
