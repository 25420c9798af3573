"""Healthy kinds: more schedules and optimisers, amounts, sequences with padding, images."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.optim import lr_scheduler

import nn_bridge
from _nn.zoo import Setup, healthy, recorder, variants
from _nn.zoo_images import cnn
from _nn.zoo_kinds import SGD, Adam, AdamW, amount, classify, digits, mlp, regress, table

Tensor = torch.Tensor


def _scheduled(schedule: Any, optimizer: Any = lambda p: SGD(p, 0.1, momentum=0.9)) -> Any:
    """A classification with a schedule made of (optimizer, steps)."""

    def make(seed: int) -> Setup:
        s = classify(optimizer=optimizer)(seed)
        s.schedule = schedule(s.optimizer, 16 * 15)
        return s

    return make


def _warm(n: int, of: int) -> float:
    return min((n + 1) / 24, 1.0) * max(1 - n / of, 0.01)


class Plateau:
    """Steps ReduceLROnPlateau by a number that falls, as a validation loss does."""

    def __init__(self, optimizer: Any) -> None:
        self.inner, self.n = lr_scheduler.ReduceLROnPlateau(optimizer, patience=40), 0

    def step(self) -> None:
        self.n += 1
        self.inner.step(1.0 / min(self.n, 120))


def _cox(p: Tensor, y: Tensor) -> Tensor:
    order = y[:, 0].argsort(descending=True)
    risk = p[order, 0]
    return (risk.logcumsumexp(0) - risk).mean()


def _two_groups(seed: int) -> Setup:
    X = table(seed)
    model = mlp(10, 1)
    optimizer = Adam([{"params": model[:-1].parameters(), "lr": 5e-4}, {"params": model[-1].parameters(), "lr": 5e-3}])
    return Setup(model, optimizer, X, amount(X), functional.mse_loss)


variants("schedules", {
    "warm-up-and-linear-decay": _scheduled(lambda o, n: lr_scheduler.LambdaLR(o, lambda k: _warm(k, n)),
                                           lambda p: AdamW(p, 3e-3)),
    "warm-restarts": _scheduled(lambda o, _: lr_scheduler.CosineAnnealingWarmRestarts(o, 80)),
    "cyclic": _scheduled(lambda o, _: lr_scheduler.CyclicLR(o, 0.01, 0.1, step_size_up=40)),
    "steps-down": _scheduled(lambda o, n: lr_scheduler.MultiStepLR(o, [n // 2, 3 * n // 4])),
    "exponential": _scheduled(lambda o, _: lr_scheduler.ExponentialLR(o, 0.99)),
    "on-plateau": _scheduled(lambda o, _: Plateau(o)),
    "constant-rate": _scheduled(lambda o, _: lr_scheduler.ConstantLR(o, 1.0)),
    "one-cycle-adam": _scheduled(lambda o, n: lr_scheduler.OneCycleLR(o, 1e-2, total_steps=n + 1),
                                 lambda p: Adam(p, 1e-3)),
})  # fmt: skip
variants("optimisers", {
    "adadelta": classify(optimizer=lambda p: torch.optim.Adadelta(p, 1.0)),
    "amsgrad": classify(optimizer=lambda p: Adam(p, 2e-3, amsgrad=True)),
    "adamw-strong-decay": classify(optimizer=lambda p: AdamW(p, 2e-3, weight_decay=0.1)),
    "asgd": classify(optimizer=lambda p: torch.optim.ASGD(p, 0.1)),
    "two-groups": _two_groups,
})  # fmt: skip
variants("amounts", {
    "counts": regress(target=lambda X: torch.poisson((0.4 * X[:, :1] + 0.5).exp()), loss=functional.mse_loss),
    "stars": regress(target=lambda X: (amount(X) * 0.8 + 2).round().clamp(0, 4)),
    "skewed-amounts": regress(target=lambda X: (0.6 * amount(X)).exp()),
    "log-cosh": regress(loss=lambda p, y: (p - y).cosh().log().mean()),
    "percentages": regress(lambda: nn.Sequential(*mlp(10, 1), nn.Sigmoid()), target=lambda X: amount(X).sigmoid()),
    "survival": regress(target=lambda X: torch.cat([X[:, :1] + torch.randn(len(X), 1), torch.ones(len(X), 1)], 1),
                        loss=_cox),
})  # fmt: skip


class Padded(nn.Module):
    """A transformer that masks padding in attention and in its mean."""

    def __init__(self, n_out: int, *, by_token: bool) -> None:
        super().__init__()
        self.embed, self.place = nn.Embedding(20, 32, padding_idx=0), nn.Parameter(0.02 * torch.randn(16, 32))
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
        self.body, self.out = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), nn.Linear(32, n_out)
        self.by_token = by_token

    def forward(self, x: Tensor) -> Tensor:
        real = (x != 0).float()
        h = self.body(self.embed(x) + self.place[: x.shape[1]], src_key_padding_mask=x == 0)
        if self.by_token:
            return self.out(h).transpose(1, 2)
        return self.out((h * real[..., None]).sum(1) / real.sum(1, keepdim=True))


def _sentences(n: int = 900, longest: int = 16) -> Tensor:
    X = (torch.randint(1, 20, (n, 1)) + 3 * torch.arange(longest)[None]) % 19 + 1
    return X * (torch.arange(longest)[None] < torch.randint(4, longest, (n, 1)))


@healthy("sequences")
def padded_sentences(_: int) -> Setup:
    X, model = _sentences(), Padded(3, by_token=False)
    y = (X[:, 0] - 1) // 7
    return Setup(model, Adam(model.parameters(), 2e-3), X, y, functional.cross_entropy, epochs=6, classes=True)


@healthy("sequences")
def padding_ignored(_: int) -> Setup:
    X, model = _sentences(), Padded(20, by_token=True)
    target = torch.cat([X[:, 1:], torch.zeros(len(X), 1, dtype=torch.long)], 1)
    return Setup(model, Adam(model.parameters(), 2e-3), X, target, nn.CrossEntropyLoss(ignore_index=0), epochs=6)


@healthy("sequences")
def tagged_tokens(_: int) -> Setup:
    """Most tokens are of class 0, as in the tagging of names."""
    X, model = _sentences(), Padded(3, by_token=True)
    tags = torch.where(X % 9 == 1, 1, torch.where(X % 9 == 2, 2, 0))
    tags = torch.where(X == 0, -100, tags)
    return Setup(model, Adam(model.parameters(), 2e-3), X, tags, functional.cross_entropy, epochs=6)


@healthy("sequences")
def patches_of_pictures(_: int) -> Setup:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cut, self.place = nn.Conv2d(1, 32, 2, stride=2), nn.Parameter(0.02 * torch.randn(17, 32))
            self.token = nn.Parameter(torch.zeros(1, 1, 32))
            layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
            self.body, self.out = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False), nn.Linear(32, 10)

        def forward(self, x: Tensor) -> Tensor:
            h = self.cut(x).flatten(2).transpose(1, 2)
            h = torch.cat([self.token.expand(len(x), -1, -1), h], 1) + self.place
            return self.out(self.body(h)[:, 0])

    X, y = digits()
    model = Net()
    return Setup(model, AdamW(model.parameters(), 2e-3), X, y, functional.cross_entropy, epochs=6, classes=True)


@healthy("sequences", loop=True)
def characters_by_ctc(_: int) -> nn_bridge.NetRun:
    """Connectionist temporal classification of short digit strings."""
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 6))
    optimizer, code = Adam(net.parameters(), 5e-3), torch.randn(6, 8)
    with recorder(net, optimizer, round_steps=50) as r:
        for _ in range(300):
            y = torch.randint(1, 6, (32, 3))
            x = code[y.repeat_interleave(4, 1)] + 0.3 * torch.randn(32, 12, 8)
            scores = net(x).log_softmax(2).transpose(0, 1)
            loss = functional.ctc_loss(scores, y, torch.full((32,), 12), torch.full((32,), 3))
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return r.run


@healthy("images")
def overlap_of_masks(_: int) -> Setup:
    """Dice's loss for masks, of a net that ends in a sigmoid."""
    X = digits()[0]
    y = (X > 0.5).float()
    model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 1, 3, padding=1), nn.Sigmoid())

    def dice(p: Tensor, t: Tensor) -> Tensor:
        return 1 - (2 * (p * t).sum((1, 2, 3)) + 1).div(p.sum((1, 2, 3)) + t.sum((1, 2, 3)) + 1).mean()

    return Setup(model, Adam(model.parameters(), 3e-3), X + 0.1 * torch.randn_like(X), y, dice, epochs=6)


