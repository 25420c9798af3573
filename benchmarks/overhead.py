"""What recording costs: training with and without the callback, interleaved, as ratios.

    python benchmarks/overhead.py             the table of docs/overhead.md (about 15 minutes)
    python benchmarks/overhead.py --quick     a look (about 2 minutes)

The callback runs as a user has it: run on disk, all rules, class balance of both eval sets, findings printed (to
nowhere). Wall time is with two training threads, CPU time (of all threads) with one; "inside" is the CPU time spent
in the recorder itself, as a share of the training's own. MLflow's autolog stands beside where installed.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import logging
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from _common import describe, machine, ratios, save, table, timed
from _long_run import long_run
from _trainings import TRAININGS, Train, recording

from treedebug.recorders.session import Session


def measure(library: str, train: Train, *, repeats: int, threads: int) -> list[dict[str, float]]:
    """Pairs of trainings without and with the callback, the order turned each time."""
    pairs = []
    for i in range(repeats + 1):
        found: dict[str, tuple[float, float]] = {}
        for kind in ("without", "with") if i % 2 else ("with", "without"):
            gc.collect()
            if kind == "without":
                found[kind] = timed(lambda: train([], threads))
            else:
                with recording(library) as callback:
                    found[kind] = timed(lambda: train([callback], threads))
        if i:  # the first pair warms up
            pairs.append(
                {
                    "wall_without": found["without"][0],
                    "wall_with": found["with"][0],
                    "cpu_without": found["without"][1],
                    "cpu_with": found["with"][1],
                }
            )
    return pairs


SETTINGS = [
    # rows, rounds, classes, depth, bar
    (2_000, 500, 2, 6, 1.10),
    (100_000, 200, 2, 6, 1.02),
    (2_000, 1_000, 10, 6, None),
]


def inside(library: str, train: Train, **settings: Any) -> float:
    """CPU time spent in the recorder's own code, as a share of a training without it: steadier than the ratios."""
    spent = [0.0]
    originals = {name: getattr(Session, name) for name in ("begin", "record_round", "end")}

    def timed_method(function: Any) -> Any:
        def method(*args: Any, **kwargs: Any) -> Any:
            start = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent[0] += time.thread_time() - start

        return method

    for name, function in originals.items():
        setattr(Session, name, timed_method(function))
    try:
        shares = []
        for _ in range(3):
            plain = timed(lambda: train([], 1))[1]
            spent[0] = 0.0
            with recording(library, **settings) as callback:
                train([callback], 1)
            shares.append(spent[0] / plain)
    finally:
        for name, function in originals.items():
            setattr(Session, name, function)
    return statistics.median(shares)


def overhead(repeats: int, settings: list[Any]) -> list[dict[str, Any]]:
    """Every setting on both libraries: wall with two threads, CPU with one."""
    results = []
    for rows, rounds, classes, depth, bar in settings:
        for library, make in TRAININGS.items():
            train = make(rows, rounds, classes, depth)
            wall = measure(library, train, repeats=repeats, threads=2)
            cpu = measure(library, train, repeats=repeats, threads=1)
            w = ratios([(p["wall_with"], p["wall_without"]) for p in wall])
            c = ratios([(p["cpu_with"], p["cpu_without"]) for p in cpu])
            added = statistics.median(p["cpu_with"] - p["cpu_without"] for p in cpu)
            results.append(
                {
                    "library": library,
                    "rows": rows,
                    "rounds": rounds,
                    "classes": classes,
                    "bar": bar,
                    "wall_ratio": w[0],
                    "wall_range": w[1:],
                    "cpu_ratio": c[0],
                    "cpu_range": c[1:],
                    "round_ms": 1e3 * statistics.median(p["cpu_without"] for p in cpu) / rounds,
                    "added_ms_a_round": 1e3 * added / rounds,
                    "inside": inside(library, train),
                    "pairs": {"two_threads": wall, "one_thread": cpu},
                }
            )
            r = results[-1]
            print(
                f"{library} {rows} x 30, {rounds} rounds, {classes} classes: wall x{r['wall_ratio']:.3f}, "
                f"CPU x{r['cpu_ratio']:.3f}, "
                f"inside {100 * r['inside']:.1f} %, {r['added_ms_a_round']:.3f} ms a round",
                flush=True,
            )
    return results


