"""What to do where something of another kind was given: a sentence for the common mix-ups."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from treedebug.core.report import CheckReport
from treedebug.core.run.recorded import Recorded


def kind_of(value: Any) -> str:
    """Return what was given, in a few words: "a list of 2 Run", "XGBoostCallback('runs/a')", "a DataFrame"."""
    if value is None or isinstance(value, str | int | float | os.PathLike):
        return f"{value!r:.80}"
    if isinstance(value, list | tuple):
        kinds = list(dict.fromkeys(type(v).__name__ for v in value))
        return f"a {type(value).__name__} of {len(value)} {' and '.join(kinds[:3])}".rstrip()
    return f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")


def what_to_do(value: Any) -> str:
    """Return "; ..." with what the caller may have meant, "" where nothing suggests itself."""
    found = _meant(value)
    return f"; {found}" if found else ""


def _meant(value: Any) -> str:
    return next((said for is_it, said in _MEANT if is_it(value)), "")


def _has(*names: str) -> Callable[[Any], bool]:
    return lambda value: any(hasattr(value, name) for name in names)


_MEANT: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (
        lambda v: isinstance(v, Recorded),
        "this run is loaded already: treedebug.check(run) judges it, run.replay(X, y) measures it on other data",
    ),
    (
        lambda v: isinstance(v, CheckReport),
        "this is a report already: its .findings, .plan and .score hold the outcome",
    ),
    (_has("open_session"), "a callback is not a run: pass callback.run, or its path"),
    (_has("steps", "best_estimator_", "param_grid"), "pass the model inside it: pipeline[-1], search.best_estimator_"),
    (_has("fit"), "treedebug reads the models of XGBoost and LightGBM"),
    (
        _has("save_raw", "model_to_string"),
        "treedebug.check(booster) judges a model; a run comes from a training with a callback",
    ),
    (_has("columns", "get_label"), "treedebug.check(table, target=...) judges a table"),
    (
        lambda v: isinstance(v, list | tuple) and bool(v) and all(isinstance(one, Recorded) for one in v),
        "treedebug.compare(*runs) puts several side by side",
    ),
    (lambda v: isinstance(v, tuple), "data and labels are two arguments: treedebug.check(X, y)"),
    (
        lambda v: isinstance(v, Mapping) and hasattr(v, "check"),  # treedebug.runs(path)
        "its .check() judges all of them and sums them up",
    ),
    (
        lambda v: isinstance(v, Mapping),
        "parameters are judged by treedebug.check_params(params, dtrain)",
    ),
)
"""What a value is, and what the caller may have meant; the first that fits counts."""
