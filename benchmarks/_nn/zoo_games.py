"""Healthy kinds: generators, adversaries, and losses of differences."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

import nn_bridge
from _nn.zoo import Setup, healthy, recorder
from _nn.zoo_kinds import Adam, amount, digits, four, mlp, table


@healthy("generative")
def vae(_: int) -> Setup:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encode, self.decode = mlp(64, 16, 48, 1), mlp(8, 64, 48, 1)

        def forward(self, x: torch.Tensor) -> Any:
            mean, log_var = self.encode(x).chunk(2, 1)
            z = mean + torch.randn_like(mean) * (0.5 * log_var).exp() if self.training else mean
            return self.decode(z), mean, log_var

    def loss(out: Any, x: torch.Tensor) -> torch.Tensor:
        made, mean, log_var = out
        kl = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum(1).mean()
        return functional.binary_cross_entropy_with_logits(made, x, reduction="sum") / len(x) + 0.5 * kl

    X = digits()[0].flatten(1)
    model = Net()
    return Setup(model, Adam(model.parameters(), 2e-3), X, X, loss, epochs=8)


def _adversaries(game: str) -> nn_bridge.NetRun:
    """A generator of two moons against a critic."""

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.G, self.D = mlp(4, 2, 48), mlp(2, 1, 48, act=nn.LeakyReLU)

    net = Both()
    g, d = Adam(net.G.parameters(), 1e-3, betas=(0.5, 0.9)), Adam(net.D.parameters(), 1e-3, betas=(0.5, 0.9))
    ones = {
        "gan": functional.binary_cross_entropy_with_logits, "lsgan": functional.mse_loss,
    }.get(game)  # fmt: skip
    with recorder(net, [d, g], round_steps=50) as r:
        for _ in range(400):
            angle = torch.rand(64, 1) * 3.14
            real, z = torch.cat([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(64, 2), torch.randn(64, 4)
            r.forwarded(z)
            yes, no = net.D(real), net.D(net.G(z).detach())
            if ones is None:
                loss = no.mean() - yes.mean() + 0.1 * (yes**2).mean()
            else:
                loss = ones(yes, torch.ones_like(yes)) + ones(no, torch.zeros_like(no))
            r.log("train", loss_d=loss)
            d.zero_grad()
            loss.backward()
            d.step()
            made = net.D(net.G(z))
            loss = -made.mean() if ones is None else ones(made, torch.ones_like(made))
            r.log("train", loss_g=loss)
            g.zero_grad()
            loss.backward()
            g.step()
    return r.run


@healthy("generative", loop=True)
def gan(_: int) -> nn_bridge.NetRun:
    return _adversaries("gan")


@healthy("generative", loop=True)
def gan_least_squares(_: int) -> nn_bridge.NetRun:
    return _adversaries("lsgan")


@healthy("generative", loop=True)
def gan_critic(_: int) -> nn_bridge.NetRun:
    return _adversaries("critic")


@healthy("generative")
def diffusion(_: int) -> Setup:
    """Predicts the noise that was added."""
    angle, level = torch.rand(2000, 1) * 6.28, torch.rand(2000, 1)
    clean, noise = torch.cat([angle.cos(), angle.sin()], 1), torch.randn(2000, 2)
    X = torch.cat([(1 - level) * clean + level * noise, level], 1)
    model = mlp(3, 2, 64, act=nn.SiLU)
    return Setup(model, Adam(model.parameters(), 2e-3), X, noise, functional.mse_loss, epochs=12)


def _differences(loss_of: Any) -> nn_bridge.NetRun:
    X = table(0, 800)
    y, net = four(X), mlp(10, 16)
    optimizer = Adam(net.parameters(), 1e-3)
    with recorder(net, optimizer, round_steps=50) as r:
        for _ in range(300):
            rows = torch.randint(0, 800, (96,))
            loss = loss_of(net, X[rows], y[rows])
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return r.run


@healthy("differences", loop=True)
def contrastive(_: int) -> nn_bridge.NetRun:
    def loss(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        a, b = net(x).chunk(2)
        same, apart = (y[:48] == y[48:]).float(), functional.pairwise_distance(a, b)
        return (same * apart**2 + (1 - same) * functional.relu(2 - apart) ** 2).mean()

    return _differences(loss)


@healthy("differences", loop=True)
def triplets(_: int) -> nn_bridge.NetRun:
    def loss(net: nn.Module, x: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        anchor, near, far = net(x[:32]), net(x[:32] + 0.1 * torch.randn(32, 10)), net(x[32:64])
        return functional.triplet_margin_loss(anchor, near, far)

    return _differences(loss)


@healthy("differences", loop=True)
def info_nce(_: int) -> nn_bridge.NetRun:
    def loss(net: nn.Module, x: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        one, other = (functional.normalize(net(x + 0.1 * torch.randn_like(x))) for _ in range(2))
        return functional.cross_entropy(one @ other.T / 0.1, torch.arange(len(x)))

    return _differences(loss)


@healthy("differences", loop=True)
def ranking(_: int) -> nn_bridge.NetRun:
    X, net = table(0, 800), mlp(10, 1)
    target, optimizer = amount(X)[:, 0], Adam(net.parameters(), 1e-3)
    with recorder(net, optimizer, round_steps=50) as r:
        for _ in range(250):
            rows = torch.randint(0, 800, (32,))
            s, better = net(X[rows]), (target[rows][:, None] > target[rows][None]).float()
            loss = functional.binary_cross_entropy_with_logits(s - s.T, better)
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return r.run
