"""Healthy kinds: tables, losses, optimisers, normalisations, images and what is done to training on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from torch import nn
from torch.nn import functional

from _nn.zoo import Setup, healthy, variants

Adam, AdamW, SGD = torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD


def table(seed: int, n: int = 1200, d: int = 10) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def four(X: torch.Tensor) -> torch.Tensor:
    return (X[:, 0] + 0.5 * X[:, 2] > 0).long() + 2 * (X[:, 1] * X[:, 3] > 0).long()


def amount(X: torch.Tensor) -> torch.Tensor:
    return (torch.sin(X[:, 0]) + X[:, 1] * X[:, 2] / 2 + 0.1 * torch.randn(len(X)))[:, None]


def mlp(n_in: int, n_out: int, width: int = 64, depth: int = 2, act: Any = nn.ReLU, norm: Any = None) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(depth):
        layers += [nn.Linear(n_in, width), *([norm(width)] if norm else []), act()]
        n_in = width
    return nn.Sequential(*layers, nn.Linear(n_in, n_out))


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    bunch = load_digits()
    return torch.tensor(bunch.images / 16, dtype=torch.float32)[:, None], torch.tensor(bunch.target)


def scaled(X: np.ndarray) -> torch.Tensor:
    return torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)


def classify(change: Callable[..., Any] | None = None, **settings: Any) -> Callable[[int], Setup]:
    """A classification of a table; `settings` are of the Setup, `change` makes net and optimiser."""

    def make(seed: int) -> Setup:
        X = table(seed)
        model = mlp(10, 4) if change is None else change()
        given = dict(settings)
        optimizer = given.pop("optimizer", lambda p: Adam(p, 2e-3))(model.parameters())
        return Setup(model, optimizer, X, four(X), given.pop("loss", functional.cross_entropy), classes=True, **given)

    return make


def regress(change: Callable[..., Any] | None = None, **settings: Any) -> Callable[[int], Setup]:
    def make(seed: int) -> Setup:
        X = table(seed)
        model = mlp(10, 1) if change is None else change()
        given = dict(settings)
        target = given.pop("target", amount)
        optimizer = given.pop("optimizer", lambda p: Adam(p, 2e-3))(model.parameters())
        return Setup(model, optimizer, X, target(X), given.pop("loss", functional.mse_loss), **given)

    return make


def _rare(X: torch.Tensor) -> torch.Tensor:
    return (X[:, :1] + 0.5 * X[:, 1:2] > 1.2).float()


def _binary(X: torch.Tensor) -> torch.Tensor:
    return (X[:, :1] * X[:, 1:2] + X[:, 2:3] > 0).float()


def focal(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    c = functional.cross_entropy(p, y, reduction="none")
    return ((1 - (-c).exp()) ** 2 * c).mean()


def mixup(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    other = y[torch.randperm(len(y))]
    return 0.7 * functional.cross_entropy(p, y) + 0.3 * functional.cross_entropy(p, other)


class Zero(nn.Sequential):
    """A net whose last layer starts at zero."""

    def __init__(self) -> None:
        super().__init__(*mlp(10, 4))
        nn.init.zeros_(self[-1].weight)


class Prior(nn.Sequential):
    """The last bias starts at the logit of a rare class."""

    def __init__(self) -> None:
        super().__init__(*mlp(10, 1))
        nn.init.constant_(self[-1].bias, -2.0)


class Cosine(nn.Module):
    """Logits are cosines times a scale."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.weight = mlp(10, 32, act=nn.ReLU), nn.Parameter(torch.randn(4, 32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 16.0 * functional.normalize(self.body(x)) @ functional.normalize(self.weight).T


