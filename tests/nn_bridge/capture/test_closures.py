"""TorchRecorder and loops that are built otherwise: closures, nets whose parts are called, losses within the net."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

import nn_bridge
from tests.nn_bridge.trainings import sgd


def column(run, kind, statistic):
    frame = run.tensors
    return frame[(frame.kind == kind) & (frame.statistic == statistic)]


def stepped(by_closure, recorder_of=None, make=sgd):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 3))
    optimizer, calls = make(net), []
    recorder = None if recorder_of is None else recorder_of(net, optimizer)
    numbers = torch.Generator().manual_seed(1)
    for _ in range(4):
        x, y = torch.randn(16, 8, generator=numbers), torch.randint(0, 3, (16,), generator=numbers)

        def closure(x=x, y=y):
            calls.append(1)
            optimizer.zero_grad()
            loss = functional.cross_entropy(net(x), y)
            if recorder is not None:
                recorder.log("train", loss=loss)
            loss.backward()
            return loss

        if by_closure:
            optimizer.step(closure)
        else:
            closure()
            optimizer.step()
    return net, recorder, len(calls)


def quietly(net, optimizer):
    return nn_bridge.TorchRecorder(net, optimizer, quiet=True)


def test_gradients_that_a_closure_computes_are_seen():
    runs = [stepped(by_closure, quietly)[1].run for by_closure in (False, True)]
    frames = [run.tensors[run.tensors.kind.isin(["gradient", "update", "weight", "loss"])] for run in runs]
    one, other = (f.sort_values(["step", "kind", "layer", "statistic"]).reset_index(drop=True) for f in frames)
    assert (one.kind == "gradient").sum() > 0
    assert one.equals(other)


def test_a_closure_that_is_called_many_times():
    def search(net):
        return torch.optim.LBFGS(net.parameters(), 0.1, max_iter=4)

    plain, _, n_plain = stepped(True, None, search)
    watched, recorder, n_watched = stepped(True, quietly, search)
    assert n_watched == n_plain > 4
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), watched.parameters(), strict=True))
    assert recorder.run.data.notes == []
    assert column(recorder.run, "gradient", "norm").step.nunique() == 4


def test_a_pass_that_is_told_because_parts_were_called():
    torch.manual_seed(0)
    net = nn.ModuleDict({"body": nn.Linear(8, 6), "head": nn.Linear(6, 3)})
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, quiet=True) as recorder:
        for x, y in ((torch.randn(16, 8), torch.randint(0, 3, (16,))) for _ in range(3)):
            loss = functional.cross_entropy(net["head"](net["body"](x)), y)
            assert recorder.forwarded(x)
            assert not recorder.forwarded(x)  # known by now
            recorder.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            assert recorder.forwarded(x)
        recorder.log("valid", loss=1.0)
    assert not recorder.forwarded(x)
    frame = recorder.run.tensors
    assert recorder.run.header.n_features == 8
    assert set(frame[frame.kind == "input"].layer) == {"", "evaluation"}
    assert recorder.run.data.notes == []


def test_losses_and_metrics_within_a_net_are_no_layers():
    class Telling(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.criterion = nn.Linear(8, 3), nn.CrossEntropyLoss()
            self.penalty = Penalty()

        def forward(self, x, y):
            out = self.fc(x)
            return self.criterion(out, y) + self.penalty(out)

    class Penalty(nn.Module):
        def forward(self, out):
            return 1e-3 * out.square().mean()

    torch.manual_seed(0)
    net = Telling()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, quiet=True) as recorder:
        for _ in range(12):
            loss = net(torch.randn(16, 8), torch.randint(0, 3, (16,)))
            recorder.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert set(column(recorder.run, "activation", "mean").layer) == {"fc"}
    assert "NN906" not in {f.code for f in recorder.run.findings}
