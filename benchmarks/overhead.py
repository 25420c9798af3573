"""What recording costs: training with and without the callback, interleaved, as ratios.

    python benchmarks/overhead.py             the table of docs/overhead.md (about 15 minutes)
    python benchmarks/overhead.py --quick     a look (about 2 minutes)

The callback runs as a user has it: run on disk, all rules, class balance of both eval sets, findings printed (to
nowhere). Wall time is with two training threads, CPU time (of all threads) with one. MLflow's autolog stands beside
where installed.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import importlib.util
import logging
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from _common import describe, machine, ratios, save, table, timed

import treedebug

Train = Callable[[list[Any], int], Any]


def data(n_rows: int, n_classes: int = 2, seed: int = 0) -> tuple[Any, Any, Any, Any]:
    """Train and validation halves of a made-up problem that trees can learn but not exhaust."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 30)).astype(np.float32)
    score = X[:, 0] + X[:, 1] * X[:, 2] + np.abs(X[:, 3]) + rng.normal(size=n_rows)
    y = np.digitize(score, np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1]))
    k = n_rows * 4 // 5
    return X[:k], y[:k], X[k:], y[k:]


def xgboost_training(n_rows: int, rounds: int, n_classes: int, depth: int) -> Train:
    """A function that trains with the callbacks and threads given."""
    X, y, Xv, yv = data(n_rows, n_classes)
    dtrain, dvalid = xgb.DMatrix(X, y), xgb.DMatrix(Xv, yv)
    params: dict[str, Any] = {"max_depth": depth, "eta": 0.1, "objective": "binary:logistic"}
    if n_classes > 2:
        params |= {"objective": "multi:softprob", "num_class": n_classes}
    evals = [(dtrain, "train"), (dvalid, "valid")]

    def train(callbacks: list[Any], threads: int) -> Any:
        given = {**params, "nthread": threads}
        return xgb.train(given, dtrain, rounds, evals=evals, verbose_eval=False, callbacks=callbacks)

    return train


def lightgbm_training(n_rows: int, rounds: int, n_classes: int, depth: int) -> Train:
    """The same for LightGBM."""
    X, y, Xv, yv = data(n_rows, n_classes)
    params: dict[str, Any] = {
        "num_leaves": 2**depth - 1, "max_depth": depth, "learning_rate": 0.1, "objective": "binary", "verbose": -1,
    }  # fmt: skip
    if n_classes > 2:
        params |= {"objective": "multiclass", "num_class": n_classes}

    def train(callbacks: list[Any], threads: int) -> Any:
        given = {**params, "num_threads": threads}
        train_set = lgb.Dataset(X, y, params={"verbose": -1}).construct()
        valid_set = lgb.Dataset(Xv, yv, reference=train_set).construct()
        return lgb.train(
            given,
            train_set,
            rounds,
            valid_sets=[train_set, valid_set],
            valid_names=["train", "valid"],
            callbacks=callbacks,
        )

    return train


TRAININGS = {"xgboost": xgboost_training, "lightgbm": lightgbm_training}
CALLBACKS = {"xgboost": treedebug.XGBoostCallback, "lightgbm": treedebug.LightGBMCallback}


@contextlib.contextmanager
def recording(library: str) -> Any:
    """A callback recording to a fresh folder, its lines printed to nowhere."""
    folder = tempfile.mkdtemp()
    with Path(os.devnull).open("w", encoding="utf-8") as sink, contextlib.redirect_stderr(sink):
        yield CALLBACKS[library](Path(folder) / "run")
    shutil.rmtree(folder)


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
                    "pairs": {"two_threads": wall, "one_thread": cpu},
                }
            )
            r = results[-1]
            print(
                f"{library} {rows} x 30, {rounds} rounds, {classes} classes: wall x{r['wall_ratio']:.3f}, "
                f"CPU x{r['cpu_ratio']:.3f}, {r['added_ms_a_round']:.3f} ms a round",
                flush=True,
            )
    return results


def mlflow_beside(repeats: int, settings: list[Any]) -> list[dict[str, Any]]:
    """The same trainings with MLflow's autolog (SQLite, no model), where it is installed."""
    if importlib.util.find_spec("mlflow") is None:
        return []
    import mlflow  # noqa: PLC0415 - only where installed

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


class RoundTimes:
    """Times what our callback itself takes in each round, by standing around it."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.seconds = inner, []

    def __call__(self, function: Callable[..., Any], *args: Any) -> Any:
        start = time.process_time()
        result = function(*args)
        self.seconds.append(time.process_time() - start)
        return result


def long_run(rounds: int) -> list[dict[str, Any]]:
    """Cost of the callback around round 100 and at the end, and the memory it holds, over many rounds."""
    results = []
    for library, make in TRAININGS.items():
        with recording(library) as callback:
            timer = RoundTimes(callback)
            memory: list[tuple[int, float]] = []
            hook = _time_xgboost if library == "xgboost" else _time_lightgbm
            hook(callback, timer, memory)
            make(500, rounds, 2, 6)([callback], 1)
            callback.run  # noqa: B018 - closes a run whose end nobody told
        seconds = np.array(timer.seconds)
        early, late = seconds[60:260], seconds[-400:]
        plain = _memory_without(library, rounds)
        with_callback = memory[-1][1] - memory[0][1]
        results.append(
            {
                "library": library,
                "rounds": rounds,
                "us_a_round_at_100": 1e6 * float(early.mean()),
                "us_a_round_at_end": 1e6 * float(late.mean()),
                "ratio": float(late.mean() / early.mean()),
                "growth_mb_with": with_callback,
                "growth_mb_without": plain,
                "held_by_recorder_mb": with_callback - plain,
            }
        )
        print({k: round(v, 3) if isinstance(v, float) else v for k, v in results[-1].items()}, flush=True)
    return results


def _rss_mb() -> float:
    with Path("/proc/self/statm").open(encoding="utf-8") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def _time_xgboost(callback: Any, timer: RoundTimes, memory: list[tuple[int, float]]) -> None:
    inner = type(callback).after_iteration

    def after_iteration(model: Any, epoch: int, log: Any) -> Any:
        if epoch % 500 == 499:
            memory.append((epoch, _rss_mb()))
        return timer(inner, callback, model, epoch, log)

    callback.after_iteration = after_iteration


def _time_lightgbm(callback: Any, timer: RoundTimes, memory: list[tuple[int, float]]) -> None:
    kind = type(callback)

    class Timed(kind):  # type: ignore[misc, valid-type]
        def __call__(self, env: Any) -> None:
            if env.iteration % 500 == 499:
                memory.append((env.iteration, _rss_mb()))
            timer(kind.__call__, self, env)

    callback.__class__ = Timed


def _memory_without(library: str, rounds: int) -> float:
    """Growth of the process from round 500 to the end without the callback: the booster itself and the metrics."""
    memory: list[float] = []
    if library == "xgboost":

        class Watch(xgb.callback.TrainingCallback):
            def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
                if epoch % 500 == 499:
                    memory.append(_rss_mb())
                return False

        TRAININGS[library](500, rounds, 2, 6)([Watch()], 1)
    else:

        class Plain:
            order = 25

            def __call__(self, env: Any) -> None:
                if env.iteration % 500 == 499:
                    memory.append(_rss_mb())

        TRAININGS[library](500, rounds, 2, 6)([Plain()], 1)
    return memory[-1] - memory[0]


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
            ["library", "rows", "rounds", "classes", "wall", "range", "CPU", "range", "ms added a round", "of", "bar"],
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
