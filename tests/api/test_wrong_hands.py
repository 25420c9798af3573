"""Mistakes of a first day: each gives one error that says what was expected, what came and what to do, or is right."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import treedebug
from treedebug import ConfigError, FormatError, NotRecordedError, RunNotFoundError, TreedebugError

X = np.random.default_rng(0).normal(size=(120, 3))
Y = (X[:, 0] > 0).astype(int)
PARAMS = {"objective": "binary:logistic", "nthread": 1}
LGB = {"objective": "binary", "verbosity": -1, "num_threads": 1}


def dmatrix():
    return xgb.DMatrix(X, Y)


def dataset():
    return lgb.Dataset(X, Y)


def mine(path=None, **settings):
    return treedebug.XGBoostCallback(path, quiet=True, **settings)


def mine_lgb(path=None, **settings):
    return treedebug.LightGBMCallback(path, quiet=True, **settings)


def train(*callbacks, **more):
    return xgb.train(PARAMS, dmatrix(), 3, callbacks=list(callbacks), **more)


def train_lgb(*callbacks):
    return lgb.train(LGB, dataset(), 3, callbacks=list(callbacks))


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory):
    """A folder of two runs, the folds of a third, a model, a table and other files."""
    top = tmp_path_factory.mktemp("hands")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(top)
        train(mine("runs/a"))
        train(mine("runs/b"))
        xgb.cv(PARAMS, dmatrix(), 2, nfold=2, callbacks=[mine("cv")])
        train().save_model("model.json")
        pd.DataFrame(X).to_csv("table.csv", index=False)
        (top / "notes.txt").write_text("hello")
        (top / "empty").mkdir()
        yield top


def run():
    return treedebug.load("runs/a")


def trained_elsewhere(callback):
    xgb_model = xgb.XGBClassifier(n_estimators=2, n_jobs=1, callbacks=[callback])
    clone(xgb_model).fit(X, Y)
    return callback.run


def ignored_by_lightgbm(callback):
    lgb.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1, callbacks=[callback]).fit(X, Y)
    return callback.run


def fitted(model):
    return model.fit(X, Y)


MISTAKES = {
    "LightGBM's callback in xgb.train": (lambda: train(mine_lgb()), ConfigError, "use treedebug.XGBoostCallback"),
    "LightGBM's callback in xgb.cv": (
        lambda: xgb.cv(PARAMS, dmatrix(), 2, callbacks=[mine_lgb()]), ConfigError, "use treedebug.XGBoostCallback",
    ),
    "LightGBM's callback in XGBClassifier": (
        lambda: fitted(xgb.XGBClassifier(callbacks=[mine_lgb()])), ConfigError, "use treedebug.XGBoostCallback",
    ),
    "XGBoost's callback in lgb.train": (lambda: train_lgb(mine()), ConfigError, "use treedebug.LightGBMCallback"),
    "XGBoost's callback in lgb.cv": (
        lambda: lgb.cv(LGB, dataset(), 2, callbacks=[mine()]), ConfigError, "use treedebug.LightGBMCallback",
    ),
    "XGBoost's callback in LGBMClassifier": (
        lambda: lgb.LGBMClassifier(verbose=-1).fit(X, Y, callbacks=[mine()]), ConfigError, "use treedebug.LightGBM",
    ),
    "LightGBM's callback as a parameter": (
        lambda: ignored_by_lightgbm(mine_lgb()), NotRecordedError, r"take it in fit\(X, y, callbacks=\[...\]\)",
    ),
    "a clone's run, asked of the original": (
        lambda: trained_elsewhere(mine("clones")), NotRecordedError, r"treedebug\.runs\('.*clones'\) reads it",
    ),
    "a clone's run in memory": (lambda: trained_elsewhere(mine()), NotRecordedError, "give the callback a path"),
    "check: not fitted": (lambda: treedebug.check(xgb.XGBClassifier()), ConfigError, "call fit first"),
    "check: a forest": (
        lambda: treedebug.check(RandomForestClassifier(n_estimators=2).fit(X, Y)), ConfigError, "models of XGBoost and",
    ),
    "check: a pipeline": (
        lambda: treedebug.check(fitted(make_pipeline(xgb.XGBClassifier()))), ConfigError, r"pipeline\[-1\]",
    ),
    "check: a search": (
        lambda: treedebug.check(fitted(GridSearchCV(xgb.XGBClassifier(n_estimators=2), {"max_depth": [1]}, cv=2))),
        ConfigError, "search.best_estimator_",
    ),
    "check: a callback": (lambda: treedebug.check(mine()), ConfigError, "pass callback.run"),
    "check: None": (lambda: treedebug.check(None), ConfigError, "got None"),
    "check: parameters": (lambda: treedebug.check({"max_depth": 3}), ConfigError, "treedebug.check_params"),
    "check: a list of runs": (lambda: treedebug.check([run(), run()]), ConfigError, r"treedebug.compare\(\*runs\)"),
    "check: a tuple of data": (lambda: treedebug.check((X, Y)), ConfigError, r"treedebug.check\(X, y\)"),
    "check: a report": (lambda: treedebug.check(treedebug.check(run())), ConfigError, "a report already"),
    "check: all runs": (lambda: treedebug.check(treedebug.runs("runs")), ConfigError, r"its \.check\(\)"),
    "check: a folder of runs": (
        lambda: treedebug.check("runs"), RunNotFoundError, r"treedebug.runs\('runs'\) reads them all",
    ),
    "check: an empty folder": (lambda: treedebug.check("empty"), RunNotFoundError, "no run at empty"),
    "check: a text": (lambda: treedebug.check("notes.txt"), FormatError, "expected a model saved by"),
    "check: no file": (lambda: treedebug.check("runs/c"), RunNotFoundError, "no such file or folder"),
    "check: a run with labels": (lambda: treedebug.check(run(), Y), ConfigError, "y belongs to a table"),
    "check: a path with labels": (lambda: treedebug.check("runs/a", Y), ConfigError, "y belongs to a table"),
    "check: a model with labels": (lambda: treedebug.check(train(), Y), ConfigError, "y belongs to a table"),
    "check: labels first": (lambda: treedebug.check(Y, X), ConfigError, "The table comes first"),
    "check: a run as reference": (lambda: treedebug.check(X, Y, reference=run()), ConfigError, "treedebug.profile"),
    "load: a folder of runs": (lambda: treedebug.load("runs"), RunNotFoundError, "take one of them: runs/a, runs/b"),
    "load: folds": (lambda: treedebug.load("cv"), RunNotFoundError, "take one of them: cv/fold-0, cv/fold-1"),
    "load: a model": (lambda: treedebug.load("model.json"), FormatError, "judged by treedebug.check"),
    "load: a table": (lambda: treedebug.load("table.csv"), FormatError, "judged by treedebug.check"),
    "load: a run": (lambda: treedebug.load(run()), ConfigError, "loaded already"),
    "load: a booster": (lambda: treedebug.load(train()), ConfigError, r"treedebug.check\(booster\)"),
    "load: a callback": (lambda: treedebug.load(mine()), ConfigError, "pass callback.run"),
    "runs: no folder": (lambda: treedebug.runs("nowhere"), RunNotFoundError, "no such folder"),
    "runs: a file": (lambda: treedebug.runs("model.json"), RunNotFoundError, "it is a file"),
    "runs: a run": (lambda: treedebug.runs(run()), ConfigError, "loaded already"),
    "runs: a list": (lambda: treedebug.runs(["runs/a"]), ConfigError, "got a list of 1 str"),
    "compare: one": (lambda: treedebug.compare(run()), TreedebugError, "at least two runs"),
    "compare: boosters": (lambda: treedebug.compare(train(), train()), ConfigError, r"treedebug.check\(booster\)"),
    "compare: a table": (lambda: treedebug.compare(run(), pd.DataFrame(X)), ConfigError, "judges a table"),
    "compare: callbacks": (lambda: treedebug.compare(mine(), mine()), ConfigError, "pass callback.run"),
    "replay: a path": (lambda: run().replay("table.csv"), ConfigError, "expected a table of numbers"),
    "replay: other columns": (lambda: run().replay(X[:, :2], Y), ConfigError, "a table of 3 columns"),
    "replay: a Dataset": (lambda: run().replay(dataset()), ConfigError, "not a lightgbm.Dataset"),
    "evals: matrices alone": (lambda: mine(evals=[dmatrix()]), ConfigError, r"got \[DMatrix\]"),
    "evals: turned round": (lambda: mine(evals=[("train", dmatrix())]), ConfigError, r"got \[\(str, DMatrix\)\]"),
    "evals: arrays": (lambda: mine(evals=[(X, "train")]), ConfigError, r"got \[\(ndarray, str\)\]"),
    "evals: LightGBM's": (lambda: mine_lgb(evals=[(dmatrix(), "train")]), ConfigError, "takes no evals="),
    "path: a run": (lambda: mine(run()), ConfigError, "path must be a folder"),
    "a keyword misspelled": (lambda: mine(tag=["a"]), ConfigError, "Did you mean 'tags'"),
    "a keyword of LightGBM's misspelled": (lambda: mine_lgb(nam="a"), ConfigError, "Did you mean 'name'"),
    "rules: a code": (lambda: mine(rules=["CV102"]), ConfigError, r"select=\['CV102'\]"),
    "rules: text": (lambda: mine(rules="CV102"), ConfigError, r"select=\['CV102'\]"),
    "an action that waits in vain": (
        lambda: mine(actions=[treedebug.StopTraining(on=["CV1O2"])]), ConfigError, "Did you mean 'CV102'",
    ),
    "an action's class": (lambda: mine(actions=[treedebug.StopTraining]), ConfigError, r"treedebug.StopTraining\(\)"),
    "data: a table": (lambda: mine(data=pd.DataFrame(X)), ConfigError, "treedebug.profile"),
    "check_params: a run": (lambda: treedebug.check_params(run()), ConfigError, "the dict that goes to train"),
    "check_params: text": (lambda: treedebug.check_params("max_depth=3"), ConfigError, "the dict that goes to train"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_mistake_gets_an_error_that_says_what_to_do(mistake):
    do, kind, said = MISTAKES[mistake]
    with pytest.raises(kind, match=said) as raised:
        do()
    assert len(str(raised.value)) < 500
    assert "\n" not in str(raised.value)


def test_a_model_trained_without_treedebug_is_judged():
    assert treedebug.check(train()).kind == "model"
    assert treedebug.check(fitted(xgb.XGBClassifier(n_estimators=2))).kind == "model"


def test_compare_takes_lists_and_folders_of_runs():
    a, b = treedebug.load("runs/a"), treedebug.load("runs/b")
    expected = repr(treedebug.compare(a, b))
    for given in ([a, b], treedebug.runs("runs"), "runs"):
        assert repr(treedebug.compare(given)) == expected


@pytest.mark.parametrize(("callback", "training"), [(mine, train), (mine_lgb, train_lgb)])
def test_two_callbacks_in_one_training_record_the_same(callback, training):
    first, second, alone = callback(), callback(), callback()
    training(first, second)
    training(alone)
    for one in (first, second):
        assert one.run.n_rounds == 3
        assert one.run.rounds["learning_rate"].tolist() == alone.run.rounds["learning_rate"].tolist()
    assert not alone.run.rounds["learning_rate"].isna().any()


@pytest.mark.parametrize(("callback", "training"), [(mine, train), (mine_lgb, train_lgb)])
def test_one_callback_twice_in_a_list_records_once(callback, training):
    one = callback()
    training(one, one)
    assert [r.n_rounds for r in one.runs] == [3]


def test_home_is_expanded_where_runs_are_read(monkeypatch, folder):
    monkeypatch.setenv("HOME", str(folder))
    assert treedebug.load("~/runs/a").n_rounds == 3
    assert len(treedebug.runs("~/runs")) == 2
    assert len(treedebug.compare("~/runs").labels) == 2
