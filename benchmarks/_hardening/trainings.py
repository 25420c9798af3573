"""Short trainings with a recorder: what they made, and what became of the record. Run in forks, under faults."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm as lgb
import numpy as np
import xgboost as xgb

import treedebug

ROUNDS = 30
Between = Callable[[int], None]
"""Called after the round of that number."""


class Made(NamedTuple):
    """A training's end: the model as a hash, and the callback (or recorder) that watched it."""

    model: str
    watcher: Any


def data() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    return X, (X[:, 0] + 0.5 * rng.normal(size=300) > 0).astype(float)


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]


class _Each(xgb.callback.TrainingCallback):
    def __init__(self, between: Between) -> None:
        self.between = between

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        self.between(epoch)
        return False


def xgboost(path: Path | None, trouble: AbstractContextManager[Any], between: Between = lambda _: None) -> Made:
    """`path` None: without a callback of ours."""
    X, y = data()
    train = xgb.DMatrix(X, y)
    callback = None if path is None else treedebug.XGBoostCallback(path)
    callbacks = [] if callback is None else [callback]
    params = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1, "subsample": 0.7, "seed": 3}
    with trouble:
        booster = xgb.train(params, train, ROUNDS, evals=[(train, "train")], verbose_eval=False,
                            callbacks=[*callbacks, _Each(between)])  # fmt: skip
    return Made(digest(bytes(booster.save_raw("ubj"))), callback)


def lightgbm(path: Path | None, trouble: AbstractContextManager[Any], between: Between = lambda _: None) -> Made:
    X, y = data()
    train = lgb.Dataset(X, y)
    callback = None if path is None else treedebug.LightGBMCallback(path)
    callbacks = [] if callback is None else [callback]
    params = {
        "objective": "binary", "num_leaves": 7, "num_threads": 1, "verbosity": -1, "bagging_fraction": 0.7,
        "bagging_freq": 1, "seed": 3,
    }  # fmt: skip
    with trouble:
        booster = lgb.train(params, train, ROUNDS, valid_sets=[train],
                            callbacks=[*callbacks, lambda env: between(env.iteration)])  # fmt: skip
    return Made(digest(booster.model_to_string().encode()), callback)


def net(path: Path | None, trouble: AbstractContextManager[Any], between: Between = lambda _: None) -> Made:
    import torch
    from torch import nn

    import nn_bridge

    torch.set_num_threads(1)
    torch.manual_seed(0)
    X, y = (torch.tensor(part, dtype=torch.float32) for part in data())
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    recorder = None if path is None else nn_bridge.TorchRecorder(model, optimizer, path)
    with trouble, recorder or contextlib.nullcontext():
        for epoch in range(ROUNDS):
            for start in range(0, 300, 100):
                optimizer.zero_grad()
                part = slice(start, start + 100)
                loss = nn.functional.binary_cross_entropy_with_logits(model(X[part])[:, 0], y[part])
                if recorder is not None:
                    recorder.log("train", loss=loss)
                loss.backward()
                optimizer.step()
            if recorder is not None:
                recorder.log("valid", loss=float(loss.detach()))
            between(epoch)
    state = b"".join(p.detach().numpy().tobytes() for p in model.state_dict().values())
    return Made(digest(state), recorder)


TRAININGS: dict[str, Callable[..., Made]] = {"xgboost": xgboost, "lightgbm": lightgbm, "net": net}


def whole(run: Any) -> str:
    """What a record of a whole training lacks; "" if nothing."""
    if run.n_rounds != ROUNDS:
        return f"{run.n_rounds} of {ROUNDS} rounds"
    return "" if run.state == "finished" else f"the state is {run.state!r}"


def outcome(
    kind: str, path: Path, trouble: AbstractContextManager[Any], between: Between = lambda _: None
) -> dict[str, Any]:
    """Train under trouble, then look: the model, the callback's run, the run on disk. Run it in a fork."""
    made = TRAININGS[kind](path, trouble, between)
    answer: dict[str, Any] = {"model": made.model}
    for name, get in (("callback", lambda: made.watcher.run), ("disk", lambda: treedebug.load(path))):
        try:
            run = get()
            answer[name] = whole(run)
            if kind != "net" and not answer[name]:
                run.booster()
        except Exception as error:  # noqa: BLE001 - the answer
            answer[name] = f"{type(error).__name__}: {error}"
    below = sorted(p for p in path.parent.rglob("records.treedebug*") if p.is_file())
    answer["files"] = [str(p.relative_to(path.parent)) for p in below]
    answer["beside"] = ""
    for file in below:
        if file.parent != path:
            with contextlib.suppress(treedebug.TreedebugError):
                answer["beside"] = answer["beside"] or (
                    str(file.parent) if not whole(treedebug.load(file.parent)) else ""
                )
    return answer
