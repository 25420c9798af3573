"""How long pages take, how large they are, and what the predictions on them cost the training.

    python benchmarks/report.py             (about 6 minutes)
    python benchmarks/report.py --only predictions
    python benchmarks/report.py --write     puts the tables into docs/report.md
    python benchmarks/report.py --keep DIR  records into DIR, and takes the runs that are there already

Records trainings of four sizes and a small net (not timed), then makes each page three times in this process and three
times in the shell; the fastest counts. CPU time is what other load on the machine does not change. The bars: 1,000
rounds of 30 features in 2 s and 1.5 MB, 10,000 of 500 in 10 s, no page over 3 MB. Of the predictions: CPU time spent in
taking them, as a share of the same training without a recorder; all that is recorded together may cost 12 % at 2,000
rows and 2.5 % at 100,000 (docs/overhead.md).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import xgboost as xgb
from _common import describe, machine, put, save, table, timed, two, whole
from _trainings import TRAININGS, recording

import treedebug
from treedebug.recorders.sampled_predictions import SampledPredictions

CASES = {
    "100 rounds, 10 features": (100, 10, 2000, 2, None),
    "1,000 rounds, 30 features": (1000, 30, 3000, 2, (2.0, 1.5)),
    "100 rounds, 10 features, 20 classes": (100, 10, 3000, 20, None),
    "10,000 rounds, 500 features": (10_000, 500, 1000, 2, (10.0, 3.0)),
}
"""Rounds, features, rows, classes, and the bars in seconds and MB."""
SETTINGS = ((2_000, 500, 12.0), (100_000, 200, 2.5))
"""Rows, rounds, and what all that is recorded may cost, in percent."""
MOST_MB = 3.0
REPEATS = 3
PAGE = Path(__file__).parent.parent / "docs" / "report.md"


def record(path: Path, n_rounds: int, n_features: int, n_rows: int, n_classes: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n_rows, n_features)).astype(np.float32)
    score = x[:, :5].sum(axis=1) + rng.normal(size=n_rows)
    y = np.searchsorted(np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1]), score)
    cut = n_rows * 2 // 3
    train, valid = (xgb.DMatrix(x[s], y[s]) for s in (slice(0, cut), slice(cut, n_rows)))
    evals = [(train, "train"), (valid, "valid")]
    params = {"objective": "binary:logistic", "max_depth": 4, "eta": 0.05, "nthread": 1, "max_bin": 32, "verbosity": 0}
    if n_classes > 2:
        params |= {"objective": "multi:softprob", "num_class": n_classes}
    callback = treedebug.XGBoostCallback(path, evals=evals, quiet=True)
    xgb.train(params, train, n_rounds, evals=evals, callbacks=[callback], verbose_eval=False)


def record_net(path: Path) -> None:
    import torch
    from sklearn.datasets import load_digits
    from torch import nn

    import nn_bridge

    torch.manual_seed(0)
    torch.set_num_threads(1)
    x, y = (torch.as_tensor(part) for part in load_digits(return_X_y=True))
    x = (x / 16).float()
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer, criterion = torch.optim.Adam(net.parameters(), 3e-3), nn.CrossEntropyLoss()
    with nn_bridge.TorchRecorder(net, optimizer, path, quiet=True) as recorder:
        for _ in range(20):
            for rows in torch.randperm(1300).split(64):
                loss = criterion(net(x[rows]), y[rows])
                recorder.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                recorder.log("valid", loss=criterion(net(x[1300:]), y[1300:]))
        recorder.probe(x[1300:], y[1300:])


def measure(run: Path, page: Path) -> tuple[float, float]:
    return timed(lambda: treedebug.report(run, page, force=True))


def by_command(run: Path, page: Path) -> float:
    """The same in the shell, which starts Python and imports everything first."""
    command = [sys.executable, "-m", "treedebug", "report", str(run), "-o", str(page), "--force"]
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))[0]


def pages(folder: Path) -> list[dict]:
    makers = {case: (lambda path, c=c: record(path, *c[:4]), c[4]) for case, c in CASES.items()}
    makers["a net: 21 rounds, 497 rows probed"] = (record_net, None)
    for i, (make, _) in enumerate(makers.values()):
        if not (folder / str(i)).exists():
            make(folder / str(i))
    rows = []
    for i, (case, (_, bars)) in enumerate(makers.items()):
        page = folder / f"{i}.html"
        found = [measure(folder / str(i), page) for _ in range(REPEATS)]
        wall, cpu = (min(times) for times in zip(*found, strict=True))
        shell = min(by_command(folder / str(i), page) for _ in range(REPEATS))
        size = page.stat().st_size / 1e6
        rows.append({"case": case, "seconds": wall, "cpu": cpu, "shell": shell, "bars": bars, "mb": size})
        print(f"{case}: {wall:.2f} s, {cpu:.2f} s of CPU, {shell:.2f} s in the shell, {size:.2f} MB", flush=True)
        assert rows[-1]["mb"] <= MOST_MB
    return rows


def cost_of_predictions(library: str, n_rows: int, n_rounds: int) -> float:
    """The median share, in percent, of three trainings in turn with three without a recorder."""
    train = TRAININGS[library](n_rows, n_rounds, 2, 6)
    spent = [0.0]
    originals = {name: getattr(SampledPredictions, name) for name in ("begin", "take", "finish")}
    depth = [0]

    def timed_method(function):
        def method(*args, **kwargs):
            depth[0] += 1
            start = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                depth[0] -= 1
                if not depth[0]:  # finish() calls take()
                    spent[0] += time.thread_time() - start

        return method

    for name, function in originals.items():
        setattr(SampledPredictions, name, timed_method(function))
    shares = []
    try:
        for _ in range(REPEATS):
            plain = timed(lambda: train([], 1))[1]
            spent[0] = 0.0
            with recording(library) as callback:
                train([callback], 1)
            shares.append(100.0 * spent[0] / plain)
    finally:
        for name, function in originals.items():
            setattr(SampledPredictions, name, function)
    return statistics.median(shares)


def predictions(folder: Path) -> list[dict]:
    rows = []
    for n_rows, n_rounds, bar in SETTINGS:
        for library in TRAININGS:
            found = cost_of_predictions(library, n_rows, n_rounds)
            rows.append({"library": library, "rows": n_rows, "rounds": n_rounds, "percent": found, "bar": bar})
            print(f"{library}, {n_rows:,} rows, {n_rounds} rounds: {found:.2f} %", flush=True)
    return rows


PARTS = {"pages": pages, "predictions": predictions}


def text(results: dict) -> dict[str, str]:
    shown = {}
    if "pages" in results:
        rows = [
            (
                r["case"],
                two(r["seconds"]),
                two(r["cpu"]),
                two(r["shell"]),
                whole(bars[0]),
                two(r["mb"]),
                two(bars[1], 1),
            )
            for r in results["pages"]
            for bars in [r["bars"] or (None, MOST_MB)]
        ]
        shown["pages"] = table(("page", "seconds", "of CPU", "in the shell", "at most", "MB", "at most"), rows)
    if "predictions" in results:
        rows = [
            (r["library"], f"{r['rows']:,}", f"{r['rounds']:,}", f"{r['percent']:.2f} %", f"{r['bar']:g} %")
            for r in results["predictions"]
        ]
        shown["predictions"] = table(("library", "rows", "rounds", "predictions", "all recording, at most"), rows)
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=list(PARTS))
    parser.add_argument("--write", action="store_true", help="put the tables into docs/report.md")
    parser.add_argument("--keep", type=Path, metavar="DIR")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        results = {part: PARTS[part](args.keep or Path(name)) for part in args.only or PARTS}
    where = f"On {describe(machine())}."
    for name, shown in text(results).items():
        print(f"\n{shown}\n")
        if args.write:
            put(PAGE, name, f"{shown}\n\n{where}")
    if args.json is not None:
        save("report", results, args.json)


if __name__ == "__main__":
    main()
