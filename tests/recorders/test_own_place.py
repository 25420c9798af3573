"""Whatever happens to the file of a run, or to the process, the training ends and the record is whole or says its loss.

Both libraries, and networks: the folder is deleted or its file cut in mid-training, the disk fails at every write in
turn, the process forks, two trainings meet at one path.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.store.file_format import FILE_NAME

ROUNDS = 45
X = np.random.default_rng(0).normal(size=(240, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


class AtRound(xgb.callback.TrainingCallback):
    """Does something after one round."""

    def __init__(self, at, act):
        self.at, self.act = at, act

    def after_iteration(self, model, epoch, evals_log):
        if epoch == self.at:
            self.act()
        return False


def at_round(library, at, act):
    if library == "xgboost":
        return AtRound(at, act)

    def callback(env):
        if env.iteration == at:
            act()

    callback.order = 1
    return callback


def train_xgboost(*callbacks, rounds=ROUNDS):
    data = xgb.DMatrix(X, Y)
    params = {"objective": "binary:logistic", "nthread": 1, "max_depth": 3}
    return xgb.train(params, data, rounds, evals=[(data, "train")], callbacks=list(callbacks), verbose_eval=False)


def train_lightgbm(*callbacks, rounds=ROUNDS):
    params = {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 6}
    data = lgb.Dataset(X, Y, free_raw_data=False)
    return lgb.train(params, data, rounds, valid_sets=[data], callbacks=list(callbacks))


TRAIN = {
    "xgboost": (treedebug.XGBoostCallback, train_xgboost),
    "lightgbm": (treedebug.LightGBMCallback, train_lightgbm),
}
libraries = pytest.mark.parametrize("library", TRAIN)


def text(booster):
    return booster.model_to_string() if hasattr(booster, "model_to_string") else str(booster.get_dump())


def matrix(booster):
    return xgb.DMatrix(X) if isinstance(booster, xgb.Booster) else X


def whole(run, booster, rounds=ROUNDS):
    """The run has every round, and rebuilds the booster to the bit."""
    assert (run.n_rounds, run.state) == (rounds, "finished")
    assert len(run.metrics) == rounds
    data = matrix(booster)
    assert np.array_equal(run.booster(rounds - 1).predict(data), booster.predict(data))


def spoil(folder, how):
    file = folder / FILE_NAME
    if how == "folder deleted":
        shutil.rmtree(folder)
    elif how == "file deleted":
        file.unlink()
    elif how == "emptied":
        os.truncate(file, 0)
    elif how == "cut":
        os.truncate(file, file.stat().st_size - 50)
    elif how == "another's bytes":
        with file.open("ab") as other:
            other.write(b"x" * 20)
    elif how == "replaced":
        file.unlink()
        file.write_bytes(b"another program's")


@libraries
@pytest.mark.parametrize("how", ["folder deleted", "file deleted", "emptied", "cut", "another's bytes", "replaced"])
def test_a_file_spoilt_in_mid_training(tmp_path, capfd, library, how):
    kind, train = TRAIN[library]
    callback = kind(tmp_path / "run", config=treedebug.Config(select=("CV101",)))
    booster = train(at_round(library, 22, lambda: spoil(tmp_path / "run", how)), callback)
    assert text(booster) == text(train())
    run = callback.run
    whole(run, booster)
    whole(treedebug.load(run.path), booster)
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("treedebug")]
    assert len(said) == 1, said
    assert f"goes on at {run.path}" in said[0]
    assert any("goes on at" in n.message for n in run.data.notes)
    assert run.data.notes[0].message in said[0]
    if how == "replaced":
        assert (tmp_path / "run" / FILE_NAME).read_bytes() == b"another program's"


class Failing:
    """Lets one call of one of `os`'s functions fail, the `at`-th on a record file; counts them all."""

    def __init__(self, name, error, at, *, forever=False):
        self.name, self.error, self.at, self.forever = name, error, at, forever
        self.n = 0
        self.real = getattr(os, name)

    def __call__(self, *args, **kwargs):
        if self.name == "open" and FILE_NAME not in str(args[0]):
            return self.real(*args, **kwargs)
        self.n += 1
        if self.n == self.at or (self.forever and self.n > self.at):
            if self.error == "short":
                self.real(args[0], bytes(args[1])[:5])
                raise OSError(errno.ENOSPC, "No space left on device")
            if self.error == "torn":
                self.real(args[0], bytes(args[1])[:5])
                self.is_torn = True
                raise OSError(errno.ENOSPC, "No space left on device")
            if self.error == "none":
                return 0
            raise OSError(self.error, os.strerror(self.error))
        return self.real(*args, **kwargs)

    def cut(self, *args):
        """Cutting off what a torn write left fails as well, once."""
        if self.is_torn:
            self.is_torn = False
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return self.real_cut(*args)

    def __enter__(self):
        self.is_torn, self.real_cut = False, os.ftruncate
        self.patch_cut = mock.patch.object(os, "ftruncate", self.cut if self.name != "ftruncate" else self.real_cut)
        self.patch_cut.start()
        self.patch = mock.patch.object(os, self.name, self)
        self.patch.start()
        return self

    def __exit__(self, *_):
        self.patch.stop()
        self.patch_cut.stop()


ERRORS = [
    ("write", errno.ENOSPC), ("write", errno.EIO), ("write", "short"), ("write", "torn"), ("write", "none"),
    ("open", errno.ENOSPC),
    ("open", errno.EMFILE), ("open", errno.EDQUOT), ("open", errno.EIO), ("fsync", errno.EIO), ("ftruncate", errno.EIO),
    ("fstat", errno.EIO),
]  # fmt: skip


