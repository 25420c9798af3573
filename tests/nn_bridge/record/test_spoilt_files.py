"""A network's training ends, and its record is whole or says its loss, whatever happens to the file meanwhile."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch

import nn_bridge
from nn_bridge.record.tensor_streams import TensorLog
from tests.nn_bridge.trainings import mlp, sgd
from tests.recorders.test_own_place import ERRORS, Failing, spoil

EPOCHS = 8


def train(path, at=None, act=None, **settings):
    """Train a small net for some epochs, and do something in the middle."""
    torch.manual_seed(0)
    net = mlp()
    optimizer = sgd(net)
    x = torch.randn(64, net[0].in_features)
    y = torch.randint(0, 2, (64,))
    with nn_bridge.TorchRecorder(net, optimizer, path, select=["NN902"], **settings) as recorder:
        for epoch in range(EPOCHS):
            if epoch == at:
                recorder.run  # noqa: B018 - writes what is recorded
                act()
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(x), y)
            recorder.log("train", loss=loss)
            loss.backward()
            optimizer.step()
            recorder.log("valid", loss=loss.detach())
    return recorder, [p.detach().clone() for p in net.parameters()]


@pytest.mark.parametrize("how", ["folder deleted", "file deleted", "emptied", "cut", "another's bytes", "replaced"])
def test_a_file_spoilt_in_mid_training(tmp_path, capfd, how):
    recorder, weights = train(tmp_path / "run", 5, lambda: spoil(tmp_path / "run", how))
    _, plain = train(None)
    assert all(torch.equal(a, b) for a, b in zip(weights, plain, strict=True))
    run = recorder.run
    assert (run.n_rounds, run.state) == (EPOCHS, "finished")
    loaded = nn_bridge.load(run.path)
    assert loaded.n_rounds == EPOCHS
    assert len(loaded.metrics.query("dataset == 'valid'")) == EPOCHS
    said = [line for line in capfd.readouterr().err.splitlines() if "goes on at" in line]
    assert len(said) == 1
    whole = how in ("folder deleted", "file deleted", "another's bytes", "replaced")
    assert ("is complete" if whole else "written anew from memory") in said[0]
    sound = train(tmp_path / "sound", 5, lambda: None)[0].run
    pd.testing.assert_frame_equal(loaded.tensors, sound.tensors)
    mine, other = loaded.data.stream(TensorLog), sound.data.stream(TensorLog)
    assert mine.silent_layers() == other.silent_layers() != []
    assert all((mine.silent(x).masks == other.silent(x).masks).all() for x in other.silent_layers())
    assert mine.histogram_keys() == other.histogram_keys() != []
    for key in other.histogram_keys():
        pairs = zip(mine.histograms(*key), other.histograms(*key), strict=True)
        assert all(
            (a.step, a.zeros, a.negative.tolist(), a.positive.tolist())
            == (b.step, b.zeros, b.negative.tolist(), b.positive.tolist())
            for a, b in pairs
        )


@pytest.mark.parametrize("how", ["emptied", "folder deleted"])
def test_whole_tensors_that_are_lost_are_said(tmp_path, capfd, how):
    recorder, _ = train(tmp_path / "run", 5, lambda: spoil(tmp_path / "run", how), whole=["0"])
    loaded = nn_bridge.load(recorder.run.path)
    lost = [n.message for n in loaded.data.notes if "whole tensors" in n.message]
    steps = [ref.step for ref in loaded.whole("0")]
    if how == "emptied":
        assert len(lost) == 1
        assert steps == [5, 6, 7]
    else:
        assert (lost, steps) == ([], list(range(EPOCHS)))
    capfd.readouterr()


QUICK = [
    ("write", errno.ENOSPC, False),
    ("write", "torn", False),
    ("open", errno.EMFILE, True),
    ("fsync", errno.EIO, False),
]
CASES = [(*one, forever) for forever in (False, True) for one in ERRORS]


@pytest.mark.parametrize(
    ("name", "error", "forever"), [pytest.param(*c, marks=[] if c in QUICK else pytest.mark.slow) for c in CASES]
)
def test_the_disk_fails_at_every_call_in_turn(tmp_path, capfd, name, error, forever):
    _, plain = train(None)
    for at in range(1, 60):
        with Failing(name, error, at, forever=forever) as failing:
            recorder, weights = train(tmp_path / f"run{at}")
        if failing.n < at:
            assert at > 1 or name == "ftruncate"
            break
        assert all(torch.equal(a, b) for a, b in zip(weights, plain, strict=True))
        assert (recorder.run.n_rounds, recorder.run.state) == (EPOCHS, "finished")
    capfd.readouterr()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_in_mid_training_leaves_the_record_alone(tmp_path):
    code = f"""
import os, sys
sys.path.insert(0, {str(Path.cwd())!r})
import torch
torch.set_num_threads(1)
from tests.nn_bridge.record.test_spoilt_files import *
children = []
def fork():
    child = os.fork()
    if not child:
        sys.exit(0)
    children.append(child)
recorder, _ = train({str(tmp_path / "run")!r}, 5, fork)
assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0
run = nn_bridge.load({str(tmp_path / "run")!r})
assert (run.n_rounds, run.state) == (EPOCHS, "finished"), run
"""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
