"""One large model, of 1,000,000 rows and 30 columns: seconds of training and of slim, and the memory."""

from __future__ import annotations

import resource
import time
from typing import Any

import numpy as np
import xgboost as xgb
from _common import two

import treedebug

N_ROWS, N_COLUMNS, N_VALID, ROUNDS = 1_000_000, 30, 100_000, 200


def measured() -> dict[str, Any]:
    """Train with early stopping, then slim with all the rows given; seconds of wall time, memory at its highest."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ROWS + N_VALID, N_COLUMNS)).astype(np.float32)
    signal = X[:, 0] + np.sin(2 * X[:, 1]) + X[:, 2] * X[:, 3] + 0.5 * (X[:, 4] > 0.3) + rng.logistic(size=len(X))
    y = (signal > 0).astype(np.float64)
    train, valid = (X[:N_ROWS], y[:N_ROWS]), (X[N_ROWS:], y[N_ROWS:])
    started = time.perf_counter()
    data, judge = xgb.DMatrix(*train, nthread=1), xgb.DMatrix(*valid, nthread=1)
    params = {"objective": "binary:logistic", "nthread": 1}
    booster = xgb.train(params, data, ROUNDS, evals=[(judge, "valid")], early_stopping_rounds=50, verbose_eval=False)
    trained = time.perf_counter() - started
    del data, judge
    before = _memory()
    started = time.perf_counter()
    small = treedebug.slim(booster, data=train, valid=valid)
    return {
        "n_rows": N_ROWS, "n_columns": N_COLUMNS, "rounds": booster.num_boosted_rounds(), "train_seconds": trained,
        "slim_seconds": time.perf_counter() - started, "memory_before": before, "memory": _memory(), **small.to_dict(),
    }  # fmt: skip


def told(found: dict[str, Any]) -> str:
    """In words."""
    stopped, after = found["stopped"], found["after"]
    return (
        f"{found['n_rows']:,} rows, {found['n_columns']} columns: XGBoost trains {found['rounds']} rounds in "
        f"{found['train_seconds']:.0f} s on one thread; slim takes {found['slim_seconds']:.0f} s and at most "
        f"{two(found['memory'] / 2**30, 1)} GiB in all ({two(found['memory_before'] / 2**30, 1)} before it): "
        f"{stopped['n_leaves']:,} -> {after['n_leaves']:,} leaves, {stopped['n_bytes']:,} -> {after['n_bytes']:,} "
        f"bytes, log loss {found['difference']:+.2g} +- {found['error']:.1g} on {found['n_valid']:,} validation rows"
    )


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
