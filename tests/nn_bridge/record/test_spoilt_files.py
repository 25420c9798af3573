"""A network's training ends, and its record is whole or says its loss, whatever happens to the file meanwhile."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import nn_bridge
from tests.nn_bridge.trainings import mlp, sgd
from tests.recorders.test_own_place import Failing, spoil

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
    if how in ("folder deleted", "file deleted", "another's bytes", "replaced"):
        assert "is complete" in said[0]
        assert set(loaded.tensors.step) == set(train(None)[0].run.tensors.step)


@pytest.mark.parametrize(("name", "error"), [("write", errno.ENOSPC), ("write", "short"), ("open", errno.EMFILE)])
@pytest.mark.parametrize("forever", [False, True])
def test_the_disk_fails(tmp_path, capfd, name, error, forever):
    _, plain = train(None)
    for at in range(1, 5):
        with Failing(name, error, at, forever=forever):
            recorder, weights = train(tmp_path / f"run{at}")
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
