"""Watching from another process: are the findings those of the training, and what does it cost?

    python benchmarks/watching.py --only findings     66 configurations trained while another process watches
    python benchmarks/watching.py --only recording    recording with judge=False, inside, as a share of the training
    python benchmarks/watching.py --only watcher      CPU of the watching process, per run and round
    python benchmarks/watching.py --only kills        200 trainings that ship to an S3, killed in every phase
    python benchmarks/watching.py --only shipped      bytes that shipping takes, a round
    python benchmarks/watching.py --only places       rounds with the run in a folder, in an S3, in one that is down
    python benchmarks/watching.py --only listing      the live page: 10,000 runs in a list
    python benchmarks/watching.py --only drawing      the live page: a run of 10,000 rounds
    python benchmarks/watching.py --only pages        the live page: 50 open pages on 10 trainings

Findings are compared as JSON, to the last digit: what the training recorded as it stood at its end, and what a process
that has watched the folder all the while says.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import torch
import xgboost as xgb
from _common import describe, machine, put, save, table
from _live_page import drawing, listing, under_load
from _live_page import rows as figures
from _places import places
from _shipping import kills_so_far, shipped_bytes
from _trainings import TRAININGS
from overhead import inside

import nn_bridge
import treedebug
from treedebug.engine.config import Config

DOCS = Path(__file__).parents[1] / "docs"
PAGES = dict.fromkeys(("listing", "drawing", "pages"), DOCS / "live.md")
"""Where a table stands; in watching.md unless it is here."""
WATCH = """
import json, sys, time
from treedebug.api.watch_runs import open_watch
from treedebug.engine.config import Config
folder, wanted = sys.argv[1], int(sys.argv[2])
watched = open_watch([folder], config=Config())
cpu = 0.0
while len(watched.runs) < wanted or not watched.is_over:
    began = time.process_time()
    watched.poll()
    cpu += time.process_time() - began
    time.sleep(0.2)
print(json.dumps({
    "cpu": cpu,
    "rounds": sum(r.run.n_rounds for r in watched.runs.values()),
    "runs": {r.label: [f.to_dict() for f in r.findings] for r in watched.runs.values()},
}))
"""


def rows(seed: int, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(240, 6)).astype(np.float32)
    score = X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=240) * rng.uniform(0.1, 2)
    if n_classes == 0:
        return X, score
    return X, np.digitize(score, np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1])).astype(float)


def boosted(library: str, seed: int, folder: Path) -> None:
    """One training with parameters drawn at random."""
    rng = np.random.default_rng(seed)
    n_classes = int(rng.choice([0, 2, 2, 3]))
    X, y = rows(seed, n_classes)
    n_rounds = int(rng.choice([4, 30, 75, 130]))
    params: dict[str, Any] = {"learning_rate": float(rng.choice([0.01, 0.1, 0.9])), "seed": seed}
    path = folder / f"{library}-{seed}"
    if library == "xgboost":
        goal = {0: "reg:squarederror", 2: "binary:logistic", 3: "multi:softprob"}[n_classes]
        params |= {"objective": goal, "max_depth": int(rng.choice([1, 3, 8])), "nthread": 1}
        params |= {"num_class": 3} if n_classes == 3 else {}
        params |= {"booster": str(rng.choice(["gbtree", "gbtree", "dart", "gblinear"]))}
        train, valid = xgb.DMatrix(X[:160], y[:160]), xgb.DMatrix(X[160:], y[160:])
        callback = treedebug.XGBoostCallback(path, quiet=True, config=Config())
        evals = [(train, "train"), (valid, "valid")][: int(rng.choice([1, 2, 2, 2]))]
        xgb.train(params, train, n_rounds, evals=evals, verbose_eval=False, callbacks=[callback])
        return
    goal = {0: "regression", 2: "binary", 3: "multiclass"}[n_classes]
    params |= {"objective": goal, "num_leaves": int(rng.choice([3, 15, 63])), "verbosity": -1, "num_threads": 1}
    params |= {"num_class": 3} if n_classes == 3 else {}
    params |= {"boosting": str(rng.choice(["gbdt", "gbdt", "dart"])), "min_data_in_leaf": int(rng.choice([2, 20, 100]))}
    data = lgb.Dataset(X[:160], y[:160])
    callback = treedebug.LightGBMCallback(path, quiet=True, config=Config())
    lgb.train(params, data, n_rounds, valid_sets=[data, data.create_valid(X[160:], y[160:])], callbacks=[callback])


def net(seed: int, folder: Path) -> None:
    """A small network, with a fault in every other one."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    X, y = (torch.tensor(a) for a in rows(seed, 2))
    activation = [torch.nn.ReLU, torch.nn.Sigmoid, torch.nn.Tanh][seed % 3]
    model = torch.nn.Sequential(torch.nn.Linear(6, 16), activation(), torch.nn.Linear(16, 16), activation(),
                                torch.nn.Linear(16, 2))  # fmt: skip
    optimizer = torch.optim.SGD(model.parameters(), lr=float(rng.choice([1e-6, 0.05, 50.0])))
    with nn_bridge.TorchRecorder(model, optimizer, folder / f"torch-{seed}", quiet=True) as recorder:
        for _ in range(12):
            for start in range(0, 160, 40):
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(model(X[start : start + 40]), y[start : start + 40].long())
                loss.backward()
                optimizer.step()
                recorder.log("train", loss=loss)
            with torch.no_grad():
                recorder.log("valid", loss=torch.nn.functional.cross_entropy(model(X[160:]), y[160:].long()))