@healthy("images")
def sharper_pictures(_: int) -> Setup:
    X = digits()[0]
    model = nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 4, 3, padding=1), nn.PixelShuffle(2))
    return Setup(model, Adam(model.parameters(), 2e-3), functional.avg_pool2d(X, 2), X, functional.l1_loss, epochs=8)


@healthy("images")
def cnn_mixed_up(_: int) -> Setup:
    X, y = digits()
    model = cnn()

    def mixed(p: Tensor, t: Tensor) -> Tensor:
        return 0.8 * functional.cross_entropy(p, t) + 0.2 * functional.cross_entropy(p, t[torch.randperm(len(t))])

    return Setup(model, AdamW(model.parameters(), 3e-3), X, y, nn.CrossEntropyLoss(label_smoothing=0.05), epochs=6,
                 classes=True, pair=mixed)  # fmt: skip


@healthy("images")
def depthwise(_: int) -> Setup:
    X, y = digits()
    model = nn.Sequential(
        nn.Conv2d(1, 24, 3, padding=1), nn.BatchNorm2d(24), nn.SiLU(),
        nn.Conv2d(24, 24, 3, padding=1, groups=24), nn.BatchNorm2d(24), nn.SiLU(), nn.Conv2d(24, 48, 1), nn.SiLU(),
        nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(192, 10),
    )  # fmt: skip
    return Setup(model, Adam(model.parameters(), 3e-3), X, y, functional.cross_entropy, epochs=6, classes=True)


