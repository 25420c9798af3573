"""Eight trainings with one callback at once: in threads, in forks, in processes made anew."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import threading
from functools import partial
from pathlib import Path
from typing import Any

import treedebug
from _hardening import trainings
from _hardening.apart import apart
from _hardening.rows import Arena, Flaw, Row

_N = 8


def margins(library: str, booster: Any, X: Any) -> bytes:
    """What a booster, or a saved model, predicts."""
    if library == "xgboost":
        import xgboost

        booster = xgboost.Booster(model_file=booster) if isinstance(booster, str) else booster
        return bytes(booster.inplace_predict(X, predict_type="margin").tobytes())
    import lightgbm

    booster = lightgbm.Booster(model_file=booster) if isinstance(booster, str) else booster
    return bytes(booster.predict(X, raw_score=True).tobytes())


def _train(library: str, callback: Any, seed: int) -> tuple[int, bytes]:
    """Train with a callback that others use too; (rounds, margins)."""
    X, y = trainings.data()
    rounds = trainings.ROUNDS + seed
    if library == "xgboost":
        import xgboost as xgb

        train = xgb.DMatrix(X, y)
        params = {"objective": "binary:logistic", "nthread": 1, "subsample": 0.6, "seed": seed}
        booster: Any = xgb.train(
            params, train, rounds, evals=[(train, "train")], verbose_eval=False, callbacks=[callback]
        )
    else:
        import lightgbm as lgb

        train = lgb.Dataset(X, y)
        given = {"objective": "binary", "num_threads": 1, "verbosity": -1, "bagging_fraction": 0.6, "bagging_freq": 1,
                 "seed": seed}  # fmt: skip
        booster = lgb.train(given, train, rounds, valid_sets=[train], callbacks=[callback])
    return rounds, margins(library, booster, X)


def _eight(library: str, how: str, path: Path) -> list[str]:
    """What is wrong with the eight records; run in a fork."""
    made = treedebug.XGBoostCallback if library == "xgboost" else treedebug.LightGBMCallback
    callback = made(path, quiet=True)
    if how == "threads":
        ends: list[Any] = [None] * _N
        threads = [
            threading.Thread(target=lambda i=i: ends.__setitem__(i, _train(library, callback, i))) for i in range(_N)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    elif how == "forks":
        ends = _in_forks(library, callback)
    else:
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
            ends = list(pool.map(partial(_train, library, callback), range(_N)))
    return _compared(library, path, ends)


def _in_forks(library: str, callback: Any) -> list[Any]:
    """Eight forks at once, each ending as a process does by itself; of one that fails, its error as text."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()

    def train(seed: int) -> None:
        try:
            queue.put((seed, _train(library, callback, seed)))
        except Exception as error:  # noqa: BLE001 - the answer
            queue.put((seed, f"{type(error).__name__}: {error}"))

    processes = [context.Process(target=train, args=(i,)) for i in range(_N)]
    for process in processes:
        process.start()
    ends = dict(queue.get(timeout=240) for _ in processes)
    for process in processes:
        process.join()
    return [ends[i] for i in range(_N)]


def _compared(library: str, path: Path, ends: list[Any]) -> list[str]:
    X, _ = trainings.data()
    runs = treedebug.runs(path)
    wrong = [f"{place}: {run.state}" for place, run in runs.items() if run.state != "finished"]
    if len(runs) != _N:
        wrong.append(f"{len(runs)} records of {_N} trainings")
    recorded = [(run.n_rounds, margins(library, run.booster(), X)) for run in runs.values()]
    failed = [end for end in ends if isinstance(end, str)]
    if failed:
        wrong.append(f"{len(failed)} trainings failed: {failed[0]}")
    lost = [end for end in ends if not isinstance(end, str) and end not in recorded]
    if lost:
        wrong.append(f"{len(lost)} trainings are in no record")
    return wrong


def eights(arena: Arena) -> Row:
    row = Row(f"{_N} trainings with one callback", "11")
    for library in ("xgboost", "lightgbm"):
        for how in ("threads", "forks", "spawns"):
            path = arena.folder / f"eight-{library}-{how}"
            answer = apart(partial(_eight, library, how, path), cpu=60)
            wrong = [answer.died[:200]] if answer.died else answer.value
            row.add(f"{library}, {how}", [Flaw("wrong", "; ".join(wrong)[:250], how)] if wrong else [])
    return row
