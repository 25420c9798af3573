"""Train a job with treedebug's callback, and say what the model is worth on the test rows."""

from __future__ import annotations

import hashlib
import time
import warnings
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from scipy import sparse

import treedebug
from _faults.jobs import Job, Part
from _faults.tables import BINARY, COUNTS, MULTI, Floats

Result = dict[str, Any]


_PROFILES: dict[bytes, Any] = {}
"""Of the tables of one process, by their content: faults of the settings share the healthy tables."""


def _recorder(kind: Any, job: Job, path: Path) -> Any:
    """No rules while it trains: the run is judged afterwards, as often as the rules change."""
    return kind(path, quiet=True, config=treedebug.Config(select=()), row_margins=True, data=_data_check(job))


def _data_check(job: Job) -> Any:
    """What a user knows of the tables who looks at them before training; kept in the run."""
    parts = [job.train] + [job.valid] * ("valid" in job.watched)
    mark = hashlib.sha1(repr((job.task, job.time, len(parts))).encode(), usedforsecurity=False)
    for part in parts:
        mark.update(np.ascontiguousarray(part.X).tobytes() + part.y.tobytes())
    key = mark.digest()
    if key not in _PROFILES:
        if len(_PROFILES) > 100:
            _PROFILES.clear()
        train, *valid = [(pd.DataFrame(p.X, columns=names(p)), p.y) for p in parts]
        _PROFILES[key] = treedebug.profile(
            *train, valid=valid[0] if valid else None, time=job.time, task="classes" if job.is_classes else "numbers"
        )
    return _PROFILES[key]


def names(part: Part) -> list[str]:
    return [f"c{i}" for i in range(part.X.shape[1])]


def _queries(job: Job, n: int) -> list[int]:
    """Rows of each query of a part: one, but for a share of the rows that make a query of five."""
    if job.query_rows <= 1:
        return [1] * n
    together = n // job.query_rows // 5
    return [5] * together + [1] * (n - 5 * together)


def _matrix(job: Job, name: str) -> xgb.DMatrix:
    part = getattr(job, name)
    kinds = ["c" if i in job.categorical else "q" for i in range(part.X.shape[1])] if job.categorical else None
    rows = sparse.csr_matrix(_readable(part)) if name in job.sparse else _readable(part)
    data = xgb.DMatrix(
        rows, part.y, feature_names=names(part), feature_types=kinds, nthread=1, enable_categorical=bool(kinds)
    )
    if job.weights is not None and name == "train":
        data.set_weight(job.weights)
    if job.query_rows:
        data.set_group(_queries(job, len(part.y)))
    return data


def _readable(part: Part) -> Floats:
    """What the library makes of numbers beyond float32."""
    return np.where(np.isinf(part.X), np.nan, part.X)


def train(job: Job, path: Path) -> tuple[Result, Floats, Floats]:
    """Facts of the training, and the loss of each validation and each test row. Raises what the library raises."""
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        predicted, facts = (_xgboost if job.is_xgboost else _lightgbm)(job, path)
    facts["seconds"] = time.perf_counter() - started
    facts["planned"] = job.rounds
    valid, test = (row_losses(job, part, p) for part, p in zip((job.valid, job.test), predicted, strict=True))
    facts |= {"n_train": job.n, "valid_loss": float(valid.mean()), "test_loss": float(test.mean())}
    return facts, valid, test


def _xgboost(job: Job, path: Path) -> tuple[list[Floats], Result]:
    matrices = {name: _matrix(job, name) for name in ("train", "valid", "test")}
    evals = [(matrices[name], name) for name in job.watched]
    callback = _recorder(treedebug.XGBoostCallback, job, path)
    spent = [0.0]

    def slow(_: Floats, data: xgb.DMatrix) -> tuple[str, float]:
        return "spread", _slow(job.slow_metric, data.get_label(), spent)

    own = job.own_objective
    obj = own and (lambda p, d: own(p, d.get_label()))
    booster = xgb.train(
        job.params, matrices["train"], job.rounds, evals=evals, early_stopping_rounds=job.patience if evals else None,
        maximize=job.maximize, custom_metric=slow if job.slow_metric else None, callbacks=[callback],
        verbose_eval=False, obj=obj,
    )  # fmt: skip
    best = booster.attr("best_iteration")
    n_used = int(best) + 1 if best is not None else booster.num_boosted_rounds()
    predicted = [booster.predict(matrices[n], iteration_range=(0, n_used)) for n in ("valid", "test")]
    return predicted, {"n_rounds": booster.num_boosted_rounds(), "n_used": n_used, "metric_seconds": spent[0]}


