"""One training with changed parameters, by the library's own `train` or by the user's function."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import treedebug
from treedebug.api.rebuild_booster import library_module
from treedebug.api.saved_models import model_bytes
from treedebug.core.errors import ConfigError
from treedebug.cure.fix.first_rounds import first_rounds
from treedebug.cure.fix.races import Pace, lightgbm_pace, xgboost_pace
from treedebug.cure.fix.sets import RowSet
from treedebug.cure.fix.settings import Training
from treedebug.cure.fix.trial import Trial

Floats = NDArray[np.float64]
PATIENCE = 50
UserTrain = Callable[[Mapping[str, Any], int, int, Sequence[str]], Any]
"""Of (parameters, rounds, patience, columns to leave out): a booster or fitted estimator."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model after training, and its raw scores on the validation rows, both at the best round."""

    raw: bytes
    margin: Floats
    n_rounds: int
    metric: float
    run: Any = None
    path: str = ""


class Trainer(Protocol):
    """Trains once."""

    def __call__(self, trial: Trial, train: RowSet, valid: RowSet | None, pace: Pace, place: Path | None) -> Fitted:
        """Return the model of a trial; without validation rows all rounds are kept."""


def native(training: Training, *, types: Sequence[str], threads: int | None, seed: int) -> Trainer:
    """Return a trainer with the library's own `train`. `types` are those of an array's columns ("c": categories)."""
    params = {"random_state": seed, **training.params, **({} if threads is None else {"n_jobs": threads})}
    return _XGBoost(params, types) if training.library == "xgboost" else _LightGBM(params, types)


@dataclass(frozen=True)
class _XGBoost:
    params: Mapping[str, Any]
    types: Sequence[str]

    def __call__(self, trial: Trial, train: RowSet, valid: RowSet | None, pace: Pace, place: Path | None) -> Fitted:
        xgb = library_module("xgboost")
        data = self._data(xgb, train)
        judge = None if valid is None else self._data(xgb, valid)
        evals = [] if judge is None else [(judge, "valid")]
        recorder = _recorder(treedebug.XGBoostCallback, trial, place, evals=evals)
        booster = xgb.train(
            {**self.params, **trial.changes}, data, trial.rounds, evals=evals, verbose_eval=False,
            early_stopping_rounds=PATIENCE if evals else None, callbacks=[recorder, xgboost_pace(pace)] if evals else
            [recorder],
        )  # fmt: skip
        n = booster.best_iteration + 1 if evals else booster.num_boosted_rounds()
        margin = np.empty((0, 1)) if judge is None else booster.predict(
            judge, output_margin=True, iteration_range=(0, n))  # fmt: skip
        raw = first_rounds(booster, "xgboost", n)
        return Fitted(raw, _two(margin), n, float(booster.best_score) if evals else np.nan, *_record(recorder))

    def _data(self, xgb: Any, part: RowSet) -> Any:
        types = None if hasattr(part.X, "columns") or "c" not in self.types else list(self.types)
        return xgb.DMatrix(part.X, part.y, weight=part.w, feature_types=types, enable_categorical=True)


@dataclass(frozen=True)
class _LightGBM:
    params: Mapping[str, Any]
    types: Sequence[str]

    def __call__(self, trial: Trial, train: RowSet, valid: RowSet | None, pace: Pace, place: Path | None) -> Fitted:
        lgb = library_module("lightgbm")
        params = {"verbosity": -1, **self.params, **trial.changes}
        columns = [i for i, kind in enumerate(self.types) if kind == "c"] if not hasattr(train.X, "columns") else "auto"
        data = lgb.Dataset(train.X, train.y, weight=train.w, params=dict(params), categorical_feature=columns or "auto")
        recorder = _recorder(treedebug.LightGBMCallback, trial, place)
        callbacks, sets = [recorder], []
        if valid is not None:
            sets = [lgb.Dataset(valid.X, valid.y, weight=valid.w, reference=data, params=dict(params))]
            callbacks += [lgb.early_stopping(PATIENCE, verbose=False), lightgbm_pace(pace)]
        booster = lgb.train(
            params, data, trial.rounds, valid_sets=sets, valid_names=["valid"] * len(sets), callbacks=callbacks
        )
        n = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
        margin = np.empty((0, 1)) if valid is None else booster.predict(valid.X, raw_score=True, num_iteration=n)
        scores = booster.best_score.get("valid", {})
        raw = first_rounds(booster, "lightgbm", n)
        return Fitted(raw, _two(margin), n, float(next(iter(scores.values()), np.nan)), *_record(recorder))


@dataclass(frozen=True)
class UserTrainer:
    """The user's own function, which stops early by itself."""

    train: UserTrain
    training: Training

    def __call__(self, trial: Trial, train: RowSet, valid: RowSet | None, pace: Pace, place: Path | None) -> Fitted:  # noqa: ARG002 - the user's function holds its own rows
        """Train, and predict the validation rows."""
        model = self.train({**self.training.params, **trial.changes}, trial.rounds, PATIENCE, trial.drop)
        raw = model_bytes(model)
        if raw is None:
            raise ConfigError(f"train= must return a booster or a fitted estimator; got {type(model).__name__}")
        booster: Any = model.get_booster() if hasattr(model, "get_booster") else getattr(model, "booster_", model)
        if valid is None:
            raise ConfigError("train= is your own function: it needs validation rows, valid=(X, y), and no folds")
        if self.training.library == "xgboost":
            xgb = library_module("xgboost")
            best = (
                getattr(booster, "best_iteration", None) if "best_iteration" in (booster.attributes() or {}) else None
            )
            n = booster.num_boosted_rounds() if best is None else int(best) + 1
            data = xgb.DMatrix(valid.X, enable_categorical=True)
            margin = booster.predict(data, output_margin=True, iteration_range=(0, n))
            return Fitted(first_rounds(booster, "xgboost", n), _two(margin), n, np.nan)
        n = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
        margin = booster.predict(valid.X, raw_score=True, num_iteration=n)
        return Fitted(first_rounds(booster, "lightgbm", n), _two(margin), n, np.nan)


def _recorder(kind: Any, trial: Trial, place: Path | None, **more: Any) -> Any:
    """Return a recorder that judges nothing while it trains, where there is a place to judge it from later."""
    path = None if place is None else place / (re.sub(r"[^\w.-]+", "-", trial.name).strip("-") or "trial")
    judged = {"judge": False} if path is not None else {"select": ["CV101"]}
    return kind(path, quiet=True, name=trial.name, tags=["fix"], description=f"{trial} ({trial.why})", **judged, **more)


def _record(recorder: Any) -> tuple[Any, str]:
    run = recorder.run
    return run.data, "" if run.path is None else os.fspath(run.path)


def _two(margin: Any) -> Floats:
    values = np.asarray(margin, dtype=np.float64)
    return values.reshape(len(values), -1) if len(values) else values.reshape(0, 1)
