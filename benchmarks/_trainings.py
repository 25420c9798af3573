"""The trainings that the overhead is measured on, with either library."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import lightgbm as lgb
import numpy as np
import xgboost as xgb

import treedebug

Train = Callable[[list[Any], int], Any]


def data(n_rows: int, n_classes: int = 2, seed: int = 0) -> tuple[Any, Any, Any, Any]:
    """Train and validation halves of a made-up problem that trees can learn but not exhaust."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, 30)).astype(np.float32)
    score = X[:, 0] + X[:, 1] * X[:, 2] + np.abs(X[:, 3]) + rng.normal(size=n_rows)
    y = np.digitize(score, np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1]))
    k = n_rows * 4 // 5
    return X[:k], y[:k], X[k:], y[k:]


def xgboost_training(n_rows: int, rounds: int, n_classes: int, depth: int) -> Train:
    """A function that trains with the callbacks and threads given."""
    X, y, Xv, yv = data(n_rows, n_classes)
    dtrain, dvalid = xgb.DMatrix(X, y), xgb.DMatrix(Xv, yv)
    params: dict[str, Any] = {"max_depth": depth, "eta": 0.1, "objective": "binary:logistic"}
    if n_classes > 2:
        params |= {"objective": "multi:softprob", "num_class": n_classes}
    evals = [(dtrain, "train"), (dvalid, "valid")]

    def train(callbacks: list[Any], threads: int) -> Any:
        given = {**params, "nthread": threads}
        return xgb.train(given, dtrain, rounds, evals=evals, verbose_eval=False, callbacks=callbacks)

    return train


def lightgbm_training(n_rows: int, rounds: int, n_classes: int, depth: int) -> Train:
    """The same for LightGBM."""
    X, y, Xv, yv = data(n_rows, n_classes)
    params: dict[str, Any] = {
        "num_leaves": 2**depth - 1, "max_depth": depth, "learning_rate": 0.1, "objective": "binary", "verbose": -1,
    }  # fmt: skip
    if n_classes > 2:
        params |= {"objective": "multiclass", "num_class": n_classes}

    def train(callbacks: list[Any], threads: int) -> Any:
        given = {**params, "num_threads": threads}
        train_set = lgb.Dataset(X, y, params={"verbose": -1}).construct()
        valid_set = lgb.Dataset(Xv, yv, reference=train_set).construct()
        return lgb.train(
            given,
            train_set,
            rounds,
            valid_sets=[train_set, valid_set],
            valid_names=["train", "valid"],
            callbacks=callbacks,
        )

    return train


TRAININGS = {"xgboost": xgboost_training, "lightgbm": lightgbm_training}
CALLBACKS = {"xgboost": treedebug.XGBoostCallback, "lightgbm": treedebug.LightGBMCallback}


@contextlib.contextmanager
def recording(library: str, **settings: Any) -> Any:
    """A callback recording to a fresh folder, its lines printed to nowhere."""
    folder = tempfile.mkdtemp()
    with Path(os.devnull).open("w", encoding="utf-8") as sink, contextlib.redirect_stderr(sink):
        yield CALLBACKS[library](Path(folder) / "run", **settings)
    shutil.rmtree(folder)
