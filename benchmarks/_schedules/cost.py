"""What a schedule costs a round, and whether a constant one changes a byte of the model."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb

import treedebug
from treedebug import schedules as s

ROUNDS, TURNS = 200, 7
RATE = 0.1
MORE = {
    "xgboost": {"plain": {}, "half of the rows": {"subsample": 0.5}, "half of the columns": {"colsample_bynode": 0.5}},
    "lightgbm": {
        "plain": {}, "half of the rows": {"bagging_fraction": 0.5, "bagging_freq": 1},
        "half of the columns": {"feature_fraction": 0.5}, "goss": {"data_sample_strategy": "goss"},
    },
}  # fmt: skip


KINDS: dict[str, Callable[[], s.Schedule]] = {
    "constant, ms a round": lambda: s.Constant(RATE), "changing, ms a round": lambda: s.Linear(0.05, 0.3),
}  # fmt: skip


def _rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 8))
    return X, X[:, 0] * X[:, 1] + 0.3 * rng.normal(size=500)


def _xgboost(params: dict[str, Any], callbacks: list[Any]) -> bytes:
    data = xgb.DMatrix(*_rows())
    given = {"eta": RATE, "max_depth": 3, "nthread": 1, "seed": 1, **params}
    return bytes(xgb.train(given, data, ROUNDS, callbacks=callbacks).save_raw())


def _lightgbm(params: dict[str, Any], callbacks: list[Any]) -> bytes:
    given = {"learning_rate": RATE, "num_leaves": 8, "num_threads": 1, "seed": 1, "verbose": -1, **params}
    return lgb.train(given, lgb.Dataset(*_rows()), ROUNDS, callbacks=callbacks).model_to_string().encode()


TRAIN: dict[str, Callable[[dict[str, Any], list[Any]], bytes]] = {"xgboost": _xgboost, "lightgbm": _lightgbm}


def rows() -> list[dict[str, Any]]:
    """Return a row a library and way of sampling: milliseconds a round of both kinds of schedule, and equal bytes."""
    found = []
    for library, ways in MORE.items():
        for way, params in ways.items():
            plain = TRAIN[library](params, [])
            constant = TRAIN[library](params, [treedebug.ScheduleCallback(s.Constant(RATE))])
            found.append({"library": library, "sampling": way, "same bytes": "yes" if plain == constant else "no"})
    return [
        row | (_cost(TRAIN[row["library"]]) if row["sampling"] == "plain" else dict.fromkeys(KINDS, ""))
        for row in found
    ]


def _cost(train: Callable[[dict[str, Any], list[Any]], bytes]) -> dict[str, float]:
    """Return milliseconds a round more than without, medians of paired turns."""
    more: dict[str, list[float]] = {name: [] for name in KINDS}
    for _ in range(TURNS):
        without = _seconds(train, [])
        for name, make in KINDS.items():
            with_it = _seconds(train, [treedebug.ScheduleCallback(make())])
            more[name].append(1e3 * (with_it - without) / ROUNDS)
    return {name: statistics.median(v) for name, v in more.items()}


def _seconds(train: Callable[[dict[str, Any], list[Any]], bytes], callbacks: list[Any]) -> float:
    begun = time.process_time()
    train({}, callbacks)
    return time.process_time() - begun
