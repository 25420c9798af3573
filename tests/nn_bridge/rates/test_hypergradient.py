import copy

import pytest
import torch
from torch import nn

from nn_bridge.rates.hypergradient import HypergradientAdam, HypergradientSGD
from treedebug.core.errors import ConfigError


def quadratic(optimizer_of, steps, x0=1.0, a=1.0):
    x = nn.Parameter(torch.tensor([x0], dtype=torch.float64))
    optimizer = optimizer_of([x])
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * a * x**2).sum().backward()
        optimizer.step()
        found.append((float(x.detach()), optimizer.rates()[0]))
    return found


@pytest.mark.parametrize("scope", ["global", "group", "tensor", "parameter"])
def test_the_known_right_values(scope):
    found = quadratic(lambda p: HypergradientSGD(p, 0.1, beta=0.01, mode="additive", scope=scope), 3)
    assert [x for x, _ in found] == pytest.approx([0.9, 0.8019, 0.70870551], rel=1e-7)
    assert [rate for _, rate in found] == pytest.approx([0.1, 0.109, 0.1162171], rel=1e-7)


def net(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))


def train(model, optimizer, steps=20, seed=1):
    torch.manual_seed(seed)
    x, y = torch.randn(64, 4), torch.randint(0, 2, (64,))
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


OURS = [
    (lambda p: HypergradientSGD(p, 0.1, beta=0.0), lambda p: torch.optim.SGD(p, 0.1)),
    (
        lambda p: HypergradientSGD(p, 0.1, momentum=0.9, weight_decay=0.01, beta=0.0, scope="parameter"),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.01),
    ),
    (
        lambda p: HypergradientSGD(p, 0.1, momentum=0.9, nesterov=True, beta=0.0, scope="tensor"),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
    ),
    (
        lambda p: HypergradientAdam(p, 0.01, weight_decay=0.1, beta=0.0),
        lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1),
    ),
    (
        lambda p: HypergradientAdam(p, 0.01, weight_decay=0.1, decoupled=False, beta=0.0, scope="group"),
        lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.1),
    ),
]


@pytest.mark.parametrize(("ours", "torchs"), OURS)
def test_a_rate_that_does_not_move_is_pytorchs_optimizer(ours, torchs):
    one, other = net(), net()
    assert train(one, ours(one.parameters())) == pytest.approx(train(other, torchs(other.parameters())), rel=1e-5)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("kind", [HypergradientSGD, HypergradientAdam])
@pytest.mark.parametrize("scope", ["global", "group", "tensor", "parameter"])
@pytest.mark.parametrize("mode", ["multiplicative", "additive"])
def test_a_rate_far_too_low_rises_within_its_bounds(kind, scope, mode):
    model = net()
    optimizer = kind(model.parameters(), 1e-4, scope=scope, mode=mode, beta=None if mode == "multiplicative" else 1e-4)
    losses = train(model, optimizer, 100)
    assert losses[-1] < losses[0]
    assert all(1e-6 <= rate <= 1e-2 * 1.0001 for rate in optimizer.rates())
    assert max(optimizer.rates()) > 1.2e-4


def test_additive_steps_never_make_a_rate_negative_or_boundless():
    found = quadratic(lambda p: HypergradientSGD(p, 1.0, beta=100.0, mode="additive"), 20, x0=3.0, a=1.9)
    assert all(0.01 <= rate <= 100.0 for _, rate in found)


def test_what_is_not_finite_moves_no_rate():
    x = nn.Parameter(torch.ones(3))
    for scope in ("global", "tensor", "parameter"):
        optimizer = HypergradientSGD([x], 0.1, scope=scope)
        for gradient in (torch.ones(3), torch.full((3,), float("nan")), torch.full((3,), float("inf"))):
            x.grad = gradient
            optimizer.step()
        assert optimizer.rates()[0] == pytest.approx(0.1)


def test_groups_have_rates_of_their_own_and_may_come_later():
    model = net()
    groups = [{"params": model[0].parameters(), "lr": 0.1}, {"params": model[2].parameters(), "lr": 1e-3}]
    optimizer = HypergradientSGD(groups[:1], 0.1, scope="group")
    train(model, optimizer, 3)
    optimizer.add_param_group(groups[1])
    train(model, optimizer, 30)
    first, second = optimizer.rates()
    assert 1e-3 <= first <= 10
    assert 1e-5 <= second <= 0.1
    assert second > 1e-3


def test_resumed_is_uninterrupted():
    for scope in ("global", "tensor", "parameter"):
        whole = net()
        optimizer = HypergradientAdam(whole.parameters(), 1e-3, scope=scope)
        expected = train(whole, optimizer, 10) + train(whole, optimizer, 10)
        part = net()
        optimizer = HypergradientAdam(part.parameters(), 1e-3, scope=scope)
        found = train(part, optimizer, 10)
        other = copy.deepcopy(part)
        resumed = HypergradientAdam(other.parameters(), 1e-3, scope=scope)
        resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        assert found + train(other, resumed, 10) == pytest.approx(expected, rel=1e-6)


def test_a_closure_is_called_once():
    model = net()
    optimizer, calls = HypergradientSGD(model.parameters(), 0.1), []

    def closure():
        calls.append(1)
        optimizer.zero_grad()
        loss = model(torch.ones(2, 4)).sum()
        loss.backward()
        return loss

    first, second = (float(optimizer.step(closure).detach()) for _ in range(2))
    assert second < first
    assert len(calls) == 2


@pytest.mark.parametrize(
    "wrong", [{"lr": 0.0}, {"scope": "layer"}, {"mode": "log"}, {"beta": -1.0}, {"momentum": 1.0}, {"nesterov": True}]
)
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(ConfigError):
        HypergradientSGD([nn.Parameter(torch.ones(1))], **{"lr": 0.1, **wrong})