def mlflow_beside(repeats: int, settings: list[Any]) -> list[dict[str, Any]]:
    """The same trainings with MLflow's autolog (SQLite, no model), where it is installed."""
    if importlib.util.find_spec("mlflow") is None:
        return []
    import mlflow  # only where installed

    folder = tempfile.mkdtemp()
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    results = []
    for rows, rounds, classes, depth, _ in settings:
        for library, make in TRAININGS.items():
            train, flavor = make(rows, rounds, classes, depth), importlib.import_module(f"mlflow.{library}")
            pairs = []
            for i in range(repeats + 1):
                flavor.autolog(disable=True, silent=True)
                plain = timed(lambda: train([], 2))  # noqa: B023 - called at once
                flavor.autolog(log_models=False, log_datasets=False, silent=True)
                logged = timed(lambda: train([], 2))  # noqa: B023 - called at once
                flavor.autolog(disable=True, silent=True)
                if i:
                    pairs.append((logged[0], plain[0]))
            wall = ratios(pairs)
            results.append(
                {"library": library, "rows": rows, "rounds": rounds, "wall_ratio": wall[0], "wall_range": wall[1:]}
            )
            print(
                f"MLflow {mlflow.__version__} on {library} {rows} x 30, {rounds} rounds: wall x{wall[0]:.3f}",
                flush=True,
            )
    shutil.rmtree(folder)
    return results


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repeats, no long run")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--only", choices=["small", "large", "classes", "long"], default=None)
    parser.add_argument("--json", type=Path, default=None)
    args = parser.parse_args()
    chosen = {"small": SETTINGS[:1], "large": SETTINGS[1:2], "classes": SETTINGS[2:], "long": []}
    settings = chosen[args.only] if args.only else SETTINGS[: 2 if args.quick else 3]
    results = overhead(3 if args.quick else args.repeats, settings)
    peer = mlflow_beside(3, [x for x in settings if x[2] == 2])
    long = long_run(10_000) if args.only == "long" or not (args.quick or args.only) else []
    print(f"\n{describe(machine())}\n")
    print(
        table(
            [
                "library",
                "rows",
                "rounds",
                "classes",
                "wall",
                "range",
                "CPU",
                "range",
                "inside",
                "ms added a round",
                "of",
                "bar",
            ],
            [
                [
                    r["library"],
                    r["rows"],
                    r["rounds"],
                    r["classes"],
                    f"x{r['wall_ratio']:.3f}",
                    f"{r['wall_range'][0]:.3f}-{r['wall_range'][1]:.3f}",
                    f"x{r['cpu_ratio']:.3f}",
                    f"{r['cpu_range'][0]:.3f}-{r['cpu_range'][1]:.3f}",
                    f"{100 * r['inside']:.1f} %",
                    f"{r['added_ms_a_round']:.3f}",
                    f"{r['round_ms']:.2f}",
                    f"x{r['bar']}" if r["bar"] else "",
                ]
                for r in results
            ],
        )
    )
    if peer:
        print(
            "\nMLflow autolog, same trainings\n\n"
            + table(
                ["library", "rows", "rounds", "wall", "wall range"],
                [
                    [
                        r["library"], r["rows"], r["rounds"], f"x{r['wall_ratio']:.2f}",
                        f"{r['wall_range'][0]:.2f}-{r['wall_range'][1]:.2f}",
                    ]
                    for r in peer
                ],
            )
        )  # fmt: skip
    if long:
        keys = list(long[0])
        print("\n" + table(keys, [[r[k] for k in keys] for r in long]))
    print(f"\nwritten to {save('overhead', {'overhead': results, 'mlflow': peer, 'long': long}, args.json)}")


if __name__ == "__main__":
    main()
