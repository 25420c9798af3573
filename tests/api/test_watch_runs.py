"""`treedebug.watch`: what it returns, how it stops a training in another process, and what it does not take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

import treedebug
from tests.properties.test_live_loaded_replayed import train_lightgbm, train_xgboost
from treedebug.api.watch_runs import open_watch
from treedebug.core.errors import ConfigError
from treedebug.engine.config import Config
from treedebug.store.stop_file import STOP_NAME, StopOrder, read_stop, write_stop

TRAIN = """
import sys, time
import numpy as np
import treedebug

library, path = sys.argv[1:]
rng = np.random.default_rng(0)
X = rng.normal(size=(300, 5)); y = (X[:, 0] + 2 * rng.normal(size=300) > 0).astype(float)
if library == "xgboost":
    import xgboost as xgb
    class Slow(xgb.callback.TrainingCallback):
        def after_iteration(self, model, epoch, evals_log):
            time.sleep(0.02)
            return False
    d, v = xgb.DMatrix(X[:150], y[:150]), xgb.DMatrix(X[150:], y[150:])
    callback = treedebug.XGBoostCallback(path, quiet=True, judge=False)
    booster = xgb.train({"nthread": 1, "max_depth": 6, "eta": 0.5, "objective": "binary:logistic"}, d, 3000,
        evals=[(d, "train"), (v, "valid")], verbose_eval=False, callbacks=[callback, Slow()])
    print(booster.best_iteration, booster.num_boosted_rounds())
else:
    import lightgbm as lgb
    d = lgb.Dataset(X[:150], y[:150]); v = d.create_valid(X[150:], y[150:])
    callback = treedebug.LightGBMCallback(path, quiet=True, judge=False)
    booster = lgb.train({"num_threads": 1, "verbosity": -1, "objective": "binary", "learning_rate": 0.5}, d, 3000,
        valid_sets=[d, v], valid_names=["train", "valid"], callbacks=[callback, lambda env: time.sleep(0.02)])
    print(booster.best_iteration, booster.current_iteration())
