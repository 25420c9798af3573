"""How long a page takes and how large it is: `python benchmarks/report.py [--json FILE]`.

Records trainings of four sizes into a temporary folder (not timed), then makes each page three times in this process,
and keeps the fastest. The bars: 1,000 rounds of 30 features in 2 s and 1.5 MB, 10,000 of 500 in 10 s, and no page
over 3 MB.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import xgboost as xgb

import treedebug

CASES = {
    "100 rounds, 10 features": (100, 10, 2000, 2, None),
    "1,000 rounds, 30 features": (1000, 30, 3000, 2, 2.0),
    "100 rounds, 10 features, 20 classes": (100, 10, 3000, 20, None),
    "10,000 rounds, 500 features": (10_000, 500, 1000, 2, 10.0),
}
"""Rounds, features, rows, classes, and the bar in seconds."""
MOST_BYTES = 3_000_000
REPEATS = 3


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


def measure(run: Path, page: Path) -> float:
    began = time.perf_counter()
    treedebug.report(run, page)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i, (case, (n_rounds, n_features, n_rows, n_classes, bar)) in enumerate(CASES.items()):
            record(folder / str(i), n_rounds, n_features, n_rows, n_classes)
            page = folder / f"{i}.html"
            seconds = min(measure(folder / str(i), page) for _ in range(REPEATS))
            rows.append({"case": case, "seconds": seconds, "bar": bar, "bytes": page.stat().st_size})
    print(f"{'':38}{'seconds':>9}{'bar':>6}{'kB':>8}")
    for row in rows:
        bar = "" if row["bar"] is None else f"{row['bar']:.0f}"
        print(f"{row['case']:38}{row['seconds']:9.2f}{bar:>6}{row['bytes'] / 1000:8.0f}")
        assert row["bytes"] <= MOST_BYTES
    if args.json is not None:
        args.json.write_text(json.dumps(rows, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
