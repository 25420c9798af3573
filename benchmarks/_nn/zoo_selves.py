"""Healthy kinds: representations, latents, flows and mixtures."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn
from torch.nn import functional

import nn_bridge
from _nn.zoo import Setup, healthy, recorder
from _nn.zoo_kinds import SGD, Adam, digits, four, mlp, regress, table

Tensor = torch.Tensor


def steps(net: nn.Module, optimizer: Any, loss_of: Any, n: int = 300, after: Any = None) -> nn_bridge.NetRun:
    """Train by a loss of random rows of a table; `after` is called after each step."""
    X = table(0, 800)
    y = four(X)
    with recorder(net, optimizer, round_steps=50) as r:
        for _ in range(n):
            rows = torch.randint(0, 800, (96,))
            loss = loss_of(net, X[rows], y[rows])
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if after is not None:
                after()
    return r.run


def noisy(x: Tensor) -> Tensor:
    return x + 0.2 * torch.randn_like(x)


class Pair(nn.Module):
    """An encoder and a predictor of its output."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(*mlp(10, 16, norm=nn.BatchNorm1d), nn.BatchNorm1d(16, affine=False))
        self.predict = mlp(16, 16, 8, 1, norm=nn.BatchNorm1d)

    def forward(self, x: Tensor) -> Any:
        z = self.body(x)
        return z, self.predict(z)


@healthy("self-supervised", loop=True)
def stopped_gradient(_: int) -> nn_bridge.NetRun:
    """SimSiam: a predictor and a stopped gradient keep it from collapsing."""

    def loss(net: nn.Module, x: Tensor, _: Tensor) -> Tensor:
        (z1, p1), (z2, p2) = net(noisy(x)), net(noisy(x))
        near = functional.cosine_similarity
        return -(near(p1, z2.detach()).mean() + near(p2, z1.detach()).mean()) / 2

    net = Pair()
    return steps(net, SGD(net.parameters(), 0.03, momentum=0.9), loss)


@healthy("self-supervised", loop=True)
def averaged_teacher(_: int) -> nn_bridge.NetRun:
    """BYOL: the target is an average of the net's own past."""
    net = Pair()
    teacher = copy.deepcopy(net.body).requires_grad_(False)

    def loss(net: nn.Module, x: Tensor, _: Tensor) -> Tensor:
        return 2 - 2 * functional.cosine_similarity(net(noisy(x))[1], teacher(noisy(x))).mean()

    def follow() -> None:
        with torch.no_grad():
            for t, p in zip(teacher.parameters(), net.body.parameters(), strict=True):
                t.lerp_(p, 0.02)

    return steps(net, Adam(net.parameters(), 1e-3), loss, after=follow)


@healthy("self-supervised", loop=True)
def variance_and_covariance(_: int) -> nn_bridge.NetRun:
    """VICReg: terms for variance and covariance keep rows apart."""

    def loss(net: nn.Module, x: Tensor, _: Tensor) -> Tensor:
        a, b = net(noisy(x)), net(noisy(x))
        spread = sum(functional.relu(1 - v.std(0)).mean() for v in (a, b))
        cov = sum((torch.cov(v.T).fill_diagonal_(0) ** 2).sum() / 16 for v in (a, b))
        return 25 * functional.mse_loss(a, b) + 25 * spread + cov

    net = mlp(10, 16)
    return steps(net, Adam(net.parameters(), 1e-3), loss)


@healthy("self-supervised")
def masked_pixels(_: int) -> Setup:
    X = digits()[0].flatten(1)
    model = mlp(64, 64, 96)
    hide = lambda x: x * (torch.rand_like(x) > 0.4)
    return Setup(model, Adam(model.parameters(), 2e-3), X, X, functional.mse_loss, epochs=12, augment=hide)


class Vae(nn.Module):
    def __init__(self, n: int = 64, k: int = 8) -> None:
        super().__init__()
        self.encode, self.decode = mlp(n, 2 * k, 48, 1), mlp(k, n, 48, 1)

    def forward(self, x: Tensor) -> Any:
        mean, log_var = self.encode(x).chunk(2, 1)
        z = mean + torch.randn_like(mean) * (0.5 * log_var).exp() if self.training else mean
        return self.decode(z), mean, log_var


@healthy("latents", loop=True)
def vae_warmed_up(_: int) -> nn_bridge.NetRun:
    X, net = digits()[0].flatten(1), Vae()
    optimizer, n = Adam(net.parameters(), 2e-3), 0
    with recorder(net, optimizer, round_steps=30) as r:
        for _ in range(12):
            for rows in torch.randperm(len(X)).split(64):
                made, mean, log_var = net(X[rows])
                n += 1
                kl = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum(1).mean()
                loss = functional.mse_loss(made, X[rows], reduction="sum") / len(rows) + min(n / 200, 1) * 0.1 * kl
                r.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    return r.run


@healthy("latents")
def quantised_codes(_: int) -> Setup:
    """VQ-VAE: codes are taken from a table, gradients pass straight through."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encode, self.decode, self.codes = mlp(64, 8, 48, 1), mlp(8, 64, 48, 1), nn.Embedding(32, 8)

        def forward(self, x: Tensor) -> Any:
            z = self.encode(x)
            q = self.codes(torch.cdist(z, self.codes.weight).argmin(1))
            return self.decode(z + (q - z).detach()), z, q

    def loss(out: Any, x: Tensor) -> Tensor:
        made, z, q = out
        mse = functional.mse_loss
        return mse(made, x) + mse(q, z.detach()) + 0.25 * mse(z, q.detach())

    X, model = digits()[0].flatten(1), Net()
    return Setup(model, Adam(model.parameters(), 2e-3), X, X, loss, epochs=10)


@healthy("latents")
def coupling_flow(_: int) -> Setup:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.nets = nn.ModuleList([mlp(1, 2, 32, 1, act=nn.Tanh) for _ in range(4)])

        def forward(self, x: Tensor) -> Any:
            total = torch.zeros(len(x))
            for net in self.nets:
                scale, shift = net(x[:, :1]).chunk(2, 1)
                x = torch.cat([x[:, 1:] * scale.tanh().exp() + shift, x[:, :1]], 1)
                total = total + scale.tanh()[:, 0]
            return x, total

    angle = torch.rand(1500, 1) * 3.14
    X = torch.cat([angle.cos(), angle.sin()], 1) + 0.1 * torch.randn(1500, 2)
    model = Net()
    return Setup(model, Adam(model.parameters(), 2e-3), X, X, epochs=10,
                 loss=lambda out, _: (out[0] ** 2).sum(1).mean() / 2 - out[1].mean())  # fmt: skip


@healthy("latents")
def mixture_density(seed: int) -> Setup:
    def loss(p: Tensor, y: Tensor) -> Tensor:
        weight, mean, scale = p.chunk(3, 1)
        normal = torch.distributions.Normal(mean, functional.softplus(scale) + 0.05)
        return -torch.logsumexp(weight.log_softmax(1) + normal.log_prob(y), 1).mean()

    return regress(lambda: mlp(10, 9), loss=loss)(seed)
