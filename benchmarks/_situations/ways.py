"""How the situations train and ask, always with default settings and one thread; and how they measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from sklearn.metrics import roc_auc_score

import treedebug

from .core import Said

DEFAULTS = treedebug.Config()
"""Not the settings of the pyproject.toml that happens to be near."""

Params = Mapping[str, Any]


def told(findings: Iterable[treedebug.Finding]) -> tuple[Said, ...]:
    """The findings as a user reads them."""
    return tuple(
        Said(
            f.severity.label,
            f.code,
            f"{f.name} {f.subject}: {f.message} | " + "; ".join(f"try {c} ({c.why})" for c in f.try_next),
        )
        for f in findings
    )


def xgb_run(
    params: Params, data: xgb.DMatrix, rounds: int, evals: Sequence[tuple[xgb.DMatrix, str]] = (), **more: Any
) -> tuple[xgb.Booster, tuple[Said, ...]]:
    """Train with the callback: the model, and what its run says."""
    booster, run = xgb_recorded(params, data, rounds, evals, **more)
    return booster, told(run.findings)


def xgb_recorded(
    params: Params, data: xgb.DMatrix, rounds: int, evals: Sequence[tuple[xgb.DMatrix, str]] = (), **more: Any
) -> tuple[xgb.Booster, treedebug.Run]:
    """Train with the callback: the model and the run."""
    callback = treedebug.XGBoostCallback(quiet=True, config=DEFAULTS)
    more["callbacks"] = [*more.get("callbacks", ()), callback]
    given = {"nthread": 1, "verbosity": 0, **params}
    booster = xgb.train(given, data, rounds, evals=list(evals), verbose_eval=False, **more)
    return booster, callback.run


def lgb_run(
    params: Params, data: lgb.Dataset, rounds: int, evals: Sequence[tuple[lgb.Dataset, str]] = (), **more: Any
) -> tuple[lgb.Booster, tuple[Said, ...]]:
    """Train with the callback: the model, and what its run says."""
    booster, run = lgb_recorded(params, data, rounds, evals, **more)
    return booster, told(run.findings)


def lgb_recorded(
    params: Params, data: lgb.Dataset, rounds: int, evals: Sequence[tuple[lgb.Dataset, str]] = (), **more: Any
) -> tuple[lgb.Booster, treedebug.Run]:
    """Train with the callback: the model and the run."""
    callback = treedebug.LightGBMCallback(quiet=True, config=DEFAULTS)
    more["callbacks"] = [*more.get("callbacks", ()), callback]
    sets, names = [d for d, _ in evals], [n for _, n in evals]
    given = {"num_threads": 1, "verbosity": -1, **params}
    booster = lgb.train(given, data, rounds, valid_sets=sets or None, valid_names=names or None, **more)
    return booster, callback.run


def ask_params(params: Params, data: Any, rounds: int, **more: Any) -> tuple[Said, ...]:
    """What `check_params` says before training."""
    return told(treedebug.check_params(params, data, num_boost_round=rounds, config=DEFAULTS, **more))


def ask_table(*tables: Any, **more: Any) -> tuple[Said, ...]:
    """What `check` says of the tables."""
    return told(treedebug.check(*tables, config=DEFAULTS, **more))


def refused(train: Callable[[], Any]) -> float:
    """1 if the library refuses to train, else 0."""
    try:
        train()
    except (xgb.core.XGBoostError, lgb.basic.LightGBMError):
        return 1.0
    return 0.0


def rmse(y: Any, predicted: Any) -> float:
    return float(np.sqrt(np.mean((np.asarray(predicted, float) - y) ** 2)))


def mae(y: Any, predicted: Any) -> float:
    return float(np.mean(np.abs(np.asarray(predicted, float) - y)))


def log_loss(y: Any, probability: Any) -> float:
    """Of two classes; probabilities are kept off 0 and 1."""
    p = np.clip(np.asarray(probability, float), 1e-7, 1 - 1e-7)
    return float(-np.mean(np.where(np.asarray(y) == 1, np.log(p), np.log(1 - p))))


def multi_error(y: Any, probabilities: Any) -> float:
    return float(np.mean(np.argmax(np.asarray(probabilities), axis=1) != y))


def one_minus_auc(y: Any, predicted: Any) -> float:
    """So that less is better."""
    return 1.0 - float(roc_auc_score(y, predicted))


def thirds(n: int) -> tuple[slice, slice, slice]:
    """Rows for training (half of them), for validation (a quarter), and to measure on."""
    return slice(0, n // 2), slice(n // 2, 3 * n // 4), slice(3 * n // 4, n)


def draw(p: Any, rng: np.random.Generator) -> np.ndarray:
    """Labels 0 and 1 with these log odds."""
    return (rng.random(np.size(p)) < 1 / (1 + np.exp(-np.asarray(p, float)))).astype(int)
