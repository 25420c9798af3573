"""Hardware that is not there, and threads that get into each other's way."""

from __future__ import annotations

import json
import os
import time

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from .core import Said, Seen, situation
from .parameters import ELSEWHERE, waves
from .ways import ask_params, lgb_run, refused, thirds, xgb_run


@situation(
    "dmlc/xgboost #8743",
    "hardware that is not there",
    measure="falls back",
    cause=r"\bgpu\b|cuda|device",
    misleading=ELSEWHERE + "|try max_depth=",
)
def cuda_without_a_gpu(mended: bool) -> Seen:
    """Training is meant for the GPU and runs on the CPU: device=cuda falls back where there is none."""
    X, y = waves()
    a, v, _ = thirds(len(y))
    d, dv = xgb.DMatrix(X[a], y[a]), xgb.DMatrix(X[v], y[v])
    params = {"device": "cpu" if mended else "cuda", "max_depth": 3, "eta": 0.1}
    m, run = xgb_run(params, d, 60, [(d, "train"), (dv, "valid")])
    used = json.loads(m.save_config())["learner"]["generic_param"]["device"]
    return Seen(float(params["device"] not in used), run, ask_params(params, d, 60, evals=[(dv, "valid")]))


@situation(
    "JuliaAI/MLJXGBoostInterface.jl #54",
    "hardware that is not there",
    measure="training is refused",
    asked="params",
    cause=r"gpu_hist|device",
    misleading=ELSEWHERE,
)
def gpu_hist_is_gone(mended: bool) -> Seen:
    """tree_method=gpu_hist is no longer accepted; device takes its place. It is seen before training."""
    X, y = waves()
    params = {"tree_method": "hist" if mended else "gpu_hist", "max_depth": 3, "eta": 0.1}
    d = xgb.DMatrix(X, y)
    return Seen(refused(lambda: xgb_run(params, d, 10)), params=ask_params(params, d, 100))


THREADS = r"\bthreads?\b|\bcores?\b|nthread|n_jobs|num_threads"


def _seconds(params: dict[str, int]) -> tuple[float, tuple[Said, ...]]:
    """The seconds of a training, and what its run says."""
    rng = np.random.default_rng(63)
    X = rng.normal(size=(4000, 20))
    y = X[:, 0] + X[:, 1] * X[:, 2] + rng.normal(size=4000)
    d = lgb.Dataset(X[:3000], y[:3000]).construct()
    dv = d.create_valid(X[3000:], y[3000:])
    began = time.perf_counter()
    _, run = lgb_run({"num_leaves": 15, "learning_rate": 0.1, **params}, d, 60, [(dv, "valid")])
    return time.perf_counter() - began, run


@situation(
    "lightgbm-org/LightGBM #4425",
    "more threads than cores",
    measure="seconds",
    cause=THREADS,
    misleading=ELSEWHERE,
)
def twice_as_many_threads_as_cores(mended: bool) -> Seen:
    """In a container of one CPU, num_threads of the whole machine trains twenty times slower."""
    cores = len(os.sched_getaffinity(0))
    seconds, run = _seconds({"num_threads": 1 if mended else 16 * cores})
    return Seen(seconds, run)
