"""How fast the pictures of a run are computed: 1,000 rounds of 30 features, 10,000 rounds of 500 features.

    python benchmarks/pictures.py             (about 3 minutes)
    python benchmarks/pictures.py --keep DIR  keep the runs there, and use those kept before

Each run is loaded anew, three times; the median counts. The wanted times are 1 s and 5 s.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import xgboost as xgb
from _common import describe, machine, save, table

import treedebug
from treedebug.pictures.gallery import pictures_of
from treedebug.pictures.picture import NoPicture

SIZES = {"1,000 x 30": (1000, 30, 2000, 1.0), "10,000 x 500": (10_000, 500, 1000, 0.1)}
"""Rounds, features, rows, share of the features a tree sees."""


def make(path: Path, n_rounds: int, n_features: int, n_rows: int, share: float) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2 * n_rows, n_features)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(size=2 * n_rows) > 0).astype(float)
    train, valid = xgb.DMatrix(x[:n_rows], y[:n_rows]), xgb.DMatrix(x[n_rows:], y[n_rows:])
    params = {"objective": "binary:logistic", "max_depth": 6, "eta": 0.001, "nthread": 1, "colsample_bytree": share}
    xgb.train(params, train, n_rounds, evals=[(train, "train"), (valid, "valid")], verbose_eval=False,
              callbacks=[treedebug.XGBoostCallback(path, quiet=True)])  # fmt: skip


def measured(path: Path) -> dict[str, float]:
    """Seconds to load and to compute all pictures, and how many bytes of JSON they are."""
    start = time.perf_counter()
    run = treedebug.load(path)
    loaded = time.perf_counter()
    found = pictures_of(run)
    done = time.perf_counter()
    drawn = [p.to_dict() for p in found.values() if not isinstance(p, NoPicture)]
    size = len(json.dumps(drawn, allow_nan=False))
    return {
        "load": loaded - start,
        "pictures": done - loaded,
        "json": time.perf_counter() - done,
        "kb": size / 1000,
        "n": len(drawn),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    rows, results = [], {}
    with tempfile.TemporaryDirectory() as temporary:
        for name, size in SIZES.items():
            path = (args.keep or Path(temporary)) / name.replace(" ", "").replace(",", "")
            if not path.exists():
                make(path, *size)
            times = [measured(path) for _ in range(3)]
            seen = {key: statistics.median(t[key] for t in times) for key in times[0]}
            results[name] = seen
            rows.append([name, *(round(seen[k], 3) for k in ("load", "pictures", "json", "kb")), int(seen["n"])])
    print(table(["rounds x features", "load, s", "pictures, s", "as JSON, s", "JSON, kB", "pictures"], rows))
    save("pictures", results)
    print(f"\n{describe(machine())}")


if __name__ == "__main__":
    main()
