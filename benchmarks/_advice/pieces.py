"""The options of a benchmark that trains on tables in pieces, and which trainings they ask for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from _data.table import Table

from _advice.recipes import LIBRARIES
from _advice.tables import DESIGN, REPORT


def add_options(parser: argparse.ArgumentParser, *, quick: str, page: str) -> None:
    """Declare the options; `quick` says what --quick trains on, `page` where --docs writes."""
    parser.add_argument("--data", type=Path, help="a folder of tables (.csv) to use as well")
    parser.add_argument("--half", choices=(DESIGN, REPORT), default=REPORT, help="which tables")
    parser.add_argument("--tables", help="only these, by name, with commas between (of either half)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--library", choices=LIBRARIES, help="only this one")
    parser.add_argument("--quick", action="store_true", help=f"{quick} of the design half, one seed")
    parser.add_argument("--part", type=int, metavar="SEED", help="train with this seed alone; --again joins the parts")
    parser.add_argument(
        "--again", action="store_true", help="show the figures of the last call, or parts; train nothing"
    )
    parser.add_argument("--docs", action="store_true", help=f"write the figures into {page}")
    parser.add_argument("--json", type=Path, help="where to write the results")


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The arguments; a page is written of the whole report half only."""
    args = parser.parse_args()
    if args.docs and (args.tables or args.quick or args.library or args.half != REPORT or args.part is not None):
        parser.error("--docs needs the whole report half: leave --tables, --quick, --library, --part and --half out")
    return args


@dataclass(frozen=True)
class Wanted:
    """What is trained: every table with every library and seed."""

    tables: list[Table]
    libraries: Sequence[str]
    seeds: Sequence[int]


def wanted(args: argparse.Namespace, known: tuple[list[Table], list[str]], quick: Collection[str]) -> Wanted:
    """Choose from the tables that were found, and tell what was left out of them."""
    found, left_out = known
    for line in left_out:
        print(f"left out: {line}", file=sys.stderr)
    names = set(quick) if args.quick else set(args.tables.split(",")) if args.tables else None
    if names and (unknown := names - {t.name for t in found}) and not args.quick:
        sys.exit(f"error: no table {', '.join(sorted(unknown))}; there are {', '.join(t.name for t in found)}")
    return Wanted(
        [t for t in found if (t.name in names if names else t.half == args.half)],
        [args.library] if args.library else LIBRARIES,
        range(1 if args.quick else args.seeds) if args.part is None else (args.part,),
    )
