"""Rows of the user's choice: what is kept of them is what the net gives, and the training does not notice."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

import nn_bridge
from nn_bridge.record.tensor_streams import INPUT, PROBE, SALIENCY
from nn_bridge.record.whole_tensors import WholeTensors
from nn_bridge.recorders import probed_rows
from tests.nn_bridge.trainings import NETS, Loop, mlp, sgd, train
from treedebug.core.errors import ConfigError, StoreError

X = torch.randn(40, 8, generator=torch.Generator().manual_seed(3))
Y = torch.arange(40) % 3


def probed(net, x=X, y=Y, **how):
    with nn_bridge.TorchRecorder(net, sgd(net), None, quiet=True) as recorder:
        recorder.probe(x, y, **how)
    return recorder.run


def only(run, layer, kind):
    (ref,) = run.data.stream(WholeTensors).of(layer, kind)
    return ref.load()


def test_what_is_kept_is_what_the_net_gives():
    net = mlp()
    run = probed(net)
    net.eval()
    x = X.clone().requires_grad_()
    net(x).max(dim=1).values.sum().backward()
    assert np.allclose(only(run, "", SALIENCY).values, x.grad)
    assert np.array_equal(only(run, "", INPUT).values, X)
    hidden = only(run, "4", PROBE)  # the tanh before the last layer with weights
    assert np.allclose(hidden.values, net[:5](X).detach())
    assert hidden.labels.tolist() == Y.tolist()


@pytest.mark.parametrize("name", [n for n in NETS if n not in ("double", "lazy")])
def test_every_kind_of_net_can_be_probed(name):
    run = probed(NETS[name]())
    kinds = {ref.kind for layer in run.data.stream(WholeTensors).layers() for ref in run.whole(layer)}
    has_gradient = name != "sparse embedding"  # which rounds what it looks up
    assert kinds == ({INPUT, PROBE, SALIENCY} if has_gradient else {PROBE})
    assert has_gradient == ("saliency" not in {note.topic for note in run.notes})


def test_layers_by_name_and_a_function_in_place():
    net = mlp()  # its ReLU overwrites what the first layer gave
    run = probed(net, layers=["0", "1"])
    net.eval()
    assert np.allclose(only(run, "0", PROBE).values, net[0](X).detach())
    assert np.allclose(only(run, "1", PROBE).values, net[:2](X).detach())


def test_tokens_have_a_latent_space_and_no_saliency():
    net = nn.Sequential(nn.Embedding(10, 4), nn.Flatten(), nn.Linear(20, 6), nn.ReLU(), nn.Linear(6, 2))
    run = probed(net, torch.randint(0, 10, (30, 5)), torch.arange(30) % 2)
    assert only(run, "3", PROBE).values.shape == (30, 6)
    assert not run.data.stream(WholeTensors).of("", SALIENCY)


def test_rows_and_entries_are_bounded(monkeypatch):
    monkeypatch.setattr(probed_rows, "MOST_ENTRIES", 1600)
    net = mlp()
    run = probed(net, torch.randn(2000, 8), torch.arange(2000) % 3)
    assert only(run, "4", PROBE).values.shape == (133, 12)
    assert only(run, "", INPUT).values.shape == (200, 8)
    assert len(only(run, "", INPUT).labels) == 200


def test_large_rows_pass_a_few_at_a_time(monkeypatch):
    """The latent space of all of them, the gradient of some; large maps by their means."""
    monkeypatch.setattr(probed_rows, "MOST_ENTRIES", 4 * 3 * 32 * 32)
    net = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))
    x, y = torch.randn(18, 3, 32, 32), torch.arange(18) % 2
    sizes = []
    net.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0])))
    run = probed(net, x, y, layers=["1", "2"])
    assert sizes == [4, 4, 4, 4, 2]
    rows, latent, maps = (only(run, layer, kind) for layer, kind in (("", INPUT), ("2", PROBE), ("1", PROBE)))
    assert only(run, "", SALIENCY).values.shape == rows.values.shape == (4, 3, 32, 32)
    assert latent.values.shape == (18, 6, 1, 1)
    assert np.allclose(latent.values[:4], net[:3](torch.tensor(rows.values)).detach(), atol=1e-6)
    assert np.allclose(maps.values, latent.values[:, :, 0, 0], atol=1e-6)  # 6 x 30 x 30 entries a row
    assert sorted(latent.labels.tolist()) == sorted(y.tolist())
    known = {row.tobytes(): int(label) for row, label in zip(x.numpy(), y, strict=True)}
    assert [known[row.tobytes()] for row in rows.values] == rows.labels.tolist()


@pytest.mark.parametrize("what", ["probe", "saliency"])
def test_the_training_does_not_notice(what):
    """Neither the weights nor what is recorded of the steps: a look from beside is no forward pass of the training."""

    class Loud:
        """A recorder that looks at rows before each step."""

        def __init__(self, recorder):
            self.recorder = recorder

        def log(self, dataset, **metrics):
            self.recorder.log(dataset, **metrics)
            if dataset == "train":
                self.recorder.saliency(X) if what == "saliency" else self.recorder.probe(X, Y)

    states, runs = [], []
    for wrap in (lambda r: r, Loud):
        torch.manual_seed(0)
        net = mlp()
        optimizer = sgd(net)
        with nn_bridge.TorchRecorder(net, optimizer, None, quiet=True) as recorder:
            train(net, [optimizer], Loop(), wrap(recorder))
        states.append(copy.deepcopy(net.state_dict()))
        runs.append(recorder.run)
    assert all(torch.equal(a, b) for a, b in zip(states[0].values(), states[1].values(), strict=True))
    assert runs[0].tensors.equals(runs[1].tensors)
    assert runs[0].findings == runs[1].findings


def test_what_cannot_be_probed_is_said():
    net = mlp()
    with nn_bridge.TorchRecorder(net, sgd(net), None, quiet=True) as recorder:
        with pytest.raises(ConfigError, match=r"probe takes rows as a tensor"):
            recorder.probe(X.numpy())
        with pytest.raises(ConfigError, match=r"classes of the 40 rows, whole numbers; got float32 \(40,\)"):
            recorder.probe(X, Y.float())
        with pytest.raises(ConfigError, match="classes of the 40 rows"):
            recorder.probe(X, Y[:3])
        with pytest.raises(ConfigError, match="Did you mean"):
            recorder.probe(X, Y, layers=["00"])
        recorder.probe(torch.randn(4, 9))  # fails in the net: noted, and the training goes on
    assert any("probe" in note.topic for note in recorder.run.notes)
    with pytest.raises(StoreError, match="closed"):
        recorder.probe(X)