def watched_while(train: list[Any], folder: Path) -> dict[str, Any]:
    """Run the trainings while another process watches the folder; what that process says."""
    command = [sys.executable, "-c", WATCH, str(folder), str(len(train))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        time.sleep(3)  # it has to import
        for one in train:
            one()
        out, _ = process.communicate(timeout=300)
    return json.loads(out)


def findings(n: int) -> dict[str, Any]:
    """Live against watched, over `n` trainings of each library and a tenth as many nets."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        trainings = [lambda s=s, k=k: boosted(k, s, folder) for s in range(n) for k in ("xgboost", "lightgbm")]
        trainings += [lambda s=s: net(s, folder) for s in range(6)]
        said = watched_while(trainings, folder)
        differing, n_findings = [], 0
        for place, run in treedebug.runs(folder).items():
            live = json.dumps([f.to_dict() for f in run.findings], sort_keys=True)
            n_findings += len(run.findings)
            if live != json.dumps(said["runs"].get(place), sort_keys=True):
                differing.append(place)
        return {
            "configurations": len(trainings),
            "rounds": said["rounds"],
            "findings": n_findings,
            "differing runs": differing,
        }


def recording() -> list[dict[str, Any]]:
    """Inside cost with and without judging."""
    results = []
    for n_rows, rounds, bar in ((2_000, 500, 5.0), (100_000, 120, 1.5)):
        for library, make in TRAININGS.items():
            train = make(n_rows, rounds, 2, 6)
            judged, unjudged = inside(library, train), inside(library, train, judge=False)
            results.append(
                {"library": library, "rows x 30": n_rows, "rounds": rounds, "judged, inside": f"{100 * judged:.1f} %",
                 "judge=False, inside": f"{100 * unjudged:.1f} %", "wanted": f"{bar} %"}
            )  # fmt: skip
            print(results[-1], flush=True)
    return results


def watcher() -> list[dict[str, Any]]:
    """CPU of a process that watches trainings recorded without judging."""
    results = []
    for n_runs, rounds in ((1, 500), (10, 120)):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            train = TRAININGS["xgboost"](2_000, rounds, 2, 6)
            kind = treedebug.XGBoostCallback
            jobs = [
                lambda i=i: train([kind(folder / str(i), judge=False, quiet=True)], 1)  # noqa: B023 - called at once
                for i in range(n_runs)
            ]
            began = time.perf_counter()
            said = watched_while(jobs, folder)
            results.append(
                {"runs": n_runs, "rounds each": rounds, "seconds": round(time.perf_counter() - began, 1),
                 "watcher CPU, s": round(said["cpu"], 2),
                 "CPU ms a run and round": round(1e3 * said["cpu"] / said["rounds"], 2)}
            )  # fmt: skip
            print(results[-1], flush=True)
    return results


PARTS: dict[str, Any] = {
    "findings": lambda args: [findings(args.n or 30)],
    "recording": lambda _: recording(),
    "watcher": lambda _: watcher(),
    "kills": lambda args: kills_so_far(args.first, args.n or 200),
    "shipped": lambda _: shipped_bytes(),
    "places": lambda _: places(),
    "listing": lambda _: figures([listing(TRAININGS["xgboost"])]),
    "drawing": lambda _: figures([drawing(TRAININGS["xgboost"])]),
    "pages": lambda _: figures([under_load()]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(PARTS), default=None)
    parser.add_argument("--n", type=int, default=0, help="trainings of each library (30), or kills (200)")
    parser.add_argument("--first", type=int, default=0, help="number of the first kill, of a piece of all")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/watching.md and docs/live.md")
    args = parser.parse_args()
    results = {}
    for part, job in PARTS.items():
        if args.only in (None, part):
            results[part] = job(args)
            text = table(list(results[part][0]), [list(r.values()) for r in results[part]])
            print(f"\n{text}\n\n{describe(machine())}\n")
            if args.write:
                put(PAGES.get(part, DOCS / "watching.md"), part, text)
    print(f"written to {save('watching', results)}")


if __name__ == "__main__":
    main()
