"""Several processes, one training: rank 0 alone writes, and every rank's weights are what they would have been."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

import nn_bridge
import treedebug
from tests.nn_bridge.trainings import Loop, mlp, sgd, train

WORKER = """
import sys
import torch
from torch import distributed, nn
from torch.nn import functional
import nn_bridge

rank, folder = int(sys.argv[1]), sys.argv[2]
torch.set_num_threads(1)
distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
for recorded in (False, True):
    torch.manual_seed(0)
    net = nn.parallel.DistributedDataParallel(nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3)))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    recorder = nn_bridge.TorchRecorder(net, optimizer, f"{folder}/run", quiet=True) if recorded else None
    numbers = torch.Generator().manual_seed(rank)
    for step in range(4):
        loss = functional.cross_entropy(net(torch.randn(4, 8, generator=numbers)), torch.tensor([0, 1, 2, 0]))
        if recorder is not None:
            recorder.log("train", loss=loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if rank == 0 and step == 0:
            torch.save(net.module[0].weight.grad, f"{folder}/gradient.pt")
    if recorder is not None:
        recorder.log("valid", loss=1.0)
        recorder.close()
    torch.save(net.module.state_dict(), f"{folder}/weights-{rank}-{recorded}.pt")
distributed.destroy_process_group()
"""


@pytest.mark.slow
def test_two_processes(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", WORKER]
    workers = [subprocess.Popen([*command, str(rank), str(tmp_path)]) for rank in (0, 1)]
    assert [w.wait(timeout=280) for w in workers] == [0, 0]
    for rank in (0, 1):
        plain, watched = (torch.load(tmp_path / f"weights-{rank}-{how}.pt") for how in (False, True))
        assert all(torch.equal(plain[name], watched[name]) for name in plain)
    run = nn_bridge.load(tmp_path / "run")
    assert run.data.rounds.iterations.tolist() == [4]
    assert run.notes == []
    assert [p.name for p in run.facts.params] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    norms = run.data.stream(nn_bridge.TensorLog).series("0.weight", "gradient", "norm").values
    assert norms[0] == pytest.approx(float(torch.load(tmp_path / "gradient.pt").norm()), rel=1e-5)  # averaged
    assert treedebug.check(tmp_path / "run").verdict.crashed == ()


def test_another_rank_records_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, tmp_path / "r") as recorder:
        train(net, [optimizer], Loop(), recorder)
        assert not recorder.should_stop
        assert recorder.saliency(torch.randn(2, 8)).shape == (2, 8)
        with pytest.raises(treedebug.NotRecordedError, match="rank 0"):
            _ = recorder.run
    assert not (tmp_path / "r").exists()
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


@pytest.mark.slow
@pytest.mark.parametrize("late", [False, True])
def test_a_compiled_net(late):
    torch.manual_seed(0)
    net = mlp()
    optimizer = sgd(net)
    compiled = torch.compile(net, backend="aot_eager")
    with nn_bridge.TorchRecorder(net if late else compiled, optimizer, quiet=True) as recorder:
        train(net, [optimizer], Loop(), recorder, compiled)
    run = recorder.run
    seen = run.tensors[(run.tensors.kind == "activation") & (run.tensors.statistic == "norm")]
    assert run.facts.is_compiled is not late
    if late:
        assert "was compiled after the recorder was made" in run.notes[0].message
        assert seen.empty
    else:
        assert run.notes == []
        assert set(seen.layer) == {"0", "1", "3", "4", "5"}
        assert seen.step.nunique() == 6
