"""Healthy kinds: rewards, graphs, sets, and rows that are attacked."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.nn import functional

import nn_bridge
from _nn.zoo import Setup, healthy, recorder
from _nn.zoo_kinds import Adam, amount, classify, four, mlp, regress, table
from _nn.zoo_selves import noisy, steps

Tensor = torch.Tensor


@healthy("rewards", loop=True)
def policy_gradient(_: int) -> nn_bridge.NetRun:
    def loss(net: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        choice = torch.distributions.Categorical(logits=net(x))
        action = choice.sample()
        reward = (action == y).float()
        return -(choice.log_prob(action) * (reward - reward.mean())).mean() - 0.01 * choice.entropy().mean()

    net = mlp(10, 4)
    return steps(net, Adam(net.parameters(), 3e-3), loss, n=400)


@healthy("rewards", loop=True)
def value_learning(_: int) -> nn_bridge.NetRun:
    """DQN on a line: a target net that is copied now and then."""
    net = mlp(10, 4)
    target, done = copy.deepcopy(net).requires_grad_(False), [0]

    def loss(net: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        action = torch.randint(0, 4, (len(x),))
        with torch.no_grad():
            wanted = (action == y).float() + 0.5 * target(noisy(x)).amax(1)
        return functional.smooth_l1_loss(net(x).gather(1, action[:, None])[:, 0], wanted)

    def copied() -> None:
        done[0] += 1
        if done[0] % 50 == 0:
            target.load_state_dict(net.state_dict())

    return steps(net, Adam(net.parameters(), 1e-3), loss, n=400, after=copied)


@healthy("rewards", loop=True)
def actor_and_critic(_: int) -> nn_bridge.NetRun:
    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.actor, self.critic = mlp(10, 32, 32, 1), nn.Linear(32, 4), nn.Linear(32, 1)

        def forward(self, x: Tensor) -> Any:
            h = torch.tanh(self.body(x))
            return self.actor(h), self.critic(h)[:, 0]

    def loss(net: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        logits, value = net(x)
        choice = torch.distributions.Categorical(logits=logits)
        action = choice.sample()
        gain = (action == y).float() - value
        return (-choice.log_prob(action) * gain.detach() + 0.5 * gain**2).mean() - 0.01 * choice.entropy().mean()

    net = Both()
    return steps(net, Adam(net.parameters(), 3e-3), loss, n=400)


@healthy("graphs and sets", loop=True)
def graph_convolution(_: int) -> nn_bridge.NetRun:
    """All nodes are one batch, and see each other by edges; a third of the labels is known."""

    class Net(nn.Module):
        def __init__(self, edges: Tensor) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(10, 32), nn.Linear(32, 4)
            self.register_buffer("edges", edges)

        def forward(self, x: Tensor) -> Tensor:
            return self.edges @ self.b(torch.relu(self.edges @ self.a(x)))

    X = table(0, 300)
    y = four(X)
    edges = ((y[:, None] == y[None]) & (torch.rand(300, 300) < 0.04)).float() + torch.eye(300)
    net = Net(edges / edges.sum(1, keepdim=True))
    optimizer = Adam(net.parameters(), 1e-2, weight_decay=5e-4)
    with recorder(net, optimizer, round_steps=20) as r:
        for _ in range(150):
            loss = functional.cross_entropy(net(X)[:100], y[:100])
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return r.run


@healthy("graphs and sets")
def deep_sets(_: int) -> Setup:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.each, self.whole = mlp(2, 32, 32, 1), mlp(32, 1, 32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.whole(torch.relu(self.each(x)).mean(1))

    X, model = torch.randn(1200, 8, 2), Net()
    return Setup(model, Adam(model.parameters(), 3e-3), X, X[..., :1].amax(1) + X[..., 1:].mean(1),
                 functional.mse_loss, epochs=12)  # fmt: skip


@healthy("graphs and sets")
def two_towers(_: int) -> Setup:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = mlp(5, 16, 32, 1), mlp(5, 16, 32, 1)

        def forward(self, x: Tensor) -> Tensor:
            return (self.a(x[:, :5]) * self.b(x[:, 5:])).sum(1, keepdim=True)

    X, model = table(0), Net()
    y = ((X[:, 0] * X[:, 5] + X[:, 1] * X[:, 6])[:, None] > 0).float()
    return Setup(model, Adam(model.parameters(), 3e-3), X, y, functional.binary_cross_entropy_with_logits)


@healthy("two heads")
def weighted_by_uncertainty(seed: int) -> Setup:
    """Two losses, each divided by a learned variance."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.logs = mlp(10, 5), nn.Parameter(torch.zeros(2))

        def forward(self, x: Tensor) -> Any:
            out = self.body(x)
            return out[:, :1], out[:, 1:], self.logs

    def loss(out: Any, y: Tensor) -> Tensor:
        made, scores, logs = out
        first, second = functional.mse_loss(made, y[:, :1]), functional.cross_entropy(scores, y[:, 1].long())
        return (-logs).exp()[0] * first + (-logs).exp()[1] * second + logs.sum() / 2

    return regress(Net, target=lambda X: torch.cat([amount(X), four(X)[:, None].float()], 1), loss=loss)(seed)


@healthy("adversarial", loop=True)
def adversarial_rows(_: int) -> nn_bridge.NetRun:
    """Rows are moved against the gradient before each step."""

    def loss(net: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        moved = x.clone().requires_grad_()
        (g,) = torch.autograd.grad(functional.cross_entropy(net(moved), y), moved)
        return functional.cross_entropy(net(x + 0.1 * g.sign()), y)

    net = mlp(10, 4)
    return steps(net, Adam(net.parameters(), 2e-3), loss)


@healthy("whole batches")
def averaged_weights(seed: int) -> Setup:
    """SWA's schedule: a constant rate after a decay."""
    s = classify()(seed)
    s.schedule = torch.optim.lr_scheduler.LambdaLR(s.optimizer, lambda n: max(1 - n / 150, 0.1))
    return s
