"""Healthy kinds: images, and autoencoders of them."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from _nn.zoo import Setup, healthy
from _nn.zoo_kinds import SGD, Adam, AdamW, digits, mlp


def cnn(norm: bool = True) -> nn.Module:
    def block(a: int, b: int) -> list[nn.Module]:
        return [nn.Conv2d(a, b, 3, padding=1), *([nn.BatchNorm2d(b)] if norm else []), nn.ReLU(), nn.MaxPool2d(2)]

    return nn.Sequential(*block(1, 16), *block(16, 32), nn.Flatten(), nn.Linear(128, 10))


def _pictures(model: nn.Module, optimizer: Any, **settings: Any) -> Setup:
    X, y = digits()
    return Setup(
        model, optimizer(model.parameters()), X, y, functional.cross_entropy, classes=True, epochs=6, **settings
    )


@healthy("images")
def cnn_batch_norm_sgd(_: int) -> Setup:
    return _pictures(cnn(), lambda p: SGD(p, 0.05, momentum=0.9))


@healthy("images")
def cnn_adam(_: int) -> Setup:
    return _pictures(cnn(norm=False), lambda p: Adam(p, 1e-3))


@healthy("images")
def cnn_augmented(_: int) -> Setup:
    noise = lambda x: torch.roll(x, int(torch.randint(-1, 2, ())), 3) + 0.1 * torch.randn_like(x)
    return _pictures(cnn(), lambda p: AdamW(p, 2e-3), augment=noise)


@healthy("images")
def cnn_one_cycle(_: int) -> Setup:
    s = _pictures(cnn(), lambda p: SGD(p, 0.05, momentum=0.9))
    s.schedule = torch.optim.lr_scheduler.OneCycleLR(s.optimizer, 0.1, total_steps=6 * 23)
    return s


@healthy("images")
def cnn_group_norm(_: int) -> Setup:
    net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.SiLU(), nn.AdaptiveAvgPool2d(4),
                        nn.Flatten(), nn.Linear(256, 10))  # fmt: skip
    return _pictures(net, lambda p: Adam(p, 2e-3))


@healthy("images")
def segmentation(_: int) -> Setup:
    X, _y = digits()
    model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(),
                          nn.Conv2d(16, 2, 1))  # fmt: skip
    return Setup(model, Adam(model.parameters(), 2e-3), X, (functional.avg_pool2d(X, 3, 1, 1)[:, 0] > 0.4).long(),
                 functional.cross_entropy, epochs=5)  # fmt: skip


def _coded(model: nn.Module, loss: Any, flat: bool = True) -> Setup:
    X, _ = digits()
    X = X.flatten(1) if flat else X
    return Setup(model, Adam(model.parameters(), 2e-3), X, X, loss, epochs=8)


@healthy("autoencoders")
def autoencoder(_: int) -> Setup:
    return _coded(nn.Sequential(*mlp(64, 16, 48, 1), nn.ReLU(), *mlp(16, 64, 48, 1)), functional.mse_loss)


@healthy("autoencoders")
def autoencoder_bce(_: int) -> Setup:
    model = nn.Sequential(*mlp(64, 16, 48, 1), nn.ReLU(), nn.Linear(16, 64), nn.Sigmoid())
    return _coded(model, functional.binary_cross_entropy)


@healthy("autoencoders")
def autoencoder_convolution(_: int) -> Setup:
    model = nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 8, 3, 2, 1), nn.ReLU(),
                          nn.ConvTranspose2d(8, 16, 2, 2), nn.ReLU(), nn.ConvTranspose2d(16, 1, 2, 2))  # fmt: skip
    return _coded(model, functional.mse_loss, flat=False)


@healthy("autoencoders")
def denoising(_: int) -> Setup:
    s = _coded(nn.Sequential(*mlp(64, 16, 48, 1), nn.ReLU(), *mlp(16, 64, 48, 1)), functional.mse_loss)
    s.augment = lambda x: x + 0.2 * torch.randn_like(x)
    return s
