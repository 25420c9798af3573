"""What a kill -9 costs: trainings killed at random moments, and what their records still hold.

    python benchmarks/crash.py               the table of docs/crash.md: 50 kills (about 3 minutes)
    python benchmarks/crash.py --kills 4     a look

A subprocess trains with the callback, as a user would. Before the recorder sees a round, it logs the time and a hash
of the booster's predictions. It is killed at a random moment; then the record must open, the oldest round it lost must
be less than a second old, and the booster rebuilt at the last recorded round must predict exactly as the lost one did
after that round.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from _common import describe, machine, save, table

import treedebug

LIBRARIES = ("xgboost", "lightgbm")
PACES = (0.0, 0.25)
"""Seconds a round is drawn out by at most: flushes come by the number of rounds in one case, by time in the other."""
ROUNDS = 100_000


def data() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 12))
    return X, (X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=2000) > 0).astype(float)


def predictions(booster: Any, library: str, X: Any) -> str:
    """A hash of the margins of a few rows after all of the booster's rounds."""
    if library == "xgboost":
        found = booster.inplace_predict(X[:40], predict_type="margin")
    else:
        found = booster.predict(X[:40], raw_score=True, num_iteration=booster.current_iteration(), num_threads=1)
    return hashlib.sha256(np.ascontiguousarray(found).tobytes()).hexdigest()[:16]


# -- the child ---------------------------------------------------------------------------------------------------------


def log_round(round_index: int, booster: Any, library: str, X: Any, pace: float) -> None:
    time.sleep(random.uniform(0, pace))
    line = f"{round_index} {time.monotonic():.6f} {predictions(booster, library, X)}\n"
    os.write(1, line.encode())


class Log(xgb.callback.TrainingCallback):
    def __init__(self, X: Any, pace: float) -> None:
        self.X, self.pace = X, pace

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        log_round(epoch, model, "xgboost", self.X, self.pace)
        return False


def train(library: str, path: str, pace: float) -> None:
    X, y = data()
    if library == "xgboost":
        dtrain, dvalid = xgb.DMatrix(X[:1500], y[:1500]), xgb.DMatrix(X[1500:], y[1500:])
        params = {"objective": "binary:logistic", "max_depth": 4, "eta": 0.01, "nthread": 1}
        xgb.train(
            params, dtrain, ROUNDS, evals=[(dtrain, "train"), (dvalid, "valid")], verbose_eval=False,
            callbacks=[Log(X, pace), treedebug.XGBoostCallback(path, quiet=True)],
        )  # fmt: skip
    else:
        base = lgb.Dataset(X[:1500], y[:1500])
        params = {"objective": "binary", "num_leaves": 15, "learning_rate": 0.01, "num_threads": 1, "verbosity": -1}
        lgb.train(
            params, base, ROUNDS, valid_sets=[base, lgb.Dataset(X[1500:], y[1500:], reference=base)],
            callbacks=[
                lambda env: log_round(env.iteration, env.model, "lightgbm", X, pace),
                treedebug.LightGBMCallback(path, quiet=True),
            ],
        )  # fmt: skip


# -- the parent --------------------------------------------------------------------------------------------------------


def kill_one(library: str, path: Path, wait: float, pace: float) -> tuple[float, list[tuple[int, float, str]]]:
    """Train in a subprocess and kill it `wait` seconds after its first round; (moment of the kill, what it logged)."""
    log = path.with_suffix(".log")
    with log.open("wb") as out:
        child = subprocess.Popen([sys.executable, __file__, "--child", library, str(path), str(pace)], stdout=out)
    try:
        deadline = time.monotonic() + 60
        while not log.stat().st_size:
            if child.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the training to be killed did not start")
            time.sleep(0.002)
        time.sleep(wait)
    finally:
        killed = time.monotonic()
        child.send_signal(signal.SIGKILL)
        child.wait()
    lines = [line.split() for line in log.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return killed, [(int(r), float(t), h) for r, t, h in lines]


def autopsy(library: str, path: Path, killed: float, logged: list[tuple[int, float, str]]) -> dict[str, Any]:
    """What the record of a killed training holds."""
    X, _ = data()
    run = treedebug.load(path)
    lost = [t for r, t, _ in logged if r >= run.n_rounds]
    report = treedebug.check(run, config=treedebug.Config())
    exact = n_trees = None
    if run.n_rounds:
        exact = predictions(run.booster(run.n_rounds - 1), library, X) == logged[run.n_rounds - 1][2]
        n_trees = len(run.trees)
    return {
        "library": library,
        "rounds": len(logged),
        "recorded": run.n_rounds,
        "lost": len(lost),
        "lost_seconds": killed - lost[0] if lost else 0.0,
        "ms_per_round": 1000 * (logged[-1][1] - logged[0][1]) / max(len(logged) - 1, 1),
        "trees": n_trees,
        "exact": exact,
        "crashed_rules": len(report.verdict.crashed),
        "notes": [n.message for n in run.notes],
        "state": run.state,
    }


def one(library: str, folder: Path, wait: float, pace: float) -> dict[str, Any]:
    path = folder / f"{library}-{time.monotonic_ns()}"
    killed, logged = kill_one(library, path, wait, pace)
    try:
        found = autopsy(library, path, killed, logged)
    except Exception as error:  # noqa: BLE001 - the failure is the result
        found = {"library": library, "rounds": len(logged), "error": f"{type(error).__name__}: {error}"}
    return {**found, "killed_after": wait, "pace": pace}


def is_good(found: dict[str, Any]) -> bool:
    """Opened, at most a second lost, predictions exact (where a round is recorded), nothing odd."""
    return (
        "error" not in found
        and found["lost_seconds"] <= 1.0
        and found["exact"] is not False
        and found["state"] == "running or killed"
        and not found["crashed_rules"]
        and found["trees"] in (None, found["recorded"])
    )


def rows(results: list[dict[str, Any]]) -> list[list[Any]]:
    made = []
    for library, pace in itertools.product(LIBRARIES, PACES):
        mine = [r for r in results if r["library"] == library and r["pace"] == pace]
        whole = [r for r in mine if "error" not in r]
        if not whole:
            continue
        made.append([
            library, len(mine), f"{len(whole)} of {len(mine)}",
            f"{min(r['recorded'] for r in whole)} to {max(r['recorded'] for r in whole)}",
            f"{np.median([r['ms_per_round'] for r in whole]):.1f}", max(r["lost"] for r in whole),
            f"{np.median([r['lost_seconds'] for r in whole]):.2f}", f"{max(r['lost_seconds'] for r in whole):.2f}",
            f"{sum(r['exact'] is True for r in whole)} of {sum(r['exact'] is not None for r in whole)}",
        ])  # fmt: skip
    return made


HEADINGS = (
    "library", "kills", "record opens", "rounds recorded", "ms a round", "most rounds lost", "s lost, median",
    "s lost, most", "predicts exactly",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=3.0, help="seconds of training at most")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", nargs=3, metavar=("LIBRARY", "PATH", "PACE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        train(args.child[0], args.child[1], float(args.child[2]))
        return 0
    dice = random.Random(args.seed)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for i in range(args.kills):
            library, pace = LIBRARIES[i % 2], PACES[i // 2 % 2]
            results.append(one(library, Path(folder), dice.uniform(0, args.longest), pace))
            if not is_good(results[-1]):
                print(f"kill {i}: {results[-1]}")
    print(describe(machine()) + "\n")
    print(table(HEADINGS, rows(results)))
    print(f"\nwritten to {save('crash', results, args.json)}")
    return 0 if all(map(is_good, results)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
