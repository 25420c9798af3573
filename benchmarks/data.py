"""Do the data checks find planted faults, leave clean tables alone, and stay fast?

    python benchmarks/data.py                                 bundled and generated tables
    python benchmarks/data.py --data FOLDER                   and every table of a folder: docs/data-benchmark.md
    python benchmarks/data.py --half tune --misses            while thresholds are chosen
    python benchmarks/data.py --speed --peers                 time and memory instead, deepchecks and evidently beside
    python benchmarks/data.py --speed --large                 and 20,000,000 rows of Parquet in 2 GB (takes minutes)

What is planted, and how each fault is shown to be there, stands in `_data/fault_columns.py` and `_data/fault_rows.py`;
what is odd about the clean tables and true, in `_data/oddities.py`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import multiprocessing
import time
import warnings
from pathlib import Path
from typing import Any

from _common import RESULTS, describe, machine, put, save, two
from _data import page, tables
from _data.plan import Group, groups, run
from _data.speed import measure
from _data.tallies import misses, summary

HALVES = ("tune", "report")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder of tables (.csv, .svm) to use as well")
    parser.add_argument("--half", choices=(*HALVES, "all"), default="all", help="which tables")
    parser.add_argument("--kind", action="append", help="plant this kind only (may be repeated)")
    parser.add_argument("--table", action="append", help="use this table only (may be repeated)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--spread", type=int, default=5, help="tables a kind and half; 0: all that fit")
    parser.add_argument("--from", action="append", type=Path, dest="earlier", help="figures of these runs (their JSON)")
    parser.add_argument("--misses", action="store_true", help="print every missed fault with what was said instead")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--speed", action="store_true", help="measure time and memory, and nothing else")
    parser.add_argument(
        "--peers", action="store_true", help="deepchecks and evidently too, each in its own environment"
    )
    parser.add_argument("--large", action="store_true", help="a Parquet folder larger than the memory allowed, too")
    parser.add_argument("--rows", type=int, default=20_000_000, help="rows of that folder")
    parser.add_argument("--cache", type=Path, default=RESULTS / "data-peers", help="where the peers' environments are")
    parser.add_argument("--page", type=Path, help="put the figures on this page (docs/data-benchmark.md)")
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    if args.page and not args.speed and not args.earlier and (args.half != "all" or args.kind or args.table):
        parser.error("--page needs both halves, all kinds and all tables")
    return args


def quietly(group: Group) -> dict[str, Any]:
    """Libraries warn of the faults that are planted; treedebug is to tell of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run(group)


def judged(args: argparse.Namespace) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    found, left_out = tables.load(args.data)
    for line in left_out:
        print(f"left out: {line}")
    mine = [t for t in found if args.half in ("all", t.half) and (not args.table or t.name in args.table)]
    work = groups(mine, seeds=args.seeds, spread=args.spread, kinds=args.kind)
    work.sort(key=lambda g: -g.table.frame.size)
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        done = pool.map(quietly, work, chunksize=1)
    faulty, clean, failed = ([f for d in done for f in d[key]] for key in ("faulty", "clean", "failed"))
    return faulty, clean, failed


def recalled(paths: list[Path]) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str], float]:
    """What runs of parts of it (a half, some tables) found, put together, and the seconds they took."""
    runs = [json.loads(path.read_text(encoding="utf-8"))["results"] for path in paths]
    faulty, clean = ([f for run in runs for f in run["checks"][key]] for key in ("faulty", "clean"))
    return faulty, clean, [line for run in runs for line in run["failed"]], sum(run["seconds"] for run in runs)


def show(results: dict[str, Any]) -> None:
    whole = results["all"]
    print(page.short(results))
    print()
    print(page.faults(results))
    print()
    print(page.alarms(whole))
    for line in whole["crashed"]:
        print(f"a rule crashed: {line}")


def faults(args: argparse.Namespace) -> None:
    start = time.perf_counter()
    faulty, clean, failed, earlier = recalled(args.earlier) if args.earlier else (*judged(args), 0.0)
    results: dict[str, Any] = {
        half: summary(
            [f for f in faulty if half in ("all", f["half"])], [c for c in clean if half in ("all", c["half"])]
        )
        for half in (*HALVES, "all")
    }
    results["seconds"] = earlier or time.perf_counter() - start
    show(results)
    for line in failed:
        print(f"check failed on {line}")
    if args.misses:
        print("\n".join(misses(faulty)))
    target = save("data", results | {"checks": {"faulty": faulty, "clean": clean}, "failed": failed}, args.json)
    print(f"recall {two(results['all']['recall'])}, {len(failed)} checks failed; written to {target}")
    if args.page:
        put(args.page, "faults", page.figures(results, machine()))


def speed(args: argparse.Namespace) -> None:
    rows = measure(args.cache, peers=args.peers, large=args.rows if args.large else 0)
    print(describe(machine()))
    print(page.speed(rows))
    print(f"written to {save('data-speed', rows, args.json)}")
    if args.page:
        put(args.page, "speed", page.speed(rows))


def main() -> None:
    args = arguments()
    if args.speed:
        speed(args)
    else:
        faults(args)


if __name__ == "__main__":
    main()
