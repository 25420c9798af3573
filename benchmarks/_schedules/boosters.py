"""Schedules for boosters: one training a schedule, against the best of three constants, at equal rounds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb

import treedebug
from _schedules import tables
from treedebug import schedules as s

CONSTANTS = {"constant .1": 0.1, "constant .3": 0.3, "constant .03": 0.03}
"""In the order in which one would try them."""
Make = Callable[[int, str, int], s.Schedule]
"""Rows, kind of loss and rounds to a schedule."""


def automatic(n_rows: int, loss: str, rounds: int) -> float:
    """CatBoost's rate."""
    return s.AutomaticRate(n_rows, loss=loss, n_steps=rounds).rate(0)


SCHEDULES: dict[str, Make] = {
    **{name: lambda *_, rate=rate: s.Constant(rate) for name, rate in CONSTANTS.items()},
    "automatic": lambda *_: s.AutomaticRate(),
    "rising .03 to .3": lambda *_: s.Linear(0.03, 0.3),
    "greedy .1": lambda *_: s.GreedyLR(0.1),
    "greedy, automatic": lambda *known: s.GreedyLR(automatic(*known)),
    "greedy .3": lambda *_: s.GreedyLR(0.3),
    "greedy .03": lambda *_: s.GreedyLR(0.03),
    "rollback .1": lambda *_: s.Rollback(0.1),
    "rollback, automatic": lambda *known: s.Rollback(automatic(*known)),
    "cycle around automatic": lambda *known: s.OneCycle(
        2.0 * automatic(*known), rise=0.5, start_divisor=6.0, end_divisor=1.0
    ),
    "rising around automatic": lambda *known: s.Linear(automatic(*known) / 3.0, 2.0 * automatic(*known)),
    "greedy .1, patience 15": lambda *_: s.GreedyLR(0.1, patience=15),
    "plateau .3": lambda *_: s.ReduceOnPlateau(0.3),
    "linear .3 to .01": lambda *_: s.Linear(0.3, 0.01),
    "cosine .3 to .01": lambda *_: s.Cosine(0.3, 0.01),
    "step .3, halved": lambda n, loss, rounds: s.Step(0.3, every=max(rounds // 5, 1)),
    "exponential .3 to .01": lambda *_: s.Exponential(0.3, 0.01),
}
ON_REQUEST = {"greedy .1 on train": lambda *_: s.GreedyLR(0.1)}
RECOMMENDED = "automatic"
LIBRARIES = ("xgboost", "lightgbm")


@dataclass(frozen=True)
class Training:
    """What came of one training. Losses: logloss or rmse."""

    library: str
    table: str
    seed: int
    rounds: int
    """Trained, those thrown away included."""
    schedule: str
    valid: float
    """At the round that is best on the validation rows."""
    test: float
    """At the same round."""
    last: float
    """On the test rows, after the last round."""
    best_round: int
    last_rate: float
    seconds: float


def run(library: str, table: str, seed: int, rounds: int, name: str, folder: Path | None) -> dict[str, Any]:
    """Train once."""
    task, X, y = tables.load(table, folder)
    train, valid, test = tables.split(X, y, seed)
    loss = "rmse" if task == tables.REGRESSION else "logloss"
    schedule = {**SCHEDULES, **ON_REQUEST}[name](len(train[1]), loss, rounds)
    started = time.perf_counter()
    fit = _xgboost if library == "xgboost" else _lightgbm
    on_train = name.endswith("on train")
    curves, kept = fit(schedule, (train, valid, test), loss, rounds, seed, on_train)
    seconds = time.perf_counter() - started
    valid_curve, test_curve = (np.asarray(curves[part]) for part in ("valid", "test"))
    best = int(valid_curve.argmin())
    return asdict(
        Training(
            library,
            table,
            seed,
            rounds,
            name,
            float(valid_curve[best]),
            float(test_curve[best]),
            float(test_curve[-1 if kept is None else kept - 1]),
            best,
            schedule.now,
            seconds,
        )
    )


def _xgboost(schedule, parts, loss, rounds, seed, on_train):
    matrices = [xgb.DMatrix(X, y) for X, y in parts]
    names = ("train", "valid", "test") if on_train else ("valid", "test")
    evals = list(zip(matrices[-len(names) :], names, strict=True))
    objective = "reg:squarederror" if loss == "rmse" else "binary:logistic"
    params = {"objective": objective, "eval_metric": loss, "nthread": 1, "max_depth": 6, "seed": seed}
    if isinstance(schedule, s.Rollback):
        return _rolled_back(schedule, params, matrices[0], evals, rounds, ("valid", loss))
    found: dict[str, dict[str, list[float]]] = {}
    watch = ("train" if on_train else "valid", loss)
    callback = treedebug.ScheduleCallback(schedule, watch if schedule.needs_values else None, watch_training=on_train)
    xgb.train(params, matrices[0], rounds, evals=evals, callbacks=[callback], evals_result=found, verbose_eval=False)
    return {part: found[part][loss] for part in ("valid", "test")}, None


def _rolled_back(schedule, params, train, evals, rounds, watch):
    """Every round that is trained counts; the curves are those of the booster as it stood in each."""
    curves: dict[str, list[float]] = {"valid": [], "test": []}

    class Listener(xgb.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            for part, values in curves.items():
                values.append(evals_log[part][watch[1]][-1])
            return False

    done = schedule.train(params, train, rounds, evals=evals, watch=watch, callbacks=[Listener()], keep_best=False)
    text = done.booster.eval_set(evals, 0)
    curves["test"].append(float(text.split("test-")[1].split(":")[1].split()[0]))
    curves["valid"].append(float("inf"))
    return curves, None


def _lightgbm(schedule, parts, loss, rounds, seed, on_train):
    train = lgb.Dataset(*parts[0], free_raw_data=False)
    held = [lgb.Dataset(X, y, reference=train) for X, y in parts[1:]]
    objective = "regression" if loss == "rmse" else "binary"
    metric = "rmse" if loss == "rmse" else "binary_logloss"
    params = {"objective": objective, "metric": metric, "num_threads": 1, "verbose": -1, "seed": seed}
    if isinstance(schedule, s.Rollback):
        return _taken_back(schedule, params, train, held, rounds, ("valid", metric))
    found: dict[str, dict[str, list[float]]] = {}
    watch = ("training" if on_train else "valid", metric)
    callback = treedebug.ScheduleCallback(schedule, watch if schedule.needs_values else None, watch_training=on_train)
    sets = [*([train] if on_train else []), *held]
    names = [*(["training"] if on_train else []), "valid", "test"]
    lgb.train(
        params, train, rounds, valid_sets=sets, valid_names=names, callbacks=[callback, lgb.record_evaluation(found)]
    )
    return {part: found[part][metric] for part in ("valid", "test")}, None


def _taken_back(schedule, params, train, held, rounds, watch):
    """The same for LightGBM: what `observe` sees is kept, and the test curve is taken from the trees afterwards."""
    curves: dict[str, list[float]] = {"valid": [], "test": []}
    real = lgb.Booster.eval_valid

    def listening(booster, feval=None):
        results = real(booster, feval)
        for result in results:
            curves[result[0]].append(result[2])
        return results

    lgb.Booster.eval_valid = listening  # only within this call
    try:
        done = schedule.train(
            params, train, rounds, evals=[(held[0], "valid"), (held[1], "test")], watch=watch, keep_best=False
        )
    finally:
        lgb.Booster.eval_valid = real
    curves["test"].append(next(r[2] for r in done.booster.eval_valid() if r[0] == "test"))
    curves["valid"].append(float("inf"))
    return curves, None