class Lora(nn.Module):
    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(4, layer.in_features) * 0.1)
        self.B = nn.Parameter(torch.zeros(layer.out_features, 4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) + x @ self.A.T @ self.B.T


class Residual(nn.Module):
    def __init__(self, width: int = 64, depth: int = 6) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(10, width), nn.Linear(width, 4)
        self.blocks = nn.ModuleList([mlp(width, width, width, 1, norm=nn.LayerNorm) for _ in range(depth)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        for block in self.blocks:
            x = x + block(x)
        return self.last(x)


class Sine(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sin(30.0 * x)


def siren() -> nn.Module:
    net = nn.Sequential(nn.Linear(2, 64), Sine(), nn.Linear(64, 64), Sine(), nn.Linear(64, 1))
    for i, layer in enumerate(m for m in net if isinstance(m, nn.Linear)):
        bound = 1 / 2 if i == 0 else (6 / 64) ** 0.5 / 30
        nn.init.uniform_(layer.weight, -bound, bound)
    return net


def siren_of_a_picture(_: int) -> Setup:
    X, model = torch.rand(3000, 2) * 2 - 1, siren()
    return Setup(model, Adam(model.parameters(), 3e-4), X, torch.sin(6 * X[:, :1]) * torch.cos(4 * X[:, 1:]),
                 functional.mse_loss)  # fmt: skip


class Experts(nn.Module):
    """A gate chooses between experts."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.experts = nn.Linear(10, 4), nn.ModuleList([mlp(10, 4, 32, 1) for _ in range(4)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        share = self.gate(x).softmax(1)
        return sum(share[:, i : i + 1] * e(x) for i, e in enumerate(self.experts))


class Gated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.out = nn.Linear(10, 64), nn.Linear(10, 64), nn.Linear(64, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.a(x) * torch.sigmoid(self.b(x)))


def pretrained(frozen: bool) -> Callable[[], nn.Module]:
    """A net that was trained on another task with the same inputs."""

    def make() -> nn.Module:
        net, X = mlp(10, 2), table(99)
        optimizer = Adam(net.parameters(), 5e-3)
        for _ in range(120):
            optimizer.zero_grad()
            functional.cross_entropy(net(X), (X[:, 0] * X[:, 1] > 0).long()).backward()
            optimizer.step()
        net[-1] = nn.Linear(64, 4)
        for layer in net[:-1] if frozen else ():
            layer.requires_grad_(False)
        return net

    return make


variants("optimisers", {
    "adam": classify(), "adamw": classify(optimizer=lambda p: AdamW(p, 2e-3, weight_decay=0.01)),
    "sgd-momentum": classify(optimizer=lambda p: SGD(p, 0.05, momentum=0.9)),
    "sgd-nesterov-decay": classify(optimizer=lambda p: SGD(p, 0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)),
    "sgd-plain": classify(optimizer=lambda p: SGD(p, 0.1), epochs=15),
    "rmsprop": classify(optimizer=lambda p: torch.optim.RMSprop(p, 1e-3)),
    "adagrad": classify(optimizer=lambda p: torch.optim.Adagrad(p, 0.02)),
    "nadam": classify(optimizer=lambda p: torch.optim.NAdam(p, 2e-3)),
    "radam": classify(optimizer=lambda p: torch.optim.RAdam(p, 3e-3)),
    "adamax": classify(optimizer=lambda p: torch.optim.Adamax(p, 3e-3)),
    "clipped": classify(clip=1.0), "accumulated": classify(accumulate=4, batch=16, optimizer=lambda p: Adam(p, 4e-3)),
})  # fmt: skip
variants("norms and activations", {
    "batch-norm-sgd": classify(lambda: mlp(10, 4, norm=nn.BatchNorm1d),
                               optimizer=lambda p: SGD(p, 0.05, momentum=0.9)),
    "batch-norm-adam": classify(lambda: mlp(10, 4, norm=nn.BatchNorm1d)),
    "layer-norm": classify(lambda: mlp(10, 4, norm=nn.LayerNorm)), "tanh": classify(lambda: mlp(10, 4, act=nn.Tanh)),
    "sigmoid": classify(lambda: mlp(10, 4, depth=1, act=nn.Sigmoid), optimizer=lambda p: Adam(p, 5e-3), epochs=20),
    "gelu": classify(lambda: mlp(10, 4, act=nn.GELU)),
    "silu-deep": classify(lambda: mlp(10, 4, depth=4, act=nn.SiLU)),
    "relu-four-layers": classify(lambda: mlp(10, 4, depth=4)),
    "relu-five-layers": classify(lambda: mlp(10, 4, depth=5)),
    "leaky": classify(lambda: mlp(10, 4, act=nn.LeakyReLU)), "selu": classify(lambda: mlp(10, 4, act=nn.SELU)),
    "dropout": classify(lambda: nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 4)),
                        epochs=40),
    "residual": classify(Residual), "zero-head": classify(Zero), "cosine-head": classify(Cosine),
    "gate": classify(Gated),
    "experts": classify(Experts), "wide": classify(lambda: mlp(10, 4, 512, 1)),
    "lora": classify(lambda: nn.Sequential(Lora(pretrained(False)()[0]), nn.ReLU(), nn.Linear(64, 4)),
                     optimizer=lambda p: AdamW([q for q in p if q.requires_grad], 2e-3)),
    "fine-tuned": classify(pretrained(False)), "frozen-backbone": classify(
        pretrained(True), optimizer=lambda p: Adam([q for q in p if q.requires_grad], 3e-3), epochs=20),
})  # fmt: skip
variants("losses of classes", {
    "label-smoothing": classify(loss=nn.CrossEntropyLoss(label_smoothing=0.1)),
    "class-weights": classify(loss=nn.CrossEntropyLoss(weight=torch.tensor([1.0, 1.5, 0.7, 1.0]))),
    "focal": classify(loss=focal, epochs=15), "mixup": classify(pair=mixup, epochs=15),
    "nll": classify(lambda: nn.Sequential(*mlp(10, 4), nn.LogSoftmax(1)), loss=functional.nll_loss),
    "scaled-loss": classify(loss=lambda p, y: functional.cross_entropy(p, y) / 8, optimizer=lambda p: Adam(p, 2e-3)),
    "sum-divided-by-hand": classify(loss=lambda p, y: functional.cross_entropy(p, y, reduction="sum") / len(y)),
    "multi-margin": classify(loss=nn.MultiMarginLoss()), "penalised": classify(
        loss=lambda p, y: functional.cross_entropy(p, y) + 1e-3 * p.square().mean()),
})  # fmt: skip
variants("binary", {
    "column-of-labels": regress(target=_binary, loss=functional.binary_cross_entropy_with_logits),
    "rare-class": regress(target=_rare, loss=functional.binary_cross_entropy_with_logits, epochs=15),
    "pos-weight": regress(target=_rare, epochs=6, loss=nn.BCEWithLogitsLoss(pos_weight=torch.tensor([6.0]))),
    "prior-bias": regress(Prior, target=_rare, loss=functional.binary_cross_entropy_with_logits),
    "sigmoid-and-bce": regress(lambda: nn.Sequential(*mlp(10, 1), nn.Sigmoid()), target=_binary,
                               loss=functional.binary_cross_entropy),
    "several-labels": regress(lambda: mlp(10, 5), target=lambda X: (X[:, :5] > 0.5).float(),
                              loss=functional.binary_cross_entropy_with_logits),
    "smoothed-labels": regress(target=lambda X: 0.9 * _binary(X) + 0.05,
                               loss=functional.binary_cross_entropy_with_logits),
})  # fmt: skip
variants("amounts", {
    "regression": regress(), "huber": regress(loss=functional.huber_loss), "l1": regress(loss=functional.l1_loss),
    "siren": siren_of_a_picture,
    "poisson": regress(target=lambda X: torch.poisson((0.5 * X[:, :1] + 1.0).exp()),
                       loss=nn.PoissonNLLLoss()),
    "quantile": regress(lambda: mlp(10, 3), loss=lambda p, y: torch.stack(
        [torch.maximum(q * (y[:, 0] - p[:, i]), (q - 1) * (y[:, 0] - p[:, i])) for i, q in enumerate((0.1, 0.5, 0.9))]
    ).mean()),
    "gaussian-nll": regress(lambda: mlp(10, 2), loss=lambda p, y: functional.gaussian_nll_loss(
        p[:, :1], y, functional.softplus(p[:, 1:]) + 1e-3)),
    "several-targets": regress(lambda: mlp(10, 3), target=lambda X: torch.cat([amount(X), X[:, :2].abs()], 1)),
    "softplus-end": regress(lambda: nn.Sequential(*mlp(10, 1), nn.Softplus()),
                            target=lambda X: functional.softplus(2 * amount(X))),
    "ratings": regress(target=lambda X: (2 * amount(X)).round().clamp(-2, 2) + 3, epochs=15),
    "five-layers": regress(lambda: mlp(10, 1, depth=5, act=nn.Tanh)),
})  # fmt: skip


@healthy("tables of scikit-learn")
def tumours(_: int) -> Setup:
    X, y = load_breast_cancer(return_X_y=True)
    model = mlp(30, 2, 32)
    return Setup(model, Adam(model.parameters(), 1e-3), scaled(X), torch.tensor(y), functional.cross_entropy,
                 epochs=12, batch=32, classes=True)  # fmt: skip


@healthy("tables of scikit-learn")
def diabetes(_: int) -> Setup:
    X, y = load_diabetes(return_X_y=True)
    model = mlp(10, 1, 32)
    target = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
    return Setup(model, Adam(model.parameters(), 1e-3), scaled(X), target, functional.mse_loss, epochs=15, batch=32)
