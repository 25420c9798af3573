"""Healthy kinds: physics, whole batches, several heads, loops of their own."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

import nn_bridge
from _nn.zoo import Setup, healthy, recorder
from _nn.zoo_kinds import Adam, classify, digits, four, mlp, regress, table


@healthy("physics", loop=True)
def pinn(_: int) -> nn_bridge.NetRun:
    """u'' = -u with u(0) = 0 and u'(0) = 1."""
    net = mlp(1, 1, 32, 3, act=nn.Tanh)
    optimizer = Adam(net.parameters(), 2e-3)
    with recorder(net, optimizer, round_steps=50) as r:
        for _ in range(400):
            t = (torch.rand(64, 1) * 3.0).requires_grad_()
            u = net(t)
            (du,) = torch.autograd.grad(u.sum(), t, create_graph=True)
            (ddu,) = torch.autograd.grad(du.sum(), t, create_graph=True)
            zero = torch.zeros(1, 1, requires_grad=True)
            begun = net(zero)
            (speed,) = torch.autograd.grad(begun.sum(), zero, create_graph=True)
            loss = (ddu + u).square().mean() + begun.square().mean() + (speed - 1).square().mean()
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return r.run


def _whole_batch(make: Any, n: int) -> nn_bridge.NetRun:
    X = table(0, 400, 6)
    y, net = torch.sin(X[:, 0]) + X[:, 1], mlp(6, 1, 16, 1, act=nn.Tanh)
    optimizer = make(net.parameters())
    with recorder(net, optimizer) as r:
        for _ in range(n):

            def closure() -> torch.Tensor:
                optimizer.zero_grad()
                loss = functional.mse_loss(net(X)[:, 0], y)
                loss.backward()
                return loss

            r.log("train", loss=optimizer.step(closure))
            r.log("valid", loss=functional.mse_loss(net(X)[:, 0], y).detach())
    return r.run


@healthy("whole batches", loop=True)
def lbfgs(_: int) -> nn_bridge.NetRun:
    return _whole_batch(lambda p: torch.optim.LBFGS(p, 1, max_iter=10, line_search_fn="strong_wolfe"), 15)


@healthy("whole batches", loop=True)
def rprop(_: int) -> nn_bridge.NetRun:
    return _whole_batch(lambda p: torch.optim.Rprop(p, 0.01), 60)


@healthy("two heads", loop=True)
def reconstruction_with_a_head(_: int) -> nn_bridge.NetRun:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.back, self.head = mlp(10, 8, 32, 1), nn.Linear(8, 10), nn.Linear(8, 4)

        def forward(self, x: torch.Tensor) -> Any:
            z = torch.relu(self.body(x))
            return self.back(z), self.head(z)

    X = table(0)
    y, net = four(X), Net()
    optimizer = Adam(net.parameters(), 2e-3)
    with recorder(net, optimizer) as r:
        for _ in range(8):
            for rows in torch.randperm(len(X)).split(64):
                made, scores = net(X[rows])
                parts = functional.mse_loss(made, X[rows]), functional.cross_entropy(scores, y[rows])
                r.log("train", loss=parts[0], loss_head=parts[1])
                optimizer.zero_grad()
                sum(parts).backward()
                optimizer.step()
            with torch.no_grad():
                r.log("valid", loss=functional.mse_loss(net(X)[0], X))
    return r.run


@healthy("two heads")
def distilled(seed: int) -> Setup:
    teacher = mlp(10, 4).requires_grad_(False)

    def soft(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return functional.kl_div(p.log_softmax(1), y.softmax(1), reduction="batchmean")

    return regress(lambda: mlp(10, 4), target=lambda X: 4 * teacher(X), loss=soft)(seed)


@healthy("two heads")
def attention_pool(seed: int) -> Setup:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.query, self.body, self.out = nn.Parameter(0.1 * torch.randn(16)), nn.Linear(5, 16), nn.Linear(16, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = torch.tanh(self.body(x.view(len(x), 2, 5)))
            return self.out(((h @ self.query).softmax(1)[..., None] * h).sum(1))

    return classify(Net, epochs=15)(seed)


@healthy("sparse")
def sparse_codes(_: int) -> Setup:
    """A wide code with an L1 penalty."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encode, self.decode = nn.Linear(64, 256), nn.Linear(256, 64)

        def forward(self, x: torch.Tensor) -> Any:
            z = torch.relu(self.encode(x))
            return self.decode(z), z

    X = digits()[0].flatten(1)
    model = Net()
    return Setup(model, Adam(model.parameters(), 2e-3), X, X, epochs=12,
                 loss=lambda out, x: functional.mse_loss(out[0], x) + 1e-3 * out[1].abs().mean())  # fmt: skip


@healthy("short", loop=True)
def half_precision_by_autocast(_: int) -> nn_bridge.NetRun:
    X = table(0)
    y, net = four(X), mlp(10, 4)
    optimizer = Adam(net.parameters(), 2e-3)
    with recorder(net, optimizer) as r:
        for _ in range(8):
            for rows in torch.randperm(len(X)).split(64):
                with torch.autocast("cpu", torch.bfloat16):
                    loss = functional.cross_entropy(net(X[rows]), y[rows])
                r.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                r.log("valid", loss=functional.cross_entropy(net(X), y))
    return r.run
