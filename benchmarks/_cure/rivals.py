"""What else there is: random search, Optuna's TPE, LightGBM's refit, XGBoost's update, a lasso over trees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import optuna
import xgboost as xgb
from _advice.recipes import XGBOOST
from _advice.splits import Part, Split
from _faults.tables import BINARY, REGRESSION, Floats
from sklearn.linear_model import Lasso, LogisticRegression

from treedebug.core.run.records import TreeBatch
from treedebug.cure.fix.proof import error_rate
from treedebug.cure.row_losses import RowLoss
from treedebug.readers.library_readers import read_batch, read_facts
from treedebug.readers.tree_predictions import tree_outputs

N_TRIALS, PATIENCE, MOST_ROUNDS = 5, 50, 2000
Params = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model on the validation and on the test rows, loss by row."""

    valid: Floats
    test: Floats
    leaves: int
    n_bytes: int
    rounds: int
    error_rate: float
    raw: bytes = b""


def trained(
    params: Mapping[str, Any], library: str, split: Split, loss: RowLoss, rounds: int, *, seed: int
) -> Candidate:
    """The library's own training, stopped early on the validation rows and cut to its best round."""
    (Xt, yt), (Xv, yv) = (_xy(p) for p in (split.train, split.valid))
    if library == XGBOOST:
        valid = xgb.DMatrix(Xv, yv, nthread=1)
        booster = xgb.train(
            {"nthread": 1, "seed": seed, **params}, xgb.DMatrix(Xt, yt, nthread=1), rounds, evals=[(valid, "valid")],
            early_stopping_rounds=PATIENCE, verbose_eval=False,
        )  # fmt: skip
        n = booster.best_iteration + 1
        return judged(bytes(booster[:n].save_raw("ubj")), library, split, loss)
    data = lgb.Dataset(Xt, yt, params={"verbosity": -1})
    booster = lgb.train(
        {"verbosity": -1, "num_threads": 1, "seed": seed, **params}, data, rounds,
        valid_sets=[lgb.Dataset(Xv, yv, reference=data)], callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
    )  # fmt: skip
    return judged(booster.model_to_string(num_iteration=booster.best_iteration).encode(), library, split, loss)


def judged(raw: bytes, library: str, split: Split, loss: RowLoss, *, leaves: int | None = None) -> Candidate:
    """A model file on both sets, by its library."""
    margins = [margin(raw, library, part) for part in (split.valid, split.test)]
    valid, test = (loss.of(m, p.y) for m, p in zip(margins, (split.valid, split.test), strict=True))
    text = raw.decode() if library != XGBOOST else ""
    if library == XGBOOST:
        booster = xgb.Booster(model_file=bytearray(raw))
        n_leaves, rounds = sum(t.count("leaf=") for t in booster.get_dump()), booster.num_boosted_rounds()
    else:
        n_leaves = sum(int(n) for n in re.findall(r"^num_leaves=(\d+)", text, re.MULTILINE))
        rounds = lgb.Booster(model_str=text).current_iteration()
    return Candidate(valid, test, leaves if leaves is not None else n_leaves, len(raw), rounds,
                     error_rate(margins[1], split.test.y, loss), raw)  # fmt: skip


def margin(raw: bytes, library: str, part: Part) -> Floats:
    X = part.X.to_numpy()
    if library == XGBOOST:
        booster = xgb.Booster({"nthread": 1}, model_file=bytearray(raw))
        found = booster.predict(xgb.DMatrix(X, nthread=1, feature_names=booster.feature_names), output_margin=True)
    else:
        found = lgb.Booster(model_str=raw.decode()).predict(X, raw_score=True, num_threads=1)
    return np.asarray(found, dtype=np.float64).reshape(len(X), -1)


