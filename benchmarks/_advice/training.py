"""Train a recipe on a split, and say what the model is worth on the test rows."""

from __future__ import annotations

import re
import time
import warnings
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import xgboost as xgb
from _faults.tables import BINARY, COUNTS, MULTI, Floats
from sklearn.metrics import roc_auc_score

from _advice.edits import edited
from _advice.names import LIGHTGBM_NATIVE
from _advice.recipes import XGBOOST, Recipe
from _advice.splits import Part, Split


@dataclass(frozen=True)
class Outcome:
    """`loss` (n_test,): log loss, Poisson loss, or squared error. `refused`: a parameter the library does not know."""

    loss: Floats
    valid_loss: float
    auc: float | None
    leaves: int
    rounds: int
    seconds: float
    refused: str = ""

    @property
    def mean(self) -> float:
        return float(self.loss.mean())


def train(recipe: Recipe, split: Split, callback: Any = None) -> Outcome:
    """Raise what the library raises. `callback` is treedebug's; then the training data is watched too."""
    split = edited(split, recipe.edits)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = (_xgboost if recipe.library == XGBOOST else _lightgbm)(recipe, split, callback)
    valid, test, leaves, rounds, seconds, refused = found
    told = " ".join(str(w.message) for w in caught)
    ignored = re.search(r"Parameters: \{([^}]*)\} are not used", told)
    auc = float(roc_auc_score(split.test.y, test)) if split.task == BINARY else None
    return Outcome(
        row_losses(split, split.test, test), float(row_losses(split, split.valid, valid).mean()), auc, leaves, rounds,
        seconds, ignored.group(1).strip(' "') if ignored else refused,
    )  # fmt: skip


def _xgboost(recipe: Recipe, split: Split, callback: Any) -> tuple[Any, ...]:
    parts = (split.train, split.valid, split.test)
    names = (
        list(split.train.X.columns) if callback else None
    )  # checking them again each round takes a fifth of the time
    data = [xgb.DMatrix(p.X.to_numpy(), p.y, weight=p.w, feature_names=names, nthread=1) for p in parts]
    evals = [(data[0], "train"), (data[1], "valid")] if callback else [(data[1], "valid")] if recipe.patience else []
    params = {"nthread": 1, **recipe.params}
    started = time.process_time()
    booster = xgb.train(
        params, data[0], recipe.rounds, evals=evals, early_stopping_rounds=recipe.patience, verbose_eval=False,
        callbacks=[callback] if callback else None,
    )  # fmt: skip
    seconds = time.process_time() - started
    rounds = booster.best_iteration + 1 if recipe.patience else booster.num_boosted_rounds()
    predicted = [booster.predict(d, iteration_range=(0, rounds)) for d in data[1:]]
    leaves = sum(tree.count("leaf=") for tree in booster[:rounds].get_dump())
    return *predicted, leaves, rounds, seconds, ""


def _lightgbm(recipe: Recipe, split: Split, callback: Any) -> tuple[Any, ...]:
    quiet = {"verbosity": -1, "num_threads": 1}
    params = {**quiet, **recipe.params}
    parts = (split.train, split.valid)
    X = [p.X.to_numpy() for p in (*parts, split.test)]
    names = [re.sub(r"[^\w]", "_", c) for c in split.train.X.columns]
    data = lgb.Dataset(X[0], split.train.y, weight=split.train.w, feature_name=names, params=params)
    valid = lgb.Dataset(X[1], split.valid.y, reference=data, params=params)
    callbacks = [callback] if callback else []
    if recipe.patience:
        callbacks.append(lgb.early_stopping(recipe.patience, verbose=False))
    sets = {"train": data, "valid": valid} if callback else {"valid": valid} if recipe.patience else {}
    started = time.process_time()
    booster = lgb.train(
        params, data, recipe.rounds, valid_sets=list(sets.values()), valid_names=list(sets), callbacks=callbacks
    )
    seconds = time.process_time() - started
    rounds = booster.best_iteration if booster.best_iteration > 0 else booster.current_iteration()
    predicted = [booster.predict(x, num_iteration=rounds) for x in X[1:]]
    text = booster.model_to_string(num_iteration=rounds)
    leaves = sum(int(n) for n in re.findall(r"^num_leaves=(\d+)", text, re.MULTILINE))
    unknown = [name for name in recipe.params if name not in LIGHTGBM_NATIVE]
    return *predicted, leaves, rounds, seconds, ", ".join(unknown)


def row_losses(split: Split, part: Part, predicted: Floats) -> Floats:
    """(n,) log loss, Poisson loss, or squared error, whatever the model was trained for."""
    y, out = part.y, np.asarray(predicted, dtype=np.float64)
    if split.task == BINARY:
        p = np.clip(out, 1e-6, 1 - 1e-6)
        return -np.where(y > 0, np.log(p), np.log(1 - p))
    if split.task == MULTI:
        return -np.log(np.clip(out[np.arange(len(y)), y.astype(int)], 1e-6, 1.0))
    if split.task == COUNTS:
        mu = np.maximum(out, 1e-6)
        ratio = np.where(y > 0, y / mu, 1.0)
        return np.asarray(mu - y + y * np.log(ratio))
    return np.square(out - y)
