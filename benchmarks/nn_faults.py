"""Does nn_bridge find real faults in the training of networks, name the cause, and leave healthy training alone?

    python benchmarks/nn_faults.py                            one setup a kind and half, three seeds (about 15 minutes)
    python benchmarks/nn_faults.py --spread 0                 every setup that fits
    python benchmarks/nn_faults.py --quick                    a look (a few minutes)
    python benchmarks/nn_faults.py --recheck --half tune      judge the same runs again after a rule changed
    python benchmarks/nn_faults.py --zoo --half report        healthy trainings of about a hundred kinds only

Trainings are recorded once by `nn_bridge.TorchRecorder` as it comes, below --cache, and judged from there as the live
training would have been. What a fault is, which codes are right for it, and how it was tested to do harm stands in
`_nn/`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import multiprocessing
import shutil
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from _common import RESULTS, describe, machine, percent, put, save, table, two
from _nn import page, tallies
from _nn.advice import OUTCOMES, followed
from _nn.catalog import KINDS
from _nn.judging import judge
from _nn.peers import PEERS
from _nn.plan import HEALTHY, VERSION, groups, run_group
from _nn.zoo import ZOO
from _nn.zoo_shelf import trained_kind


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("tune", "report", "all"), default="all", help="which nets and data")
    parser.add_argument("--cache", type=Path, default=RESULTS / "nn-fault-runs", help="where the runs are kept")
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--recheck", action="store_true", help="judge what is in the cache, train nothing")
    parser.add_argument("--zoo", action="store_true", help="train the zoo of healthy kinds, and nothing else")
    parser.add_argument(
        "--follow", action="store_true", help="also train the faulty runs with the numbers of their plans"
    )
    parser.add_argument("--retrain", action="store_true", help="forget the runs below --cache and train all anew")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only-seed", type=int, help="of the zoo this seed only")
    parser.add_argument("--spread", type=int, default=1, help="setups a kind and half; 0: all that fit")
    parser.add_argument("--kind", action="append", help="judge this kind and the healthy runs only (may be repeated)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--page", type=Path, help="put the figures on this page (docs/nn-benchmark.md); needs both halves"
    )
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    if args.page and (args.half != "all" or args.kind):
        parser.error("--page needs both halves and all kinds: leave --half and --kind out")
    return args


def trained(args: argparse.Namespace) -> list[dict[str, Any]]:
    """The facts of all runs of the plan, trained now where they are not in the cache."""
    if args.recheck:
        return known_runs(args.cache, args.half)
    if args.retrain:
        shutil.rmtree(args.cache, ignore_errors=True)
    work = groups(1 if args.quick else args.seeds, args.spread or 99, args.half)
    n_faults = sum(len(g.faults) for g in work)
    print(f"{len({g.setup for g in work})} setups, {len(KINDS)} kinds of fault: {n_faults} faulty runs")
    facts: list[dict[str, Any]] = []
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        for done, some in enumerate(pool.imap_unordered(partial(run_group, cache=args.cache.resolve()), work), 1):
            facts += some
            print(f"  {done}/{len(work)} groups, {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return facts


def zoo(args: argparse.Namespace) -> None:
    """Alarms on healthy kinds, as the live training raised them."""
    kinds = [k for k in ZOO.values() if args.half in ("all", k.half) and (not args.kind or k.name in args.kind)]
    seeds = range(1 if args.quick else args.seeds) if args.only_seed is None else (args.only_seed,)
    work = [(k.name, seed) for seed in seeds for k in kinds]
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        runs = pool.starmap(trained_kind, work)
    n_loud = sum(any(f["severity"] in tallies.LOUD for f in r["findings"]) for r in runs)
    n_infos = sum(f["severity"] not in tallies.LOUD for r in runs for f in r["findings"])
    rows = [[r["kind"], r["seed"], f["code"], f["severity"], f["message"][:90]] for r in runs for f in r["findings"]]
    print("\n" + table(["kind", "seed", "code", "severity", "message"], rows))
    print(
        f"\n{len(runs)} healthy runs of {len(kinds)} kinds ({len({k.family for k in kinds})} families, half: "
        f"{args.half}): {n_loud / len(runs):.3f} with a warning or an error, {n_infos / len(runs):.2f} infos a run"
    )
    print(f"written to {save('nn_zoo', {'half': args.half, 'runs': runs}, args.json)}")


def known_runs(cache: Path, half: str) -> list[dict[str, Any]]:
    facts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(cache.glob("*/*/*/facts.json"))]
    found = [f | {"folder": str(cache / f["setup"] / str(f["seed"]) / Path(f["folder"]).name)} for f in facts]
    kept = [f for f in found if f["version"] == VERSION and half in ("all", f["half"]) and f["kind"] != "twin"]
    if not kept:
        sys.exit(f"error: nothing was trained below {cache} yet; run without --recheck first")
    return kept


def judged(facts: Sequence[dict[str, Any]], workers: int) -> list[dict[str, Any]]:
    """All runs judged at their end; the healthy ones at every check round too, for alarms that were taken back."""
    whole = [f["kind"] == HEALTHY for f in facts]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        return pool.starmap(judge, zip(facts, whole, strict=True), chunksize=8)


def follow(runs: Sequence[dict[str, Any]], args: argparse.Namespace) -> list[dict[str, Any]]:
    """Train the faulty runs again with the numbers of their plans, and say what came of it."""
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        found = pool.map(partial(followed, cache=args.cache.resolve()), runs, chunksize=1)
    advice = [f for f in found if f is not None]
    rows = [
        [a["kind"], a["setup"], ", ".join(f"{k}={v:g}" for k, v in a["numbers"].items()), two(a["loss"]),
         two(a["followed"]), two(a["healthy"]), a["outcome"]]
        for a in sorted(advice, key=lambda a: OUTCOMES.index(a["outcome"]), reverse=True)
    ]  # fmt: skip
    print("\n" + table(["fault", "setup", "numbers", "loss", "followed", "healthy", "outcome"], rows))
    counts = ", ".join(f"{o} {sum(a['outcome'] == o for a in advice)}" for o in OUTCOMES)
    print(f"\n{len(advice)} faulty runs whose plan has numbers: {counts}")
    return advice


def show(results: dict[str, Any], only: Sequence[str] | None) -> None:
    total, healthy = results["overall"], results["shelf"]
    rows = [
        [k["kind"], k["n_kept"], k["n_dropped"], two(k["recall"]), two(k["first"]), " ".join(k["right"]),
         " ".join(f"{c}:{n}" for c, n in list(k["codes"].items())[:5])]
        for k in results["kinds"] if not only or k["kind"] in only
    ]  # fmt: skip
    print("\n" + table(["fault", "runs", "dropped", "recall", "first", "right codes", "said"], rows))
    print(
        f"\nOver all: {total['n_kept']} faulty runs of {total['n_kinds']} kinds kept, {total['n_dropped']} dropped as "
        f"harmless ({total['n_kinds_dropped']} kinds never did harm), {total['n_refused']} refused.\n"
        f"Recall {two(total['recall'])}, right code first {two(total['first'])}; {healthy['n_runs']} healthy runs with "
        f"{healthy['loud_a_run']:.3f} warnings or errors a run (taken back: {healthy['taken_back'] or 'none'}).\n"
    )
    print(table(["peer", "any alarm, faulty", "names the flaw", "any alarm, healthy"], [
        [p, percent(total["peers"][p]), percent(total["peers_right"][p]), percent(healthy["peers"][p])] for p in PEERS
    ]))  # fmt: skip
    print("\nFalse alarms\n\n" + page.alarms(results["false_alarms"]))
    print("\nMissed, or not first\n\n" + page.missed([m for m in results["misses"] if not only or m["kind"] in only]))
    for what in ("crashed", "notes"):
        if total[what]:
            print(f"\n{what}: " + "; ".join(total[what]))


def main() -> None:
    args = arguments()
    if args.zoo:
        zoo(args)
        return
    facts = [r for r in trained(args) if not args.kind or r["kind"] in {*args.kind, HEALTHY}]
    started = time.perf_counter()
    runs = judged(facts, args.workers)
    seconds = {"training": sum(r.get("seconds", 0.0) for r in facts), "judging": time.perf_counter() - started}
    print(f"\n{describe(machine())}; trainings of {seconds['training']:.0f} s, judged in {seconds['judging']:.0f} s")
    results: dict[str, Any] = {}
    if args.follow:
        results["advice"] = follow(runs, args)
    for half in page.HALVES if args.half == "all" else (args.half,):
        results[half] = tallies.results_of([r for r in runs if half in ("all", r["half"])])
        print(f"\n# {'both halves' if half == 'all' else half}")
        show(results[half], args.kind)
    seeds = {
        what: len({r["seed"] for r in facts if (r["kind"] == HEALTHY) == (what == HEALTHY)}) for what in page.SHELVES
    }
    results |= {"seconds": seconds, "seeds": seeds}
    results["runs"] = [{k: v for k, v in r.items() if k not in ("skipped", "folder", "version")} for r in runs]
    if args.page:
        put(args.page, "figures", page.figures(results, machine()))
    print(f"\nwritten to {save('nn_faults', results, args.json)}")


if __name__ == "__main__":
    main()
