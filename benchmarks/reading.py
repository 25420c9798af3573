"""How fast a long run is read back: 10,000 trees of depth 6 into frames, and `treedebug check` on them.

    python benchmarks/reading.py             the table of docs/reading.md (about 2 minutes)
    python benchmarks/reading.py --keep DIR  keep the runs there, and use those kept before

Each line is measured in a process of its own, three times; the median counts. Peak memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from _common import describe, machine, save, table

import treedebug

LIBRARIES = ("xgboost", "lightgbm")
N_TREES = 10_000
MEASURED = {
    "import treedebug": "import treedebug; t.lap()",
    "load": "import treedebug; treedebug.load; t.start(); treedebug.load(path); t.lap()",
    "run.metrics": "import treedebug; r = treedebug.load(path); t.start(); n = len(r.metrics); t.lap()",
    "run.trees": "import treedebug; r = treedebug.load(path); t.start(); assert len(r.trees) == trees; t.lap()",
    "run.importance()": "import treedebug; r = treedebug.load(path); t.start(); r.importance(); t.lap()",
    "run.booster(last)": "import treedebug; r = treedebug.load(path); t.start(); r.booster(); t.lap()",
    "run.replay(100 rows)": (
        "import treedebug, numpy as np; r = treedebug.load(path); X = np.random.rand(100, 20); y = np.arange(100) % 2; "
        "t.start(); r.replay(X, y); t.lap()"
    ),
    "treedebug.check(path)": "import treedebug; treedebug.check; t.start(); treedebug.check(path); t.lap()",
}
CHILD = """
import resource, sys, time
class T:
    def start(self): self.at = time.perf_counter()
    def lap(self): print(time.perf_counter() - self.at, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
t, path, trees = T(), sys.argv[1], int(sys.argv[2])
t.start()
"""


def make(library: str, path: Path, n_rounds: int) -> None:
    # Not imported at the top: a child's peak memory counts from that of the process that starts it.
    np: Any = importlib.import_module("numpy")
    xgb: Any = importlib.import_module("xgboost")
    lgb: Any = importlib.import_module("lightgbm")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 20)).astype(np.float32)
    y = (X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=3000) > 0).astype(float)
    if library == "xgboost":
        train, valid = xgb.DMatrix(X[:2000], y[:2000]), xgb.DMatrix(X[2000:], y[2000:])
        params = {"objective": "binary:logistic", "max_depth": 6, "eta": 0.001, "nthread": 1, "min_child_weight": 0}
        xgb.train(params, train, n_rounds, evals=[(train, "train"), (valid, "valid")], verbose_eval=False,
                  callbacks=[treedebug.XGBoostCallback(path, quiet=True)])  # fmt: skip
        return
    base = lgb.Dataset(X[:2000], y[:2000])
    params = {"objective": "binary", "num_leaves": 64, "max_depth": 6, "learning_rate": 0.001, "num_threads": 1,
              "min_data_in_leaf": 1, "verbosity": -1}  # fmt: skip
    lgb.train(params, base, n_rounds, valid_sets=[base, lgb.Dataset(X[2000:], y[2000:], reference=base)],
              callbacks=[treedebug.LightGBMCallback(path, quiet=True)])  # fmt: skip


def measured(code: str, path: Path, n_trees: int) -> tuple[float, float]:
    """(seconds, peak MiB) of a piece of code in a fresh process."""
    command = [sys.executable, "-c", CHILD + code, str(path), str(n_trees)]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(words[0]), float(words[1])


def whole_check(path: Path) -> tuple[float, float]:
    """(seconds, peak MiB) of `treedebug check PATH` from start to exit."""
    command = [sys.executable, "-m", "treedebug", "check", str(path), "--fail-on", "never"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, child.returncode
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trees", type=int, default=N_TREES)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--make", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.make:
        make(args.make[0], Path(args.make[1]), int(args.make[2]))
        return 0
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        for library in LIBRARIES:
            path = folder / f"{library}-{args.trees}"
            if not path.exists():
                subprocess.run([sys.executable, __file__, "--make", library, str(path), str(args.trees)], check=True)
            found = results[library] = {"megabytes": sum(f.stat().st_size for f in path.iterdir()) / 2**20}
            for name, code in MEASURED.items():
                times = [measured(code, path, args.trees) for _ in range(args.repeats)]
                found[name] = [statistics.median(s) for s in zip(*times, strict=True)]
            times = [whole_check(path) for _ in range(args.repeats)]
            found["$ treedebug check (whole process)"] = [statistics.median(s) for s in zip(*times, strict=True)]
    print(describe(machine()) + "\n")
    sizes = ", ".join(f"{library} {results[library]['megabytes']:.1f} MB" for library in LIBRARIES)
    print(f"{args.trees} trees of depth 6; on disk: {sizes}\n")
    names = [name for name in results["xgboost"] if name != "megabytes"]
    lines = [
        [
            f"`{n}`",
            *(f"{results[x][n][i]:.2f}" if i == 0 else f"{results[x][n][i]:.0f}" for x in LIBRARIES for i in (0, 1)),
        ]
        for n in names
    ]
    print(table(("what", "XGBoost, s", "MiB", "LightGBM, s", "MiB"), lines))
    print(f"\nwritten to {save('reading', results, args.json)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
