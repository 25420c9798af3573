"""Does treedebug find real faults, name the cause, and leave healthy training alone?

    python benchmarks/faults.py                               bundled and generated data (about 10 minutes)
    python benchmarks/faults.py --data FOLDER                 and every table of a folder: docs/benchmark.md
    python benchmarks/faults.py --quick                       a look (about 2 minutes)
    python benchmarks/faults.py --recheck --half tune         judge the same runs again after a rule changed (seconds)
    python benchmarks/faults.py --kind wrong-labels           train and judge this kind, and the healthy runs, only

Trainings are recorded once, below --cache, and judged from there as the live training would have been. What a fault is,
which codes are right for it, and how it was tested to do harm stands in `_faults/`.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import hashlib
import json
import multiprocessing
import shutil
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from _common import RESULTS, describe, machine, percent, put, save, table, two, whole
from _faults import page, tables, tallies
from _faults.catalog import KINDS
from _faults.judging import judge
from _faults.plan import HEALTHY, VERSION, Plan, groups, run_group

import treedebug
from treedebug.rules import BUILTIN

MANIFEST = "manifest.json"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder of tables (.csv, .svm) to use as well")
    parser.add_argument("--half", choices=("tune", "report", "all"), default="all", help="which data sets")
    parser.add_argument("--cache", type=Path, default=RESULTS / "fault-runs", help="where the runs are kept")
    parser.add_argument("--quick", action="store_true", help="one seed, one data set a kind and half")
    parser.add_argument("--recheck", action="store_true", help="judge what the last call trained, train nothing")
    parser.add_argument("--retrain", action="store_true", help="forget the runs below --cache and train all anew")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--spread", type=int, default=4, help="data sets a kind and half; 0: all that fit")
    parser.add_argument(
        "--kind",
        action="append",
        help="only this kind and the healthy runs (may be repeated)",
        choices=sorted(KINDS),
        metavar="KIND",
    )
    parser.add_argument("--misses", action="store_true", help="print every missed fault with what was said instead")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--page", type=Path, help="put the figures on this page (docs/benchmark.md); needs both halves")
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args()
    if args.retrain and args.kind:
        parser.error("--retrain forgets the runs of all kinds: leave --kind out, or choose another --cache")
    if args.page and (args.half != "all" or args.kind):
        parser.error("--page needs both halves and all kinds: leave --half and --kind out")
    return args


def trained(args: argparse.Namespace) -> list[dict[str, Any]]:
    """The facts of all runs of the plan, trained now where they are not in the cache."""
    manifest = args.cache / MANIFEST
    if args.recheck:
        if not manifest.is_file():
            sys.exit(f"error: nothing was trained below {args.cache} yet; run without --recheck first")
        known = json.loads(manifest.read_text(encoding="utf-8"))
        if known["recorder"] != recorder():
            print("note: treedebug's recorder has changed since these runs were recorded; --retrain records them anew")
        return [facts for facts in known["runs"] if args.half in ("all", facts["half"])]
    if args.retrain:
        shutil.rmtree(args.cache, ignore_errors=True)
    found, left_out = tables.load(args.data)
    for line in left_out:
        print(f"left out: {line}")
    only = tuple(args.kind or ())
    plan = Plan(1, 1, only, alternate=True) if args.quick else Plan(args.seeds, args.spread or None, only)
    work = groups([t for t in found if args.half in ("all", t.half)], plan)
    n_faults = sum(len(g.faults) for g in work)
    print(f"{len({g.table.name for g in work})} data sets, {len(KINDS)} kinds of fault: {n_faults} faulty runs")
    facts: list[dict[str, Any]] = []
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(args.workers) as pool:
        for done, some in enumerate(pool.imap_unordered(partial(run_group, cache=args.cache.resolve()), work), 1):
            facts += some
            if sys.stderr.isatty() or done % 10 == 0:
                print(f"  {done}/{len(work)} groups, {time.perf_counter() - started:.0f} s", file=sys.stderr)
    manifest.parent.mkdir(parents=True, exist_ok=True)
    everything = sorted([*_of_other_kinds(manifest, only), *facts], key=identity)
    manifest.write_text(json.dumps({"recorder": recorder(), "runs": everything}), encoding="utf-8")
    return sorted(facts, key=identity)


def identity(run: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(run[key] for key in ("table", "library", "seed", "kind", "level"))


def _of_other_kinds(manifest: Path, only: Sequence[str]) -> list[dict[str, Any]]:
    """What earlier calls trained and this one, of some kinds, did not look at."""
    if not only or not manifest.is_file():
        return []
    known = json.loads(manifest.read_text(encoding="utf-8"))["runs"]
    return [r for r in known if r["kind"] not in {*only, HEALTHY} and r["version"] == VERSION]


def recorder() -> str:
    """What decides what is recorded: a checksum of the code that does it."""
    here = Path(treedebug.__file__).parent
    files = [p for folder in ("recorders", "store", "core") for p in sorted((here / folder).rglob("*.py"))]
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()


def judged(facts: Sequence[dict[str, Any]], workers: int) -> list[dict[str, Any]]:
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        return pool.map(judge, facts, chunksize=16)


def show(results: dict[str, Any], only: Sequence[str] | None) -> None:
    total, shelf = results["overall"], results["shelf"]
    alone, without = ({k["kind"]: k for k in results["alone"]["kinds"]}, results["alone"])
    rows = [
        [
            k["kind"], k["n_kept"], k["n_dropped"],
            *map(two, (k["recall"], alone[k["kind"]]["recall"], k["first"], k["symptom_only"])),
            whole(k["rounds_to_detection"]), percent(k["share_to_detection"]), percent(k["saved"]),
            *map(two, (k["debugger_recall"], k["stopping_anything"])),
            " ".join(k["right"]), " ".join(f"{c}:{n}" for c, n in list(k["codes"].items())[:5]),
        ]
        for k in results["kinds"] if not only or k["kind"] in only
    ]  # fmt: skip
    print("\n" + table(
        ["fault", "runs", "dropped", "recall", "run alone", "first", "symptom only", "rounds", "of planned", "saved",
         "Debugger", "early stopping", "right codes", "said"], rows,
    ))  # fmt: skip
    print(
        f"\nOver all: {total['n_kept']} faulty runs of {total['n_kinds_tried']} kinds kept, "
        f"{total['n_dropped']} dropped as harmless, {total['n_refused']} refused by the library.\n"
        f"With the check of the data: recall {two(total['recall'])}, right code first {two(total['first'])}; where "
        f"there is a rule, {two(total['recall_where_ruled'])} and {two(total['first_where_ruled'])}. From the run "
        f"alone: recall {two(without['overall']['recall'])}, first {two(without['overall']['first'])}; of what a run "
        f"can tell {two(without['overall']['recall_tellable'])} and {two(without['overall']['first_tellable'])}. "
        f"Rounds saved by stopping at the first warning {percent(total['saved'])}.\n"
        f"No rule yet: {', '.join(total['kinds_without_rule']) or 'none'}. "
        f"Under 0.8: {', '.join(total['kinds_under_0.8']) or 'none'}.\n"
        f"SageMaker Debugger's defaults: recall {two(total['debugger_recall'])}, an alarm on "
        f"{percent(shelf['debugger_share_with_alarm'])} of the healthy runs ({two(shelf['debugger_a_run'])} a run); "
        f"plain early stopping would have saved {percent(total['stopping_saved'])} of the rounds."
    )
    print(
        f"\nHealthy shelf: {shelf['n_runs']} runs on {shelf['n_tables']} data sets; {shelf['loud_a_run']:.3f} warnings "
        f"or errors a run, {shelf['a_run']['info']:.2f} infos; raised and taken back: {shelf['taken_back'] or 'none'}\n"
    )
    print(
        f"From the run alone {without['shelf']['loud_a_run']:.3f} warnings or errors a run. By family, with the data: "
        + ", ".join(f"{f} {n:.3f}" for f, n in shelf["by_family"].items())
        + "\n"
    )
    print(table(["rule", "n", "a run"], [[c, v["n"], v["a_run"]] for c, v in shelf["by_rule"].items()]))
    if results["mislabelled"]:
        print("\nRows listed as mislabelled\n\n" + page.mislabelled(results["mislabelled"]))
    if results["false_alarms"]:
        print("\nFalse alarms that remain\n")
        keys = ("table", "library", "seed", "level", "code", "message", "why")
        print(table(keys, [[a[k] for k in keys] for a in results["false_alarms"]]))
    if total["crashed"]:
        print("\nCrashed: " + "; ".join(total["crashed"]))


def show_misses(missed: Sequence[dict[str, Any]], only: Sequence[str] | None) -> None:
    keys = ("kind", "level", "table", "library", "seed", "n_rounds", "planned")
    print("\nMissed\n\n" + table([*keys, "said", "skipped"], [
        [*(m[k] for k in keys), ", ".join(m["said"]), "; ".join(f"{c}: {why[:60]}" for c, why in m["skipped"].items())]
        for m in missed if not only or m["kind"] in only
    ]))  # fmt: skip


def main() -> None:
    args = arguments()
    facts = trained(args)
    if args.kind:
        facts = [r for r in facts if r["kind"] in {*args.kind, HEALTHY}]
    training_seconds = sum(r.get("seconds", 0.0) for r in facts) / args.workers
    started = time.perf_counter()
    runs = judged(facts, args.workers)
    judging_seconds = time.perf_counter() - started
    known = frozenset(r.code for r in BUILTIN)
    results: dict[str, Any] = {}
    for half in ("all", "tune", "report") if args.half == "all" else (args.half,):
        mine = [r for r in runs if half in ("all", r["half"])]
        results[half] = tallies.all_of(mine, known) | {"alone": tallies.all_of(tallies.alone(mine), known)}
    print(f"\n{describe(machine())}; trainings of {training_seconds:.0f} s, judged in {judging_seconds:.0f} s")
    for half, figures in results.items():
        print(f"\n# {'both halves' if half == 'all' else half}" if args.half == "all" else f"\n# {half}")
        show(figures, args.kind)
    if args.misses:
        show_misses(results[args.half]["misses"], args.kind)
    results |= {"rules": sorted(known), "seconds": {"training": training_seconds, "judging": judging_seconds}}
    results["runs"] = [{k: v for k, v in r.items() if k not in ("skipped", "folder", "version", "alone")} for r in runs]
    if args.page:
        put(args.page, "figures", page.figures(results, machine()))
    print(f"\nwritten to {save('faults', results, args.json)}")


if __name__ == "__main__":
    main()
