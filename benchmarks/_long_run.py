"""Ten thousand rounds: does a round cost more the later it comes, and what does the recorder hold in memory?"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb
from _trainings import TRAININGS, recording


class RoundTimes:
    """Times what our callback itself takes in each round, by standing around it."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.seconds = inner, []

    def __call__(self, function: Callable[..., Any], *args: Any) -> Any:
        start = time.process_time()
        result = function(*args)
        self.seconds.append(time.process_time() - start)
        return result


def long_run(rounds: int) -> list[dict[str, Any]]:
    """Cost of the callback around round 100 and at the end, and the memory it holds, over many rounds."""
    results = []
    for library, make in TRAININGS.items():
        with recording(library) as callback:
            timer = RoundTimes(callback)
            memory: list[tuple[int, float]] = []
            hook = _time_xgboost if library == "xgboost" else _time_lightgbm
            hook(callback, timer, memory)
            make(500, rounds, 2, 6)([callback], 1)
            callback.run  # noqa: B018 - closes a run whose end nobody told
        seconds = np.array(timer.seconds)
        early, late = seconds[60:260], seconds[-400:]
        plain = _memory_without(library, rounds)
        with_callback = memory[-1][1] - memory[0][1]
        results.append(
            {
                "library": library,
                "rounds": rounds,
                "us_a_round_at_100": 1e6 * float(early.mean()),
                "us_a_round_at_end": 1e6 * float(late.mean()),
                "ratio": float(late.mean() / early.mean()),
                "growth_mb_with": with_callback,
                "growth_mb_without": plain,
                "held_by_recorder_mb": with_callback - plain,
            }
        )
        print({k: round(v, 3) if isinstance(v, float) else v for k, v in results[-1].items()}, flush=True)
    return results


def _rss_mb() -> float:
    with Path("/proc/self/statm").open(encoding="utf-8") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def _time_xgboost(callback: Any, timer: RoundTimes, memory: list[tuple[int, float]]) -> None:
    inner = type(callback).after_iteration

    def after_iteration(model: Any, epoch: int, log: Any) -> Any:
        if epoch % 500 == 499:
            memory.append((epoch, _rss_mb()))
        return timer(inner, callback, model, epoch, log)

    callback.after_iteration = after_iteration


def _time_lightgbm(callback: Any, timer: RoundTimes, memory: list[tuple[int, float]]) -> None:
    kind = type(callback)

    class Timed(kind):  # type: ignore[misc, valid-type]
        def __call__(self, env: Any) -> None:
            if env.iteration % 500 == 499:
                memory.append((env.iteration, _rss_mb()))
            timer(kind.__call__, self, env)

    callback.__class__ = Timed


def _memory_without(library: str, rounds: int) -> float:
    """Growth of the process from round 500 to the end without the callback: the booster itself and the metrics."""
    memory: list[float] = []
    if library == "xgboost":

        class Watch(xgb.callback.TrainingCallback):
            def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
                if epoch % 500 == 499:
                    memory.append(_rss_mb())
                return False

        TRAININGS[library](500, rounds, 2, 6)([Watch()], 1)
    else:

        class Plain:
            order = 25

            def __call__(self, env: Any) -> None:
                if env.iteration % 500 == 499:
                    memory.append(_rss_mb())

        TRAININGS[library](500, rounds, 2, 6)([Plain()], 1)
    return memory[-1] - memory[0]