@libraries
@pytest.mark.parametrize(("name", "error"), ERRORS)
def test_the_disk_fails_once_at_every_call_in_turn(tmp_path, capfd, library, name, error):
    kind, train = TRAIN[library]
    plain = text(train(rounds=12))
    at = 0
    while True:
        at += 1
        path = tmp_path / f"run{at}"
        callback = kind(path, config=treedebug.Config(select=("CV101",)))
        with Failing(name, error, at) as failing:
            booster = train(callback, rounds=12)
        assert text(booster) == plain
        whole(callback.run, booster, rounds=12)
        if not callback._setup.places[-1].unsaved:  # the last write of all may be the one that failed
            whole(treedebug.load(callback.run.path), booster, rounds=12)
        if failing.n < at:
            break
        assert at < 60
    assert at > 1 or name == "ftruncate"
    capfd.readouterr()


@libraries
@pytest.mark.parametrize(("name", "error"), [e for e in ERRORS if e[0] in ("write", "open")])
def test_the_disk_fails_for_good(tmp_path, capfd, library, name, error):
    kind, train = TRAIN[library]
    callback = kind(tmp_path / "run", config=treedebug.Config(select=("CV101",)))
    with Failing(name, error, 1, forever=True):
        booster = train(callback)
    whole(callback.run, booster)
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("treedebug")]
    assert len(said) == 2, said
    assert "keeps the record in memory and tries again" in said[0]
    assert "callback.run has it all" in said[1]


def assert_runs(code):
    """Run in a process of its own, with one thread: OpenMP's do not survive a fork."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr


@posix
@libraries
def test_a_fork_in_mid_training_leaves_the_record_alone(tmp_path, library):
    """The child ends as a process does, with all its finalizers, while the parent goes on."""
    code = f"""
import os, sys
sys.path.insert(0, {str(Path.cwd())!r})
from tests.recorders.test_own_place import *
kind, train = TRAIN[{library!r}]
callback = kind({str(tmp_path / "run")!r}, quiet=True)
children = []
def fork():
    child = os.fork()
    if not child:
        callback.flush()
        sys.exit(0)
    children.append(child)
booster = train(at_round({library!r}, 20, fork), callback)
assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0
whole(callback.run, booster)
whole(treedebug.load({str(tmp_path / "run")!r}), booster)
assert sorted(treedebug.runs({str(tmp_path)!r})) == ["run"]
"""
    assert_runs(code)


@posix
@libraries
def test_forks_that_train_with_an_inherited_callback_record_to_places_of_their_own(tmp_path, library):
    code = f"""
import os, sys
sys.path.insert(0, {str(Path.cwd())!r})
from tests.recorders.test_own_place import *
kind, train = TRAIN[{library!r}]
callback = kind({str(tmp_path / "run")!r}, quiet=True)
train(callback, rounds=9)
children = []
for rounds in (3, 4):
    child = os.fork()
    if not child:
        train(callback, rounds=rounds)
        assert callback.run.n_rounds == rounds
        sys.exit(0)
    children.append(child)
assert [os.waitstatus_to_exitcode(os.waitpid(c, 0)[1]) for c in children] == [0, 0]
train(callback, rounds=5)
found = treedebug.runs({str(tmp_path / "run")!r})
assert sorted(r.n_rounds for r in found.values()) == [3, 4, 5, 9], found
assert all(r.state == "finished" for r in found.values())
assert treedebug.load({str(tmp_path / "run")!r}).n_rounds == 9
"""
    assert_runs(code)


@posix
def test_an_interrupted_training_never_writes_over_the_one_that_resumed_it(tmp_path):
    """A traceback keeps the first callback alive; it ends only after the second has gone on with the run."""
    first = treedebug.XGBoostCallback(tmp_path / "run", quiet=True)

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as held:
        train_xgboost(first, AtRound(20, interrupt))
    half = train_xgboost(rounds=20)
    again = treedebug.XGBoostCallback(tmp_path / "run", quiet=True, resume=True)
    data = xgb.DMatrix(X, Y)
    params = {"objective": "binary:logistic", "nthread": 1, "max_depth": 3}
    booster = xgb.train(
        params, data, ROUNDS - 20, evals=[(data, "train")], callbacks=[again], verbose_eval=False, xgb_model=half
    )
    del held, first
    run = treedebug.load(tmp_path / "run")
    assert (run.n_rounds, run.state) == (ROUNDS, "finished")
    assert np.array_equal(run.booster(ROUNDS - 1).predict(data), booster.predict(data))
    assert not run.data.notes


def test_a_run_that_another_process_writes_is_not_resumed(tmp_path, capfd):
    code = (
        "import sys; from treedebug.store.disk_store import DiskSink; sink = DiskSink(sys.argv[1], resume=True)\n"
        "print('open', flush=True); sys.stdin.read(); sink.close()"
    )
    half = train_xgboost(treedebug.XGBoostCallback(tmp_path / "run", quiet=True), rounds=5)
    before = (tmp_path / "run" / FILE_NAME).read_bytes()
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    other.stdout.readline()
    callback = treedebug.XGBoostCallback(tmp_path / "run", resume=True, select=["CV101"])
    data = xgb.DMatrix(X, Y)
    params = {"nthread": 1, "objective": "binary:logistic", "max_depth": 3}
    xgb.train(params, data, 3, callbacks=[callback], xgb_model=half)
    other.communicate(b"")
    assert "another training is being recorded" in capfd.readouterr().err
    assert callback.run.path == tmp_path / "run-2"
    assert (tmp_path / "run" / FILE_NAME).read_bytes() == before
