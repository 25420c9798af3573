"""What the command line says of a table: its label, the sets beside it, how its file is written."""

from __future__ import annotations

import argparse
from typing import Any

from treedebug.cli.second_tables import second_tables

_TABLE_OPTIONS = (
    "target",
    "group",
    "time",
    "weight",
    "task",
    "sep",
    "encoding",
    "decimal",
    "header",
    "query",
    "reference",
    "save_profile",
)


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    table = parser.add_argument_group("tables")
    table.add_argument("--target", metavar="COLUMN", help="the label")
    table.add_argument(
        "--valid", metavar="PATH", action="append", default=[], help="a table to compare the training data with; again "
        "for several, NAME=PATH to name one",
    )  # fmt: skip
    table.add_argument(
        "--test", metavar="PATH", action="append", default=[], help="the same, of a table that may lack labels"
    )
    table.add_argument(
        "--reference", metavar="PROFILE", help="the saved profile of an earlier table, to compare the table with"
    )
    table.add_argument(
        "--save-profile", metavar="FILE", help="write the table's profile there, for a later --reference"
    )
    table.add_argument("--group", metavar="COLUMN", help="rows of one group (a patient) belong into one set")
    table.add_argument("--time", metavar="COLUMN", help="when a row was known")
    table.add_argument("--weight", metavar="COLUMN", help="sample weights")
    table.add_argument("--sep", metavar="MARK", help="between the fields of a text file (tab, space): else recognised")
    table.add_argument("--encoding", help="of a text file: utf-8, cp1252, utf-16, ...; else recognised")
    table.add_argument("--decimal", metavar="MARK", help="before decimals, '.' or ','; else recognised")
    table.add_argument("--no-header", dest="header", action="store_false", default=None, help="the first line is a row")
    table.add_argument("--query", metavar="SQL", help="what to read, where PATH is the URL of a data base")
    table.add_argument("--task", choices=("classes", "numbers"), help="where the label does not tell")


def table_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return them as `treedebug.check` takes them."""
    options = {n: getattr(args, n) for n in _TABLE_OPTIONS}
    options["valid"] = second_tables(args.valid, args.test)
    return options
