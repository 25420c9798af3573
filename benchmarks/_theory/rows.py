"""Effective parameters against the exact recursion, nearest rows with planted twins, and their cost."""

from __future__ import annotations

import time
from collections.abc import Callable
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

CONFIGURATIONS: dict[str, tuple[str, dict[str, Any], bool, int]] = {
    f"{library}: {', '.join(f'{k}={v}' for k, v in params.items())}{', log loss' * classes}, {n} rounds": (
        library, params, classes, n,
    )
    for library, params, classes, n in (
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
}  # fmt: skip
"""By what a reader calls them: library, parameters, whether the loss is log loss, rounds."""


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


def parameters(name: str, folder: Path) -> dict[str, Any]:
    """Return the exact sum of one configuration, 8 probes, and how far apart they are in standard errors."""
    library, params, classes, n_rounds = CONFIGURATIONS[name]
    X, signal = make_friedman1(600, n_features=10, noise=1.0, random_state=0)
    X = X.astype(np.float32).astype(np.float64)
    y = (signal > np.median(signal)).astype(float) if classes else signal
    objective = {"objective": ("binary:logistic" if library == "xgboost" else "binary")} if classes else {}
    run = trained(library, {**params, **objective}, X, y, n_rounds, folder / str(list(CONFIGURATIONS).index(name)))
    facts = read_facts(next(iter(run.data.trees.batches())).raw, library)
    rows = SmootherData(X, y, np.ones(len(X)), None)
    exact = effective_parameters(run.tables(), facts, run.data, rows, np.eye(len(X))).values[-1] * len(X)
    last = run.effective_parameters(X, y).iloc[-1]
    off = (last["effective_parameters"] - exact) / last["standard_error"]
    return {
        "exact": exact, "probes": float(last["effective_parameters"]),
        "standard error": float(last["standard_error"]), "off by standard errors": float(off),
    }  # fmt: skip


def _wide(n_rounds: int, path: Path) -> tuple[Any, treedebug.Run]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100_000, 20)).astype(np.float32)
    y = X[:, 0] * X[:, 1] + np.sin(X[:, 2]) + 0.3 * rng.normal(size=len(X))
    return X, trained("xgboost", {"max_depth": 6, "eta": 0.1}, X, y, n_rounds, path)


def probes_cost(folder: Path) -> dict[str, Any]:
    """Return CPU seconds of 8 probes through 500 trees of 100,000 rows, the finding of the leaves apart."""
    X, run = _wide(500, folder / "big")
    begun = time.process_time()
    run.effective_parameters(X)
    whole = time.process_time() - begun
    begun = time.process_time()
    LeafMap(run.tables(), to_matrix(X, run.data))
    leaves = time.process_time() - begun
    return {
        "measured": f"{whole - leaves:.1f} s of CPU, and {leaves:.1f} to find the leaves",
        "bar": "6 s, and the leaves",
    }


def nearest_cost(folder: Path) -> dict[str, Any]:
    """Return milliseconds of a query among 100,000 rows x 200 trees."""
    X, run = _wide(200, folder / "short")
    neighbours, took = run.neighbours(X), []
    for row in np.random.default_rng(1).choice(len(X), 20, replace=False):
        begun = time.process_time()
        neighbours.nearest(X[row : row + 1], k=10)
        took.append(time.process_time() - begun)
    return {"measured": f"{1e3 * float(np.median(took)):.0f} ms of CPU", "bar": "50 ms"}


def twins(folder: Path) -> dict[str, Any]:
    """Return how often the row itself is found first among 100,000."""
    X, run = _wide(200, folder / "twins")
    neighbours, found = run.neighbours(X), 0
    for row in np.random.default_rng(2).choice(len(X), 20, replace=False):
        nearest = neighbours.nearest(X[row : row + 1], k=10)
        found += float(nearest["similarity"].iloc[0]) == 1.0 and int(row) in set(nearest["row"])
    return {"measured": f"{found} of 20", "bar": "20 of 20"}


COST: dict[str, Callable[[Path], dict[str, Any]]] = {
    "effective parameters, 100,000 rows x 500 trees, 8 probes": probes_cost,
    "nearest rows, a query among 100,000 rows x 200 trees": nearest_cost,
    "planted twins found first": twins,
}
