"""Effective parameters against the exact recursion, nearest rows with planted twins, and their cost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from sklearn.datasets import make_friedman1

import treedebug
from treedebug.api.replay_tables import to_matrix
from treedebug.leaves.effective_parameters import SmootherData, effective_parameters
from treedebug.leaves.neighbours import LeafMap
from treedebug.readers.library_readers import read_facts

CONFIGURATIONS: tuple[tuple[str, dict[str, Any], bool, int], ...] = (
    ("xgboost", {"max_depth": 2, "eta": 0.1}, False, 300),
    ("xgboost", {"max_depth": 4, "eta": 0.1}, False, 100),
    ("xgboost", {"max_depth": 6, "eta": 0.3}, False, 100),
    ("xgboost", {"max_depth": 4, "eta": 0.1, "lambda": 50}, False, 300),
    ("xgboost", {"max_depth": 4, "eta": 0.1, "lambda": 0}, False, 100),
    ("xgboost", {"max_depth": 4, "eta": 0.1, "subsample": 0.5}, False, 100),
    ("xgboost", {"max_depth": 3, "eta": 0.1}, True, 100),
    ("xgboost", {"max_depth": 6, "eta": 0.3, "lambda": 5}, True, 60),
    ("lightgbm", {"num_leaves": 15, "learning_rate": 0.1}, False, 100),
    ("lightgbm", {"num_leaves": 31, "learning_rate": 0.05, "lambda_l2": 5}, False, 300),
    ("lightgbm", {"num_leaves": 15, "learning_rate": 0.1}, True, 100),
    ("lightgbm", {"num_leaves": 7, "learning_rate": 0.1, "lambda_l2": 10}, True, 200),
)


def trained(library: str, params: dict[str, Any], X: Any, y: Any, n_rounds: int, path: Path) -> treedebug.Run:
    """Train, recording to a path, and return the run."""
    if library == "xgboost":
        data = xgb.DMatrix(X, y)
        callback: Any = treedebug.XGBoostCallback(path, evals=[(data, "train")], select=[], quiet=True)
        xgb.train({"nthread": 1, "seed": 0, **params}, data, n_rounds, callbacks=[callback])
    else:
        callback = treedebug.LightGBMCallback(path, select=[], quiet=True)
        given = {"num_threads": 1, "seed": 0, "verbose": -1, **params}
        lgb.train(given, lgb.Dataset(X, y), n_rounds, callbacks=[callback])
    return treedebug.load(path)


def parameters(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield a row a configuration: the exact sum, 8 probes, and how far apart they are in standard errors."""
    for i, (library, params, classes, n_rounds) in enumerate(CONFIGURATIONS):
        X, signal = make_friedman1(600, n_features=10, noise=1.0, random_state=0)
        X = X.astype(np.float32).astype(np.float64)
        y = (signal > np.median(signal)).astype(float) if classes else signal
        objective = {"objective": ("binary:logistic" if library == "xgboost" else "binary")} if classes else {}
        run = trained(library, {**params, **objective}, X, y, n_rounds, folder / f"p{i}")
        facts = read_facts(next(iter(run.data.trees.batches())).raw, library)
        rows = SmootherData(X, y, np.ones(len(X)), None)
        exact = effective_parameters(run.tables(), facts, run.data, rows, np.eye(len(X))).values[-1] * len(X)
        last = run.effective_parameters(X, y).iloc[-1]
        off = (last["effective_parameters"] - exact) / last["standard_error"]
        yield {
            "library": library, "params": params, "log loss": classes, "exact": exact,
            "probes": last["effective_parameters"], "standard_error": last["standard_error"], "off_in_se": off,
        }  # fmt: skip


def cost(folder: Path) -> dict[str, float]:
    """Return CPU seconds of the probes at 100,000 rows x 500 trees, and milliseconds of a query at 100,000 x 200."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100_000, 20)).astype(np.float32)
    y = X[:, 0] * X[:, 1] + np.sin(X[:, 2]) + 0.3 * rng.normal(size=len(X))
    run = trained("xgboost", {"max_depth": 6, "eta": 0.1}, X, y, 500, folder / "big")
    begun = time.process_time()
    run.effective_parameters(X)
    whole = time.process_time() - begun
    begun = time.process_time()
    LeafMap(run.tables(), to_matrix(X, run.data))
    leaves = time.process_time() - begun
    short = trained("xgboost", {"max_depth": 6, "eta": 0.1}, X, y, 200, folder / "short")
    neighbours, found, took = short.neighbours(X), 0, []
    for row in rng.choice(len(X), 20, replace=False):
        begun = time.perf_counter()
        nearest = neighbours.nearest(X[row : row + 1], k=10)
        took.append(time.perf_counter() - begun)
        found += float(nearest["similarity"].iloc[0]) == 1.0 and int(row) in set(nearest["row"])
    return {
        "probes_seconds": whole, "of_which_leaves": leaves, "query_ms": 1e3 * float(np.median(took)),
        "twins_found_of_20": found,
    }  # fmt: skip
