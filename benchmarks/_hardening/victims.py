"""Trainings that are to be killed: each logs a round, with a hash of its predictions, before the recorder sees it.

Run as a script: victims.py KIND FOLDER PACE.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import crash
import lightgbm as lgb
import xgboost as xgb

import treedebug

FIRST = 40
"""Rounds that a resumed training had before."""
_XGBOOST = {"objective": "binary:logistic", "max_depth": 4, "eta": 0.01, "nthread": 1}
_LIGHTGBM = {"objective": "binary", "num_leaves": 15, "learning_rate": 0.01, "num_threads": 1, "verbosity": -1}


class _LogFold(crash.Log):
    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        crash.log_round(epoch, model.cvfolds[0].bst, "xgboost", self.X, self.pace)
        return False


class _LogResumed(crash.Log):
    """XGBoost counts the rounds of a continued training from 0; a record counts those of the booster."""

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        crash.log_round(FIRST + epoch, model, "xgboost", self.X, self.pace)
        return False


def xgboost_cv(path: str, pace: float) -> None:
    X, y = crash.data()
    callbacks = [_LogFold(X, pace), treedebug.XGBoostCallback(path, quiet=True)]
    xgb.cv(_XGBOOST, xgb.DMatrix(X, y), crash.ROUNDS, nfold=3, callbacks=callbacks, seed=1)


def xgboost_resumed(path: str, pace: float) -> None:
    X, y = crash.data()
    dtrain = xgb.DMatrix(X, y)
    evals = [(dtrain, "train")]
    first = xgb.train(_XGBOOST, dtrain, FIRST, evals=evals, verbose_eval=False,
                      callbacks=[treedebug.XGBoostCallback(path, quiet=True)])  # fmt: skip
    xgb.train(
        _XGBOOST, dtrain, crash.ROUNDS, evals=evals, verbose_eval=False, xgb_model=first,
        callbacks=[_LogResumed(X, pace), treedebug.XGBoostCallback(path, quiet=True, resume=True)],
    )  # fmt: skip


def _log_lightgbm(X: Any, pace: float, *, cv: bool = False) -> Callable[[Any], None]:
    def log(env: Any) -> None:
        crash.log_round(env.iteration, env.model.boosters[0] if cv else env.model, "lightgbm", X, pace)

    return log


def lightgbm_cv(path: str, pace: float) -> None:
    X, y = crash.data()
    callbacks = [_log_lightgbm(X, pace, cv=True), treedebug.LightGBMCallback(path, quiet=True)]
    lgb.cv(_LIGHTGBM, lgb.Dataset(X, y), crash.ROUNDS, nfold=3, callbacks=callbacks)


def lightgbm_resumed(path: str, pace: float) -> None:
    X, y = crash.data()
    data = lgb.Dataset(X, y, free_raw_data=False)
    first = lgb.train(_LIGHTGBM, data, FIRST, valid_sets=[data],
                      callbacks=[treedebug.LightGBMCallback(path, quiet=True)])  # fmt: skip
    lgb.train(
        _LIGHTGBM, data, crash.ROUNDS, valid_sets=[data], init_model=first,
        callbacks=[_log_lightgbm(X, pace), treedebug.LightGBMCallback(path, quiet=True, resume=True)],
    )  # fmt: skip


def net(path: str, pace: float) -> None:
    import torch
    from torch import nn

    import nn_bridge

    torch.set_num_threads(1)
    X, y = (torch.tensor(part, dtype=torch.float32) for part in crash.data())
    model = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    recorder = nn_bridge.TorchRecorder(model, optimizer, path, quiet=True)
    for epoch in range(crash.ROUNDS):
        for start in range(0, 1500, 300):
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(
                model(X[start : start + 300])[:, 0], y[start : start + 300]
            )
            recorder.log("train", loss=loss)
            loss.backward()
            optimizer.step()
        time.sleep(random.uniform(0, pace))
        os.write(1, f"{epoch} {time.monotonic():.6f} -\n".encode())
        recorder.log("valid", loss=float(loss.detach()))


KINDS: dict[str, Callable[[str, float], None]] = {
    "xgboost": lambda path, pace: crash.train("xgboost", path, pace),
    "lightgbm": lambda path, pace: crash.train("lightgbm", path, pace),
    "xgboost cv": xgboost_cv,
    "lightgbm cv": lightgbm_cv,
    "xgboost resumed": xgboost_resumed,
    "lightgbm resumed": lightgbm_resumed,
    "net": net,
}

if __name__ == "__main__":
    KINDS[sys.argv[1]](sys.argv[2], float(sys.argv[3]))
