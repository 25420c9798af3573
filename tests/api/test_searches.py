"""Searches: each trial is recorded below the path of the search, named after it, and said in one line."""

from __future__ import annotations

import gc
import logging
import re

import lightgbm as lgb
import numpy as np
import optuna
import pytest
import xgboost as xgb
from optuna_integration.lightgbm import LightGBMPruningCallback
from optuna_integration.xgboost import XGBoostPruningCallback
from sklearn.model_selection import GridSearchCV, cross_val_score

import treedebug
from treedebug.cli import main

optuna.logging.set_verbosity(optuna.logging.WARNING)
rng = np.random.default_rng(0)
X = rng.normal(size=(300, 4))
Y = (X[:, 0] + 0.5 * rng.normal(size=300) > 0).astype(int)
TRAIN, VALID = xgb.DMatrix(X[:200], Y[:200]), xgb.DMatrix(X[200:], Y[200:])


def train(trial, path, *callbacks, rounds=12, **settings):
    depth = trial.suggest_int("max_depth", 1, 6)
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": depth, "nthread": 1}
    callback = treedebug.XGBoostCallback(path, **settings)
    evals = [(VALID, "valid")]
    xgb.train(params, TRAIN, rounds, evals=evals, callbacks=[callback, *callbacks], verbose_eval=False)
    return float(callback.run.metrics["value"].min())


class Prunes(xgb.callback.TrainingCallback):
    """Ends a training as a pruned trial does."""

    def after_iteration(self, model, epoch, evals_log):
        if epoch == 4:
            raise optuna.TrialPruned("too bad")
        return False


class Bad(optuna.pruners.BasePruner):
    """Prunes every trial at its fifth report."""

    def prune(self, study, trial):
        return trial.last_step is not None and trial.last_step >= 4


