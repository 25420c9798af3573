"""Does treedebug name the true cause, where people asked in public what is wrong with their training?

    python benchmarks/situations.py                            all situations (a minute)
    python benchmarks/situations.py --half tune --misses       those that rules may be built on, and what was said
    python benchmarks/situations.py --only own-log-loss-with-the-wrong-sign
    python benchmarks/situations.py --docs docs/situations.md  and write the page
    python benchmarks/situations.py --nets --docs docs/nn-benchmark.md   the same of networks (two minutes)

What a situation is, and which words name its cause, stands in `_situations/`. Every situation is trained as the user
did and the right way: that the fault does harm is measured each time.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import multiprocessing
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from _common import describe, machine, put, save
from _situations import page
from _situations.judging import all_situations, judge


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="NAME", help="only this situation (may be repeated)")
    parser.add_argument("--nets", action="store_true", help="the situations of networks (two minutes)")
    parser.add_argument("--half", choices=("tune", "report", "all"), default="all", help="which situations")
    parser.add_argument("--misses", action="store_true", help="print what was said where the cause is not first")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to write the results")
    parser.add_argument(
        "--docs", type=Path, metavar="PAGE", help="write docs/situations.md (--nets: docs/nn-benchmark.md)"
    )
    args = parser.parse_args()
    if args.docs and (args.only or args.half != "all"):
        parser.error("--docs needs all situations: leave --only and --half out")
    known = all_situations(nets=args.nets)
    unknown = set(args.only or ()) - set(known)
    if unknown:
        parser.error(f"no situation is named {', '.join(sorted(unknown))}; all: {', '.join(sorted(known))}")
    return args


def judged(args: argparse.Namespace) -> list[dict[str, Any]]:
    names = [
        s.name
        for s in all_situations(nets=args.nets).values()
        if args.half in ("all", s.half) and (not args.only or s.name in args.only)
    ]
    if args.jobs == 1:
        return [judge(name, nets=args.nets) for name in names]
    with multiprocessing.get_context("spawn").Pool(args.jobs) as pool:
        return pool.map(partial(judge, nets=args.nets), names, chunksize=1)


def show_misses(results: list[dict[str, Any]]) -> None:
    for facts in results:
        if facts["outcome"] in ("first", "silent"):
            continue
        print(f"\n{facts['name']} ({facts['half']}, asked {facts['asked']}): {facts['outcome']}\n  {facts['story']}")
        for line in facts["said"]:
            print(f"  - {line}")
        for line in facts.get("still_named_when_mended", ()):
            print(f"  - when mended, still: {line}")


def main() -> None:
    args = arguments()
    began = time.perf_counter()
    results = judged(args)
    seconds = time.perf_counter() - began
    print(page.each(results) + "\n")
    if args.misses:
        show_misses(results)
    print(page.distribution(results))
    harmless = [f["name"] for f in results if "mended_loss" in f and not f["mended_loss"] < f["loss"]]
    if harmless:
        print(f"\nThe right way is not better, so these are no faults: {', '.join(harmless)}")
    print(f"\n{len(results)} situations in {seconds:.0f} s on {describe(machine())}")
    print(f"written to {save('situations', results, args.json)}")
    if args.docs and args.nets:
        put(args.docs, "situations", page.nets(results))
    elif args.docs:
        args.docs.write_text(page.page(results), encoding="utf-8", newline="\n")
    if args.docs:
        print(f"written to {args.docs}")
    sys.exit(bool(harmless))


if __name__ == "__main__":
    main()