@healthy("images")
def angles_of_pictures(_: int) -> Setup:
    """A regression of pictures: where the mass of a digit lies."""
    X = digits()[0]
    place = (X.sum((1, 2)) * torch.arange(8)).sum(1, keepdim=True) / X.sum((1, 2, 3))[:, None]
    model = nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(576, 1))
    return Setup(model, Adam(model.parameters(), 1e-3), X, (place - place.mean()) / place.std(), functional.mse_loss,
                 epochs=8)  # fmt: skip


@healthy("physics", loop=True)
def field_of_waves(_: int) -> nn_bridge.NetRun:
    """A field learned by coordinates, with sines and cosines as inputs."""
    net = mlp(16, 1, 64)
    optimizer, waves = Adam(net.parameters(), 2e-3), torch.randn(2, 8) * 3
    with recorder(net, optimizer, round_steps=50) as r:
        for _ in range(300):
            x = torch.rand(128, 2) * 2 - 1
            given = torch.cat([(x @ waves).sin(), (x @ waves).cos()], 1)
            loss = functional.mse_loss(net(given), torch.sin(math.pi * 2 * x[:, :1]) * x[:, 1:])
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return r.run


@healthy("look-ups")
def words_by_neighbours(_: int) -> Setup:
    """Skip-gram with negative samples."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.near, self.far = nn.Embedding(100, 16), nn.Embedding(100, 16)

        def forward(self, x: Tensor) -> Tensor:
            return (self.near(x[:, 0]) * self.far(x[:, 1])).sum(1)

    a = torch.randint(0, 100, (4000,))
    near = torch.rand(4000) < 0.4
    b = torch.where(near, (a // 10) * 10 + torch.randint(0, 10, (4000,)), torch.randint(0, 100, (4000,)))
    model = Net()
    for p in model.parameters():
        nn.init.normal_(p, std=0.2)
    return Setup(model, Adam(model.parameters(), 1e-2), torch.stack([a, b], 1), near.float(),
                 functional.binary_cross_entropy_with_logits, epochs=8)  # fmt: skip
