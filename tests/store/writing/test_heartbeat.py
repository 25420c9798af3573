"""A writer that has nothing to write says that it lives: readers tell a slow one from a dead one."""

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.api.liveness import pulse, state_of
from treedebug.core.run.beat import Beat
from treedebug.engine.config import Config
from treedebug.store.disk_store import DiskSource
from treedebug.store.record_decoders import apply
from treedebug.store.run_records import encode_beat
from treedebug.store.writing import heartbeat

PLAIN = Config()


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr(heartbeat, "SECONDS", 0.05)
    heartbeat._HEART.rest()
    yield
    heartbeat._HEART.rest()


class Slow(xgb.callback.TrainingCallback):
    """A round that takes as long as `deed` does."""

    def __init__(self, deed, at=3):
        self.deed, self.at = deed, at

    def before_iteration(self, model, epoch, evals_log):
        if epoch == self.at:
            self.deed()
        return False


def train(path, deed, *, n=5):
    X = np.random.default_rng(0).normal(size=(60, 3))
    data = xgb.DMatrix(X, (X[:, 0] > 0).astype(int))
    callback = treedebug.XGBoostCallback(path, quiet=True)
    xgb.train(
        {"nthread": 1, "objective": "binary:logistic"}, data, n, evals=[(data, "train")], verbose_eval=False,
        callbacks=[Slow(deed), callback],
    )  # fmt: skip
    return callback


def kinds(path):
    return [r.kind for r in DiskSource(path).records()]


def wait_for_beats(path, n=2):
    deadline = time.monotonic() + 20
    while kinds(path).count("beat") < n and time.monotonic() < deadline:
        time.sleep(0.02)


def another_host(path, seconds, **host):
    """The state of the run for a reader elsewhere, `seconds` after its file was last written."""
    run = treedebug.load(path)
    run.data.header.host = {**run.data.header.host, "name": "elsewhere", **host}
    then = time.time() - seconds
    os.utime(path / "records.treedebug", (then, then))
    beat = pulse(str(path), run.data)
    return state_of(run.data, beat), beat.idle_seconds


def test_a_slow_round_has_signs_of_life_and_changes_nothing(tmp_path, fast):
    seen = {}

    def deed():
        wait_for_beats(tmp_path / "slow")
        seen["state"] = treedebug.check(tmp_path / "slow", config=PLAIN).facts
        seen["elsewhere"] = another_host(tmp_path / "slow", 10, heartbeat=30)

    slow = train(tmp_path / "slow", deed)
    quick = train(tmp_path / "quick", lambda: None)
    assert seen["state"]["state"] == "running"
    assert seen["state"]["last_written"].endswith("seconds ago")
    state, idle = seen["elsewhere"]
    assert state == "running"
    assert 10 < idle < 40, "what the beat says is added to the age of the file"
    assert kinds(tmp_path / "slow")[-1] == "end"
    report = treedebug.check(tmp_path / "slow", config=PLAIN)
    assert (report.facts["state"], report.facts["last_written"]) == ("finished", None)
    assert [f.to_dict() for f in slow.run.findings] == [f.to_dict() for f in quick.run.findings]


@pytest.mark.parametrize(
    ("silent", "host", "state"),
    [
        (60, {}, "running"),
        (200, {}, "killed"),
        (200, {"heartbeat": None}, "running or killed"),
        (200, {"heartbeat": float("nan")}, "running or killed"),
        (200, {"heartbeat": "often"}, "running or killed"),
    ],
)
def test_elsewhere_a_dead_writer_is_told_from_a_slow_one(silent, host, state, tmp_path):
    found = []
    train(tmp_path / "run", lambda: found.append(another_host(tmp_path / "run", silent, **host)))
    assert found[0][0] == state
    assert found[0][1] >= silent


def test_a_number_that_another_process_has_by_now_is_no_sign_of_life(tmp_path):
    train(tmp_path / "run", lambda: None)
    run = treedebug.load(tmp_path / "run").data
    run.ending = None
    then = time.time() - 200
    os.utime(tmp_path / "run" / "records.treedebug", (then, then))
    states = []
    for started in ("2001-01-01T00:00:00+00:00", run.header.started, "long ago"):
        run.header.started = started
        states.append(state_of(run, pulse(str(tmp_path / "run"), run)))
    os.utime(tmp_path / "run" / "records.treedebug")
    run.header.started = "2001-01-01T00:00:00+00:00"
    assert state_of(run, pulse(str(tmp_path / "run"), run)) == "running", "it has just written"
    assert states == ["killed" if Path("/proc/uptime").exists() else "running", "running", "running"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_fork_finds_no_second_thread_and_the_beat_goes_on(tmp_path, fast):
    threads = []

    def deed():
        wait_for_beats(tmp_path / "run", 1)
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            names = [t.name for t in threading.enumerate()]
            os.write(writer, b"alone" if "treedebug-heartbeat" not in names else b"not alone")
            os._exit(0)
        threads.append(os.read(reader, 20))
        os.waitpid(pid, 0)

    callback = train(tmp_path / "run", deed)
    assert threads == [b"alone"]
    assert callback.run.state == "finished"


def test_nothing_beats_for_a_training_that_is_over(tmp_path, fast):
    before = set(heartbeat._HEART.writers)
    train(tmp_path / "run", lambda: None)
    assert set(heartbeat._HEART.writers) <= before
    n = len(kinds(tmp_path / "run"))
    time.sleep(0.3)
    assert len(kinds(tmp_path / "run")) == n


def test_a_beat_that_is_malformed_changes_nothing(tmp_path):
    train(tmp_path / "run", lambda: None)
    run = treedebug.load(tmp_path / "run").data
    for fields in ({}, {"n_rounds": "x", "idle": 1}, {"n_rounds": 1, "idle": "x"}):
        bad = encode_beat(1, 2.0)
        bad = type(bad)(bad.kind, fields, b"")
        with pytest.raises((KeyError, ValueError)):
            apply(run, bad)
    assert run.stream(Beat) is None
