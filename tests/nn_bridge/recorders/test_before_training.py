"""A net is judged by one batch before its first step, and is afterwards what it was."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional

import nn_bridge
from tests.nn_bridge.recorders.test_untouched import same
from tests.nn_bridge.trainings import NETS, Loop, batches, sgd, train
from treedebug.core.errors import ConfigError
from treedebug.reports.check_text import check_text

CODES = {"NN901", "NN905", "NN907", "NN911", "NN914", "NN916", "NN917"}
"""What one batch can tell."""


FAULTY = ("lazy", "frozen", "cnn", "shared")
"""Not ready, frozen, or with two layers and no function between them: they are right to be told."""


def batch(net):
    return next(batches(next(net.parameters()).dtype))


def checked(net, *, loss=functional.cross_entropy, optimizer=None, scale=1.0, **options):
    x, y = batch(net)
    return nn_bridge.check(net, optimizer or sgd(net), lambda: loss(net(x * scale), y), **options)


def sound(**changed):
    torch.manual_seed(0)
    layers = {"first": nn.Linear(8, 16), "act": nn.ReLU(), "second": nn.Linear(16, 16), "act2": nn.ReLU()}
    return nn.Sequential(*(layers | {"head": nn.Linear(16, 3)} | changed).values())


def equal_units():
    net = sound()
    nn.init.constant_(net[0].weight, 0.05)
    return checked(net)


def large_weights():
    net = sound()
    nn.init.normal_(net[2].weight, std=5.0)
    return checked(net)


def not_held():
    net = sound()
    return checked(net, optimizer=torch.optim.Adam(net[:3].parameters()))


def frozen():
    net = sound()
    net[0].requires_grad_(False)
    return checked(net)


FAULTS = {
    "equal units": (equal_units, "NN901", "all units of layer 0 start with the same weights"),
    "large weights": (large_weights, "NN901", "2.weight starts with weights that multiply its input by about"),
    "softmax twice": (
        lambda: checked(sound(end=nn.Softmax(dim=1))), "NN914", "is given the output of softmax, not logits",
    ),
    "summed loss": (
        lambda: checked(sound(), loss=nn.CrossEntropyLoss(reduction="sum")), "NN914", "sum over the 16 rows",
    ),
    "missing activation": (
        lambda: checked(sound(act=nn.Identity())), "NN916", "no activation between layer 0 and layer 2",
    ),
    "not held": (not_held, "NN907", "4.weight will not change (1 of 3 matrices): no optimiser holds them"),
    "frozen": (frozen, "NN907", "0.weight will not change (1 of 3 matrices): they are frozen"),
    "unscaled inputs": (lambda: checked(sound(), scale=100.0), "NN917", "and a standard deviation of 95.16"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_told_before_the_first_step(fault):
    make, code, words = FAULTS[fault]
    report = make()
    assert [f.code for f in report.findings][:1] == [code]
    assert words in report.findings[0].message
    assert "next before you train" in check_text(report)


@pytest.mark.parametrize("name", [n for n in NETS if n not in FAULTY])
def test_sound_nets_raise_no_alarm(name):
    torch.manual_seed(3)
    report = checked(NETS[name]())
    assert [f.message for f in report.findings if f.code in CODES] == []
    assert {"NN907", "NN914"} <= {*report.verdict.silent}
    assert report.facts["loss"] == "cross_entropy"


def state_after(build, *, check_first):
    torch.manual_seed(3)
    net = build()
    optimizer = sgd(net)
    x, y = batch(net)
    functional.cross_entropy(net(x), y).backward()  # a gradient is there, and it is kept

    def loss():
        value = functional.cross_entropy(net(x), y)
        value.backward(retain_graph=True)
        return value

    if check_first:
        nn_bridge.check(net, optimizer, loss)
        assert not net._forward_hooks
        assert not net._forward_pre_hooks
        assert not optimizer._optimizer_step_pre_hooks
    train(net, [optimizer], Loop())
    return net.state_dict(), optimizer.state_dict(), torch.get_rng_state()


@pytest.mark.parametrize("name", [n for n in NETS if n not in ("lazy", "sparse embedding")])
def test_the_training_that_follows_is_the_same_to_the_bit(name):
    assert same(state_after(NETS[name], check_first=True), state_after(NETS[name], check_first=False))


class Forgetful(nn.Module):
    """Puts a new buffer in the place of the old one at each call."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 3)
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x):
        self.seen = self.seen + len(x)
        return self.head(x)


def test_a_loss_that_raises_leaves_no_trace():
    net = Forgetful()
    buffer, numbers = net.seen, torch.get_rng_state()

    def loss():
        net(torch.rand(4, 8))
        raise ValueError("labels are missing")

    with pytest.raises(ValueError, match="labels are missing"):
        nn_bridge.check(net, sgd(net), loss)
    assert net.seen is buffer
    assert net.seen.item() == 0
    assert not net._forward_pre_hooks
    assert torch.equal(numbers, torch.get_rng_state())


def test_rules_are_chosen_as_elsewhere():
    net = sound(end=nn.Softmax(dim=1))
    assert [f.code for f in checked(net, ignore=["NN914"])] == []
    assert checked(net, select=["NN9"]).verdict.silent


def no_graph():
    return torch.tensor(1.0)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (1.0, "takes a function that returns the loss of a batch, such as lambda: criterion"),
        (lambda: 0.5, "must return the loss as a tensor of one number; it returned 0.5"),
        (lambda: torch.zeros(3), r"it returned a tensor of shape \(3,\)"),
        (no_graph, "without a graph: leave out torch.no_grad"),
    ],
)
def test_what_is_no_loss_is_refused(loss, words):
    net = sound()
    with pytest.raises(ConfigError, match=words):
        nn_bridge.check(net, sgd(net), loss)
    assert not net._forward_pre_hooks


def test_a_lazy_model_is_to_be_called_first():
    net = NETS["lazy"]()
    with pytest.raises(ConfigError, match="call it on one batch first"):
        nn_bridge.check(net, sgd(net), lambda: net(torch.rand(4, 8)).sum())