"""


@pytest.mark.slow
@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_a_watcher_stops_a_training_in_another_process(library, tmp_path):
    path = tmp_path / "run"
    process = subprocess.Popen([sys.executable, "-c", TRAIN, library, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        (report,) = treedebug.watch(
            path, actions=[treedebug.StopTraining(on=["CV102"])], config=Config(), interval=0.1, timeout=90
        )
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    best, trained = (int(word) for word in out.split())
    run = treedebug.load(path)
    assert run.state == "stopped"
    assert run.data.ending["reason"] == "CV102 overtraining (asked for by treedebug watch)"
    assert run.n_rounds < 3000
    assert best in (run.best_round, run.best_round + 1)  # LightGBM counts from 1
    assert trained >= best
    assert not (path / STOP_NAME).exists()
    assert "CV102" in [f.code for f in report.findings]


@pytest.mark.parametrize("train", [train_xgboost, train_lightgbm])
def test_a_request_stops_at_the_next_look(train, tmp_path):
    """The request comes between two rounds; `quiet` and without any action."""
    kind = treedebug.XGBoostCallback if train is train_xgboost else treedebug.LightGBMCallback

    class Asks(treedebug.Rule):
        """Asks at the tenth round."""

        code = "MY001"
        name = "asks"

        def check(self, view: treedebug.RunView):
            if view.n_rounds == 10 and not view.final:
                header = treedebug.load(tmp_path / "run").header
                write_stop(tmp_path / "run", run_id=header.run_id, order=StopOrder(3, "because"))
            return iter(())

    callback = kind(tmp_path / "run", quiet=True, rules=[Asks])
    train(callback)
    run = callback.run
    assert (run.state, run.n_rounds, run.best_round) == ("stopped", 10, 3)
    assert run.data.ending["reason"] == "because"
    assert not (tmp_path / "run" / STOP_NAME).exists()


def test_a_request_of_an_earlier_training_is_dropped(tmp_path):
    callback = treedebug.XGBoostCallback(tmp_path / "run", quiet=True)
    booster = train_xgboost(callback, 5)
    write_stop(tmp_path / "run", run_id=callback.run.header.run_id, order=StopOrder(None, "too late"))
    resumed = treedebug.XGBoostCallback(tmp_path / "run", quiet=True, resume=True)
    train_xgboost(resumed, 10, model=booster)
    assert resumed.run.n_rounds == 15


HOSTILE = [b"", b"[]", b"{", b"\xff\xfe", b"null", b'{"run_id": "other", "best_round": 1, "reason": "x"}', b"[" * 4000]


@pytest.mark.parametrize("content", HOSTILE)
def test_what_is_no_request_is_ignored(content, tmp_path):
    (tmp_path / STOP_NAME).write_bytes(content)
    assert read_stop(tmp_path, run_id="mine", n_rounds=5) is None


@pytest.mark.parametrize("best", [5, -1, "2", None, True, 1.5, 10**30])
def test_a_best_round_that_is_none_is_left_out(best, tmp_path):
    said = {"run_id": "mine", "best_round": best, "reason": "a\n\x1b b" + 300 * "c"}
    (tmp_path / STOP_NAME).write_text(json.dumps(said))
    order = read_stop(tmp_path, run_id="mine", n_rounds=5)
    assert order.best_round is None
    assert len(order.reason) <= 200
    assert "\n" not in order.reason


def test_watch_returns_what_check_says(tmp_path):
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "a", quiet=True))
    train_lightgbm(treedebug.LightGBMCallback(tmp_path / "below" / "b", quiet=True))
    reports = treedebug.watch(tmp_path, config=Config())
    for report in reports:
        checked = treedebug.check(report.source, config=Config())
        assert [f.to_dict() for f in report.findings] == [f.to_dict() for f in checked.findings]
        assert (report.facts, report.plan, report.score) == (checked.facts, checked.plan, checked.score)
    assert [r.source for r in reports] == [str(tmp_path / "a"), str(tmp_path / "below" / "b")]


def test_a_run_that_comes_later_is_found(tmp_path):
    watched = open_watch([tmp_path / "runs"], config=Config())
    assert watched.poll() == []
    assert not watched.is_over
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "runs" / "late", quiet=True), 5)
    watched._search_at = 0.0
    (run,) = watched.poll()
    assert (run.label, run.state, watched.is_over) == ("late", "finished", True)


def test_a_deleted_run_and_a_stranger_are_reported_once(tmp_path):
    train_xgboost(treedebug.XGBoostCallback(tmp_path / "gone", quiet=True), 5)
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "records.treedebug").write_bytes(b"something else entirely")
    watched = open_watch([tmp_path], config=Config())
    (tmp_path / "gone" / "records.treedebug").rename(tmp_path / "moved")
    watched._add(tmp_path, tmp_path, tmp_path / "gone")
    assert {run.label: run.state for run in watched.poll()} == {"gone": "unreadable", "strange": "unreadable"}
    assert watched.poll() == []
    assert all(report.damage for report in watched.reports())


def test_a_training_that_went_silent_is_found_by_the_clock(tmp_path):
    path = tmp_path / "run"
    code = TRAIN.replace(
        "time.sleep(0.02)", "time.sleep(0.02) if epoch < 30 else __import__('os').kill(__import__('os').getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, "xgboost", str(path)], check=False)
    file = path / "records.treedebug"
    long_ago = time.time() - 3600
    os.utime(file, (long_ago, long_ago))
    (report,) = treedebug.watch(path, config=Config())
    (stalled,) = [f for f in report.findings if f.code == "SY805"]
    assert "is gone" in stalled.message
    assert stalled.severity == treedebug.Severity.ERROR


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"until": "finnished"}, "did you mean 'finished'"),
        ({"interval": -1}, "interval takes a number"),
        ({"timeout": "x"}, "timeout takes a number"),
        ({"actions": [treedebug.StopTraining]}, "actions= takes objects"),
    ],
)
def test_wrong_arguments(kwargs, says, tmp_path):
    with pytest.raises(ConfigError, match=f"(?i){says}"):
        treedebug.watch(tmp_path, config=Config(), **kwargs)
    with pytest.raises(ConfigError, match="takes the paths of runs"):
        treedebug.watch(config=Config())


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"judge": "no"}, "judge= is True or False"),
        ({"judge": False, "actions": [treedebug.StopTraining()]}, "none are made here"),
        ({"judge": False, "path": None}, "give a path"),
    ],
)
def test_judge_takes_no_nonsense(kwargs, says, tmp_path):
    with pytest.raises(ConfigError, match=says):
        treedebug.XGBoostCallback(kwargs.pop("path", tmp_path / "x"), **kwargs)
