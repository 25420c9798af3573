"""Small real trainings of both libraries as RunData, put together by hand: rules are tested without the recorders."""

import re

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from treedebug.core.run.class_log import ClassRecord
from treedebug.core.run.round_schedule import is_class_round
from treedebug.core.run.run_data import Header, RunData
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.readers.lightgbm import lightgbm_reader as read_lightgbm
from treedebug.readers.xgboost import xgboost_reader as read_xgboost
from treedebug.recorders.class_counter import label_summary


def noisy_classes(n_rows=800, n_features=10, *, noise=1.0, seed=0):
    """A table whose label depends on the first three features, and on chance."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_rows, n_features))
    score = features[:, 0] + features[:, 1] * features[:, 2] + noise * rng.normal(size=n_rows)
    return features, (score > 0).astype(float)


def halves(features, labels):
    """(train, valid) pairs of a table."""
    half = len(labels) // 2
    return (features[:half], labels[:half]), (features[half:], labels[half:])


def train_xgboost(params, train, valid, n_rounds, *, early_stopping=None, classes=True, missing=np.nan):
    """An XGBoost training as it would have been recorded."""
    data = {
        "train": xgb.DMatrix(*train, missing=missing),
        "valid": xgb.DMatrix(*valid, missing=missing),
    }
    log, given = {}, {"nthread": 1, "seed": 1, "verbosity": 0, **params}
    booster = xgb.train(
        given, data["train"], n_rounds, evals=[(d, n) for n, d in data.items()], evals_result=log,
        early_stopping_rounds=early_stopping, verbose_eval=False,
    )  # fmt: skip
    done = booster.num_boosted_rounds()
    header = _header("xgboost", given, train, valid, n_rounds, early_stopping)
    header.params = {
        "learning_rate": given.get("eta", 0.3), "max_depth": given.get("max_depth", 6),
        "min_child_weight": given.get("min_child_weight", 1), "gamma": given.get("gamma", 0),
        "scale_pos_weight": given.get("scale_pos_weight", 1),
    }  # fmt: skip
    run = RunData(header)
    for r in range(done):
        run.rounds.append(r, learning_rate=header.params["learning_rate"], seconds=0.001, iterations=r + 1)
    for dataset, metrics in log.items():
        for metric, values in metrics.items():
            for r, value in enumerate(values):
                run.evals.append(r, dataset, metric, value)
    summary = TreeSummary(header.n_features)
    summary.extend(read_xgboost.read(bytes(booster.save_raw("ubj"))), done)
    run.add_stream(TreeSummary, summary)
    if header.n_classes and classes:
        for name, (x, y) in (("train", train), ("valid", valid)):
            matrix = xgb.DMatrix(x, missing=missing)
            _classes(run, name, y, lambda r, m=matrix: booster.predict(m, iteration_range=(0, r + 1)))
    best = getattr(booster, "best_iteration", None) if early_stopping else None
    run.ending = {"state": "finished", "best_round": best, "reason": "", "n_rounds": done}
    return run


def train_lightgbm(params, train, valid, n_rounds, *, early_stopping=None, classes=True):
    """A LightGBM training as it would have been recorded."""
    given = {"num_threads": 1, "seed": 1, "verbosity": -1, "deterministic": True, **params}
    base = lgb.Dataset(*train, params={"verbosity": -1, **{k: v for k, v in params.items() if k.startswith("min_")}})
    log, iterations = {}, []
    callbacks = [lgb.record_evaluation(log), lambda env: iterations.append(env.model.current_iteration())]
    if early_stopping:
        callbacks.append(lgb.early_stopping(early_stopping, verbose=False))
    booster = lgb.train(
        given, base, n_rounds, valid_sets=[base, lgb.Dataset(*valid, reference=base)],
        valid_names=["train", "valid"], callbacks=callbacks,
    )  # fmt: skip
    header = _header("lightgbm", given, train, valid, n_rounds, early_stopping)
    header.params = {
        "learning_rate": 0.1, "num_leaves": 31, "max_depth": -1, "min_child_samples": 20, "min_child_weight": 1e-3,
        "min_split_gain": 0.0,
    }  # fmt: skip
    names = {"min_data_in_leaf": "min_child_samples", "min_gain_to_split": "min_split_gain",
             "min_sum_hessian_in_leaf": "min_child_weight"}  # fmt: skip
    header.params |= {names.get(k, k): v for k, v in given.items()}
    run = RunData(header)
    for r, count in enumerate(iterations):
        run.rounds.append(r, learning_rate=header.params["learning_rate"], seconds=0.001, iterations=count)
    for dataset, metrics in log.items():
        for metric, values in metrics.items():
            for r, value in enumerate(values):
                run.evals.append(r, dataset, metric, value)
    text = booster.model_to_string(num_iteration=-1).encode()
    rounds = np.flatnonzero(np.diff(np.array([0, *iterations])))
    summary = TreeSummary(header.n_features)
    kept = len(re.findall(rb"^Tree=", text, re.MULTILINE)) // header.trees_per_round
    if kept:
        table = read_lightgbm.read(text, rounds=rounds[:kept])
        summary.extend(table, len(iterations))
    summary.skip_to(len(iterations))
    run.add_stream(TreeSummary, summary)
    if header.n_classes and classes:
        for name, (x, y) in (("train", train), ("valid", valid)):
            _classes(run, name, y, lambda r, x=x: booster.predict(x, num_iteration=r + 1))
    best = booster.best_iteration - 1 if early_stopping else None
    run.ending = {"state": "finished", "best_round": best, "reason": "", "n_rounds": len(iterations)}
    return run


def _header(library, params, train, valid, planned, early_stopping):
    objective = params.get("objective", "reg:squarederror" if library == "xgboost" else "regression")
    binary = objective.startswith("binary")
    n_classes = 2 if binary else int(params.get("num_class", 0))
    return Header(
        library=library, objective=objective, params_given=params, n_features=train[0].shape[1], n_classes=n_classes,
        planned_rounds=planned, early_stopping_rounds=early_stopping, trees_per_round=params.get("num_class", 1),
        data={
            name: {"n_rows": len(y), "n_features": x.shape[1], "label": label_summary(y, None, n_classes),
                   "is_training": name == "train"}
            for name, (x, y) in (("train", train), ("valid", valid))
        },
    )  # fmt: skip


def _classes(run, dataset, labels, predict):
    n, k = run.n_rounds, run.header.n_classes
    wanted = [r for r in range(n) if r == n - 1 or (is_class_round(r) and (r < 50 or r > n - 40))]
    for r in wanted:
        raw = predict(r)
        called = (raw > 0.5).astype(int) if raw.ndim == 1 else raw.argmax(axis=1)
        confusion = np.bincount(labels.astype(int) * k + called, minlength=k * k).reshape(k, k)
        weights = confusion.sum(axis=1).astype(float)
        mean = np.array([1.0 - raw.mean(), raw.mean()]) if raw.ndim == 1 else raw.mean(axis=0)
        run.classes.append(ClassRecord(r, dataset, confusion, weights, mean.astype(float)))