@pytest.fixture
def no_collection():
    """Nothing may depend on when garbage is collected."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_trial_of_optuna_is_recorded_under_its_number(tmp_path):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    study.optimize(lambda trial: train(trial, tmp_path / "search", quiet=True), n_trials=3)
    found = treedebug.runs(tmp_path / "search")
    assert list(found) == ["trial-000", "trial-001", "trial-002"]
    assert list(found.frame["trial"]) == ["0", "1", "2"]
    assert list(found.frame["params.max_depth"]) == [t.params["max_depth"] for t in study.trials]
    assert [t.value for t in study.trials] == list(found.frame["best"])


def test_one_study_goes_on_in_its_folder_and_another_is_recorded_beside_it(tmp_path):
    first, second = optuna.create_study(), optuna.create_study()
    for study, n in ((first, 1), (second, 1), (first, 2)):
        study.optimize(lambda trial: train(trial, tmp_path / "search", quiet=True), n_trials=n)
    assert list(treedebug.runs(tmp_path)) == [
        "search/trial-000", "search/trial-001", "search/trial-002", "search-2/trial-000",
    ]  # fmt: skip


def test_a_callback_made_before_the_study_and_a_training_after_it(tmp_path):
    callback = treedebug.XGBoostCallback(tmp_path / "search", quiet=True)

    def fit(trial=None):
        xgb.train({"nthread": 1}, TRAIN, 3, callbacks=[callback])
        return 0.0

    optuna.create_study().optimize(fit, n_trials=2)
    fit()
    assert list(treedebug.runs(tmp_path / "search")) == [".", "trial-000", "trial-001"]
    assert treedebug.load(tmp_path / "search").header.search == {}


def test_ask_and_tell(tmp_path):
    study = optuna.create_study()
    for _ in range(2):
        trial = study.ask()
        study.tell(trial, train(trial, tmp_path / "search", quiet=True))
    assert list(treedebug.runs(tmp_path / "search")) == ["trial-000", "trial-001"]
    xgb.train({"nthread": 1}, TRAIN, 3, callbacks=[treedebug.XGBoostCallback(tmp_path / "final", quiet=True)])
    assert list(treedebug.runs(tmp_path / "final")) == ["."]  # `trial` is still there, but told


def test_threads_each_have_their_trial(tmp_path):
    study = optuna.create_study()
    study.optimize(lambda trial: train(trial, tmp_path / "search", quiet=True), n_trials=4, n_jobs=2)
    runs = treedebug.runs(tmp_path / "search")
    assert list(runs) == [f"trial-{i:03d}" for i in range(4)]
    assert [r.params["max_depth"] for r in runs.values()] == [t.params["max_depth"] for t in study.trials]


def test_cross_validation_in_a_trial_is_recorded_below_it(tmp_path):
    def objective(trial):
        model = xgb.XGBClassifier(
            n_estimators=3, n_jobs=1, callbacks=[treedebug.XGBoostCallback(tmp_path / "search", quiet=True)]
        )
        return cross_val_score(model, X, Y, cv=2).mean()

    optuna.create_study().optimize(objective, n_trials=1)
    assert list(treedebug.runs(tmp_path / "search")) == ["trial-000", "trial-000/fit-000"]


@pytest.mark.usefixtures("no_collection")
def test_a_pruned_trial_is_closed_at_once(tmp_path):
    seen = []

    def after(study, trial):
        seen.append((trial.state.name, treedebug.load(tmp_path / f"search/trial-{trial.number:03d}")))

    study = optuna.create_study(pruner=Bad())
    study.optimize(lambda t: train(t, tmp_path / "search", Prunes(), quiet=True), n_trials=1, callbacks=[after])
    study.optimize(
        lambda t: train(t, tmp_path / "search", XGBoostPruningCallback(t, "valid-logloss"), quiet=True),
        n_trials=1, callbacks=[after],
    )  # fmt: skip
    assert [(state, run.state, run.n_rounds) for state, run in seen] == [("PRUNED", "interrupted", 5)] * 2
    assert seen[0][1].data.ending["reason"] == "TrialPruned: too bad"


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("use_cv", [False, True])
def test_a_pruned_trial_of_lightgbm_is_closed_at_once(tmp_path, use_cv):
    seen = []

    def objective(trial):
        data = lgb.Dataset(X[:200], Y[:200])
        mine = treedebug.LightGBMCallback(tmp_path / "search", quiet=True)
        params = {"objective": "binary", "verbosity": -1, "num_threads": 1}
        pruning = LightGBMPruningCallback(trial, "binary_logloss", valid_name="valid" if use_cv else "valid_0")
        if use_cv:
            lgb.cv(params, data, 12, nfold=2, callbacks=[mine, pruning])
        else:
            lgb.train(params, data, 12, [data.create_valid(X[200:], Y[200:])], callbacks=[mine, pruning])
        return 0.0

    def after(study, trial):
        seen.extend((trial.state.name, r.state, r.n_rounds) for r in treedebug.runs(tmp_path / "search").values())

    optuna.create_study(pruner=Bad()).optimize(objective, n_trials=1, callbacks=[after])
    assert seen == [("PRUNED", "interrupted", 5)] * (2 if use_cv else 1)


@pytest.mark.usefixtures("no_collection")
def test_ctrl_c_in_an_objective_of_ones_own_closes_the_run_at_once(tmp_path):
    def objective(predictions, data):
        raise KeyboardInterrupt

    caught = None
    try:
        xgb.train(
            {"nthread": 1}, TRAIN, 3, obj=objective, callbacks=[treedebug.XGBoostCallback(tmp_path / "x", quiet=True)]
        )
    except KeyboardInterrupt as error:
        caught = error  # holds all frames
    assert caught is not None
    assert treedebug.load(tmp_path / "x").state == "interrupted"


def test_a_line_a_trial_and_then_a_sum(tmp_path, capsys, caplog):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    with caplog.at_level(logging.INFO, logger="treedebug"):
        study.optimize(lambda trial: train(trial, tmp_path / "search", rounds=3), n_trials=2)
        study.optimize(lambda trial: train(trial, tmp_path / "search", Prunes()), n_trials=1)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "search/trial-000", "search/trial-001", "search", "search/trial-002", "search",
    ]  # fmt: skip
    best = min(study.trials[:2], key=lambda t: t.value)
    assert "best valid logloss" in lines[0]
    assert "of 3" in lines[0]
    assert lines[2].startswith("search: 2 runs (2 finished); best valid logloss")
    assert f"in search/trial-{best.number:03d}" in lines[2]
    assert lines[2].endswith(f"all of it: treedebug check {tmp_path / 'search'}")
    assert lines[3].endswith("interrupted")
    assert lines[4].startswith("search: 1 run (1 interrupted)")
    said = [r.message for r in caplog.records]
    assert [line for line in lines if line not in said] == []


def test_a_grid_search_names_candidate_and_split(tmp_path, capsys):
    model = xgb.XGBClassifier(n_estimators=12, n_jobs=1, callbacks=[treedebug.XGBoostCallback(tmp_path / "search")])
    GridSearchCV(model, {"max_depth": [1, 2]}, cv=2).fit(X, Y)
    found = treedebug.runs(tmp_path / "search")
    splits = [f"candidate-{c:03d}/split-{s}" for c in (0, 1) for s in (0, 1)]
    assert list(found) == [".", *splits]
    assert [found[place].params["max_depth"] for place in splits] == [1, 1, 2, 2]
    assert list(found.frame["trial"])[1:] == ["0.0", "0.1", "1.0", "1.1"]
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines if "split" in line.partition(":")[0]] == [
        f"search/{place}" for place in splits
    ]
    assert sum(line.startswith("search: 4 runs (4 finished)") for line in lines) == 1


def test_a_second_grid_search_goes_beside_the_first(tmp_path):
    for _ in range(2):
        model = xgb.XGBClassifier(
            n_estimators=2, n_jobs=1, callbacks=[treedebug.XGBoostCallback(tmp_path / "search", quiet=True)]
        )
        GridSearchCV(model, {"max_depth": [1]}, cv=2, refit=False).fit(X, Y)
    assert len(treedebug.runs(tmp_path / "search")) == 2
    assert len(treedebug.runs(tmp_path / "search-2")) == 2


def test_the_folder_is_summed_up_with_its_edges_and_without_what_was_pruned(tmp_path, capsys):
    for rate in (0.03, 0.06, 0.1, 0.2):
        callback = treedebug.XGBoostCallback(tmp_path / "s" / f"rate-{rate}", quiet=True)
        params = {"objective": "binary:logistic", "max_depth": 2, "nthread": 1, "eta": rate}
        xgb.train(params, TRAIN, 12, evals=[(VALID, "valid")], callbacks=[callback], verbose_eval=False)
    study = optuna.create_study()
    study.optimize(lambda t: train(t, tmp_path / "s", Prunes(), quiet=True), n_trials=1)
    summed = treedebug.runs(tmp_path / "s").check()
    assert len(summed) == len(list(summed)) == 4
    text = repr(summed)
    assert "RC705 search-at-the-edge" in text
    assert "the best of 4 runs has eta=0.2, the largest value tried" in " ".join(text.split())
    main(["check", str(tmp_path / "s")])
    assert text.strip() in capsys.readouterr().out
    pruned = " ".join(repr(treedebug.runs(tmp_path).check()).split())
    assert "5 runs, 4 finished, 1 interrupted" in pruned
    assert "over 4 runs" in pruned
    assert re.search(r"s-2/trial-000 5 [\d.]+ 4 interrupted", pruned)