def searched(
    train: Callable[[Params], Candidate], library: str, sampler: optuna.samplers.BaseSampler
) -> list[Candidate]:
    """Five trials of a search."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found: list[Candidate] = []

    def objective(trial: optuna.Trial) -> float:
        found.append(train(_space(trial, library)))
        return float(found[-1].valid.mean())

    optuna.create_study(sampler=sampler).optimize(objective, N_TRIALS)
    return found


def _space(trial: optuna.Trial, library: str) -> Params:
    params: Params = {
        "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
        "subsample": trial.suggest_float("subsample", 0.5, 1.0),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.4, 1.0),
        "reg_lambda": trial.suggest_float("reg_lambda", 0.1, 20.0, log=True),
    }
    if library == XGBOOST:
        return params | {
            "max_depth": trial.suggest_int("max_depth", 2, 10),
            "min_child_weight": trial.suggest_float("min_child_weight", 1.0, 20.0, log=True),
        }
    return params | {
        "num_leaves": trial.suggest_int("num_leaves", 4, 128, log=True), "subsample_freq": 1,
        "min_child_samples": trial.suggest_int("min_child_samples", 5, 100, log=True),
    }  # fmt: skip


def updated(stopped: Candidate, params: Params, split: Split, loss: RowLoss) -> Iterator[Candidate]:
    """XGBoost's own `process_type=update`: leaves refreshed on the training rows, splits below gamma pruned."""
    X, y = _xy(split.train)
    for gamma in (0.0, 0.5, 1.0, 2.0, 4.0, 8.0):
        booster = xgb.Booster(model_file=bytearray(stopped.raw))
        more = {
            "process_type": "update",
            "updater": "refresh,prune",
            "refresh_leaf": True,
            "gamma": gamma,
            "nthread": 1,
        }
        new = xgb.train({**params, **more}, xgb.DMatrix(X, y, nthread=1), stopped.rounds, xgb_model=booster)
        yield judged(bytes(new.save_raw("ubj")), XGBOOST, split, loss)


def refitted(stopped: Candidate, split: Split, loss: RowLoss) -> Iterator[Candidate]:
    """LightGBM's own `refit` on the training rows."""
    for decay in (0.0, 0.5, 0.9):
        booster = lgb.Booster(model_str=stopped.raw.decode(), params={"verbosity": -1, "num_threads": 1})
        new = booster.refit(*_xy(split.train), decay_rate=decay, verbosity=-1, num_threads=1)
        yield judged(new.model_to_string().encode(), "lightgbm", split, loss)


def lasso(stopped: Candidate, library: str, split: Split, loss: RowLoss) -> Iterator[Candidate]:
    """Whole trees weighed by a lasso on the training rows, as ForestPrune and its kin do; no file is written."""
    if split.task not in (BINARY, REGRESSION):
        return
    outputs = [_tree_outputs(stopped.raw, library, part) for part in (split.train, split.valid, split.test)]
    sizes = outputs[0][1]
    votes = [o[0] for o in outputs]
    y = split.train.y
    for strength in (0.003, 0.01, 0.03, 0.1, 0.3, 1.0):
        if split.task == BINARY:
            model = LogisticRegression(C=strength, l1_ratio=1.0, solver="liblinear", max_iter=200).fit(votes[0], y)
            weights, start = model.coef_[0], float(model.intercept_[0])
        else:
            model = Lasso(alpha=0.01 * strength * float(y.std()), max_iter=2000).fit(votes[0], y)
            weights, start = model.coef_, float(model.intercept_)
        margins = [(v @ weights + start)[:, None] for v in votes[1:]]
        valid, test = (loss.of(m, p.y) for m, p in zip(margins, (split.valid, split.test), strict=True))
        leaves, trees = max(int(sizes[weights != 0].sum()), 1), int((weights != 0).sum())
        yield Candidate(valid, test, leaves, 0, trees, error_rate(margins[1], split.test.y, loss))


def _tree_outputs(raw: bytes, library: str, part: Part) -> tuple[Floats, Floats]:
    table = read_batch(TreeBatch(library, raw, np.arange(read_facts(raw, library).n_rounds), 0))
    sizes = np.array([table.is_leaf[a:b].sum() for a, b in zip(table.offsets, table.offsets[1:], strict=False)])
    return np.column_stack(list(tree_outputs(table, part.X.to_numpy()))), sizes


def _xy(part: Part) -> tuple[Any, Any]:
    return part.X.to_numpy(), part.y