def _lightgbm(job: Job, path: Path) -> tuple[list[Floats], Result]:
    columns = names(job.train)
    silent = {"verbosity": -1}
    group, groups = (_queries(job, len(p.y)) if job.query_rows else None for p in (job.train, job.valid))
    data = lgb.Dataset(
        _readable(job.train), job.train.y, feature_name=columns, params=silent, group=group, weight=job.weights,
        categorical_feature=list(job.categorical) or "auto",
    )  # fmt: skip
    valid = lgb.Dataset(_readable(job.valid), job.valid.y, reference=data, params=silent, group=groups)
    sets = {"train": data, "valid": valid}
    spent = [0.0]
    callback = _recorder(treedebug.LightGBMCallback, job, path)
    callbacks = [callback]
    if job.patience and job.watched:
        callbacks.append(lgb.early_stopping(job.patience, verbose=False))
    feval: Any = None
    params = dict(job.params)
    own = job.own_objective
    if own is not None:
        params["objective"] = lambda p, d: own(p, d.get_label())
    if job.slow_metric:
        feval = lambda _, d: ("spread", _slow(job.slow_metric, d.get_label(), spent), False)
    elif job.maximize is not None:
        params["metric"] = "None"
        feval = _misdirected(job)
    booster = lgb.train(
        params, data, job.rounds, valid_sets=[sets[n] for n in job.watched], valid_names=list(job.watched),
        feval=feval, callbacks=callbacks,
    )  # fmt: skip
    recorded = callback.run.n_rounds  # the booster itself may be cut; reading also closes the run
    n_used = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
    predicted = [booster.predict(_readable(part), num_iteration=n_used) for part in (job.valid, job.test)]
    return predicted, {"n_rounds": recorded, "n_used": n_used, "metric_seconds": spent[0]}


def _misdirected(job: Job) -> Any:
    """The loss as a metric of the user's own, said to be better the higher."""

    def loss(predicted: Floats, data: lgb.Dataset) -> tuple[str, float, bool]:
        y = data.get_label()
        if job.task == MULTI:
            shares = predicted if predicted.ndim == 2 else predicted.reshape(job.n_classes, -1).T
            return "logloss", float(-np.log(np.maximum(shares[np.arange(len(y)), y.astype(int)], 1e-15)).mean()), True
        if job.task == BINARY:
            p = np.clip(predicted, 1e-15, 1 - 1e-15)
            return "logloss", float(-np.where(y > 0, np.log(p), np.log(1 - p)).mean()), True
        return "rmse", float(np.sqrt(np.square(predicted - y).mean())), True

    return loss


def _slow(n: int, label: Floats, spent: list[float]) -> float:
    started = time.perf_counter()
    noise = np.random.default_rng(0).random(n)
    noise.sort()
    spent[0] += time.perf_counter() - started
    return float(noise[n // 2] + np.std(label))


def row_losses(job: Job, part: Part, predicted: Floats) -> Floats:
    """(n,) log loss, Poisson loss, or squared error over the test variance, whatever the model was trained for."""
    y, out = part.y, np.asarray(predicted, dtype=np.float64)
    if job.task == BINARY:
        p = np.clip(out.reshape(len(y), -1)[:, -1], 1e-6, 1 - 1e-6)
        return -np.where(y > 0, np.log(p), np.log(1 - p))
    if job.task == MULTI:
        if out.ndim == 1:  # trained on the class numbers as amounts: all on the nearest class
            near = np.clip(np.rint(out), 0, job.n_classes - 1).astype(int)
            out = np.full((len(y), job.n_classes), 0.05 / job.n_classes)
            out[np.arange(len(y)), near] += 0.95
        mine = out[np.arange(len(y)), y.astype(int)]
        return -np.log(np.clip(mine, 1e-6, 1.0))
    if job.task == COUNTS:
        mu = np.maximum(out, 1e-6)
        return mu - y * np.log(mu)
    return np.square(out - y) / job.test.y.var()
