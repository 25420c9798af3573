"""`treedebug.check` on everything a user may hand it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.core.errors import ConfigError, FormatError, RunNotFoundError
from treedebug.store.file_format import FILE_NAME

QUIET = {"verbosity": -1, "num_threads": 1, "min_data_in_leaf": 2, "num_leaves": 5}
ONE = {"nthread": 1, "max_depth": 2}
NO_METRICS = "a saved model holds no metrics: the rules on curves and classes need a recorded run"


def data(n_classes=2):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    return X, np.digitize(X[:, 0], np.linspace(-0.5, 0.5, n_classes - 1)).astype(float)


def xgboost_model(n_rounds=4, n_classes=2, **params):
    X, y = data(n_classes)
    return xgb.train({**ONE, **params}, xgb.DMatrix(X, y), n_rounds)


def lightgbm_model(n_rounds=4, n_classes=2, **params):
    X, y = data(n_classes)
    base = lgb.Dataset(X, y)
    return lgb.train({**QUIET, **params}, base, n_rounds) if n_rounds else lgb.Booster({**QUIET, **params}, base)


BOOSTERS = {
    "regression": xgboost_model,
    "binary": lambda: xgboost_model(objective="binary:logistic"),
    "three classes": lambda: xgboost_model(n_classes=3, objective="multi:softprob", num_class=3),
    "forest": lambda: xgboost_model(num_parallel_tree=3, subsample=0.5),
    "dart": lambda: xgboost_model(booster="dart", rate_drop=0.5),
    "gblinear": lambda: xgboost_model(booster="gblinear", verbosity=0),
    "no rounds": lambda: xgboost_model(0),
    "lightgbm": lightgbm_model,
    "lightgbm three classes": lambda: lightgbm_model(n_classes=3, objective="multiclass", num_class=3),
    "lightgbm dart": lambda: lightgbm_model(boosting="dart"),
    "lightgbm rf": lambda: lightgbm_model(boosting="rf", bagging_freq=1, bagging_fraction=0.5),
    "lightgbm no rounds": lambda: lightgbm_model(0),
    "lightgbm no split": lambda: lightgbm_model(min_gain_to_split=1e9),
}


@pytest.mark.parametrize("name", BOOSTERS)
def test_boosters_and_their_files(name, tmp_path):
    booster = BOOSTERS[name]()
    live = treedebug.check(booster)
    assert live.kind == "model"
    assert live.verdict.crashed == ()
    assert NO_METRICS in live.notes
    endings = [".txt"] if isinstance(booster, lgb.Booster) else [".json", ".ubj"]
    for ending in endings:
        booster.save_model(tmp_path / f"m{ending}")
        saved = treedebug.check(tmp_path / f"m{ending}")
        assert saved.verdict == live.verdict
        assert saved.facts == live.facts
        assert saved.source == str(tmp_path / f"m{ending}")
    expected = 0 if "no rounds" in name or name == "gblinear" else 1 if "no split" in name else 4
    assert live.facts["n_rounds"] in (expected, 4 if name == "gblinear" else expected)


@pytest.mark.parametrize(
    "estimator",
    [
        xgb.XGBClassifier(n_estimators=3, n_jobs=1), xgb.XGBRegressor(n_estimators=3, n_jobs=1),
        xgb.XGBRFClassifier(n_estimators=3, n_jobs=1), lgb.LGBMClassifier(n_estimators=3, verbosity=-1, n_jobs=1),
        lgb.LGBMRegressor(n_estimators=3, verbosity=-1, n_jobs=1),
    ],
    ids=lambda e: type(e).__name__,
)  # fmt: skip
def test_estimators_before_and_after_fit(estimator):
    with pytest.raises(ConfigError, match=f"this {type(estimator).__name__} is not fitted.*call fit first"):
        treedebug.check(estimator)
    report = treedebug.check(estimator.fit(*data()))
    assert (report.facts["n_features"], report.verdict.crashed) == (3, ())


class Evil:
    def __reduce__(self):
        return (os.mkdir, ("evil",))


@pytest.mark.parametrize(
    ("wrong", "came"),
    [
        (3, "3"), (None, "None"), ({}, "dict"), (b"x", "bytes"), (xgb, "module"),
    ],
)  # fmt: skip
def test_what_cannot_be_checked(wrong, came):
    with pytest.raises(ConfigError, match=f"a run or its path, a saved model or its booster, .* got {came}"):
        treedebug.check(wrong)


def test_boosters_that_were_never_trained():
    with pytest.raises(ConfigError, match="this Booster cannot be saved, so there is no model to check") as error:
        treedebug.check(xgb.Booster())
    assert "Stack trace" not in str(error.value)


def test_pipelines_are_told_to_hand_over_their_booster():
    from sklearn.pipeline import make_pipeline

    with pytest.raises(ConfigError, match=r"pipeline\[-1\]"):
        treedebug.check(make_pipeline(xgb.XGBClassifier()))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty: expected a saved model"),
        (b"\x89PNG\r\n\x1a\n", "expected a model saved by XGBoost"),
        (b'{"a": 1}', "not a model XGBoost wrote"),
        (b"[1, 2]", "expected a model saved by XGBoost"),
        (b"tree\nversion=v4\n", "cut off or damaged"),
        (pickle.dumps(Evil(), 0), "expected a model saved by XGBoost"),
        (pickle.dumps(Evil()), "a pickle, which treedebug never loads"),
    ],
)
def test_files_that_are_no_model(content, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=words) as error:
        treedebug.check(path)
    assert str(path) in str(error.value)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("ending", [".json", ".ubj", ".txt"])
def test_truncated_models(ending, tmp_path):
    booster = lightgbm_model() if ending == ".txt" else xgboost_model()
    path = tmp_path / f"m{ending}"
    booster.save_model(path)
    raw = path.read_bytes()
    for size in [*range(1, 12), *np.linspace(12, len(raw) - 4, 25).astype(int)]:
        path.write_bytes(raw[:size])
        with pytest.raises(FormatError, match=str(path)):
            treedebug.check(path)


def record(path, n_rounds=6):
    X, y = data()
    callback = treedebug.XGBoostCallback(path, quiet=True)
    train = xgb.DMatrix(X, y)
    xgb.train(ONE, train, n_rounds, evals=[(train, "train")], callbacks=[callback], verbose_eval=False)
    return path


def test_runs(tmp_path):
    path = record(tmp_path / "run")
    reports = [treedebug.check(t) for t in (path, f"{path}/", path / FILE_NAME, treedebug.load(path))]
    assert len({str(r.verdict) for r in reports}) == 1
    assert {r.kind for r in reports} == {"run"}
    assert treedebug.check(treedebug.load(path).data).verdict == reports[0].verdict


def test_folders(tmp_path):
    with pytest.raises(RunNotFoundError, match="no such file or folder"):
        treedebug.check(tmp_path / "nothing")
    with pytest.raises(RunNotFoundError, match="expected a folder with a file"):
        treedebug.check(tmp_path)
    record(tmp_path / "a")
    record(tmp_path / "b" / "c")
    with pytest.raises(RunNotFoundError, match="holds no run itself but 2 below it"):
        treedebug.check(tmp_path)


def test_a_run_of_a_newer_format(tmp_path):
    file = record(tmp_path / "run") / FILE_NAME
    raw = file.read_bytes()
    file.write_bytes(raw[:8] + (9).to_bytes(4, "little") + raw[12:])
    with pytest.raises(FormatError, match=r"newer treedebug \(format 9, this one reads 1\): upgrade"):
        treedebug.check(tmp_path / "run")
    file.write_bytes(b"something else altogether")
    with pytest.raises(FormatError, match="not a treedebug run"):
        treedebug.check(tmp_path / "run")


def test_a_run_that_has_hardly_begun(tmp_path):
    file = record(tmp_path / "run") / FILE_NAME
    raw = file.read_bytes()
    for size in (0, 5, 12, 13, len(raw) // 3):
        file.write_bytes(raw[:size])
        report = treedebug.check(tmp_path / "run")
        assert report.facts["state"] == (
            "running" if size > 13 else "running or killed"
        )  # the header tells of the process
        assert report.verdict.crashed == ()


@pytest.mark.parametrize("n_rounds", [1, 3, 4])
def test_a_run_too_short_for_a_check_round_is_looked_at_once(n_rounds, tmp_path):
    run = treedebug.load(record(tmp_path / "run", n_rounds))
    run.data.ending = None
    assert treedebug.check(run).verdict.n_rounds == n_rounds


WRITER = """
import sys, numpy as np, xgboost as xgb, treedebug
X = np.random.default_rng(0).normal(size=(200, 4))
train = xgb.DMatrix(X, X[:, 0])
xgb.train({"nthread": 1, "max_depth": 2}, train, 3000, evals=[(train, "train")], verbose_eval=False,
          callbacks=[treedebug.XGBoostCallback(sys.argv[1], quiet=True)])
"""


def test_read_while_it_is_written(tmp_path):
    """Every look at a growing run gives a whole picture: as many trees as rounds, never fewer rounds than before."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "run")])
    try:
        deadline = time.monotonic() + 30
        while not (tmp_path / "run" / FILE_NAME).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        before, looks = 0, 0
        while writer.poll() is None and looks < 30 and time.monotonic() < deadline:
            run = treedebug.load(tmp_path / "run")
            report = treedebug.check(run)
            assert report.verdict.crashed == ()
            assert run.n_rounds >= before
            assert len(run.metrics) == len(run.trees) == run.n_rounds
            assert [str(n) for n in run.data.notes if n.topic == "store"] == []
            before, looks = run.n_rounds, looks + 1
        assert looks > 3
    finally:
        writer.kill()
        writer.wait()
