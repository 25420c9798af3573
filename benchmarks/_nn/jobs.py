"""A job: one training as a practitioner would set it up. Faults are changes to a job."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from _nn.data import DATA, Data, Part, split
from _nn.nets import NETS, Shape

TUNE = (("mlp", "digits"), ("cnn", "digits"), ("rnn", "waves"), ("transformer", "waves"))
REPORT = (("mlp", "tumours"), ("mlp", "shells"), ("cnn", "shapes"), ("rnn", "tokens"), ("transformer", "tokens"))
SETUPS = {f"{net}-{data}": half for half, pairs in (("tune", TUNE), ("report", REPORT)) for net, data in pairs}
"""Setup -> half."""
RECIPES = ("sgd", "adam", "tuned")

_SGD = {"mlp": 0.05, "cnn": 0.05, "rnn": 0.1, "transformer": 0.05}
_ADAM = {"mlp": 2e-3, "cnn": 2e-3, "rnn": 4e-3, "transformer": 2e-3}
_EPOCHS = {"mlp": 20, "cnn": 20, "rnn": 24, "transformer": 16}
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class Unfit(Exception):  # noqa: N818 - not an error
    """This fault cannot be made on this net or these data."""


@dataclass
class Job:
    net: str
    data: Data
    seed: int
    recipe: str
    train: Part
    valid: Part
    test: Part
    shape: Shape = field(default_factory=Shape)
    optimizer: str = "sgd"
    lr: float = 0.05
    momentum: float = 0.9
    weight_decay: float = 1e-4
    eps: float = 1e-8
    """Of Adam and AdamW."""
    epochs: int = 20
    batch: int = 32
    clip: float | None = None
    schedule: Callable[[torch.optim.Optimizer, int], Any] | None = None
    """Optimiser and steps in all -> a scheduler."""
    schedule_by: str = "step"
    """After what the scheduler is stepped: "step" or "epoch"."""
    shuffle: bool = True
    zero_grad: bool = True
    order: str = "zero backward step"
    """What the loop does after the forward pass."""
    each_epoch: Callable[[nn.Module, int], None] | None = None
    """What is done to the net as an epoch begins."""
    train_mode: bool = True
    """Whether `model.train()` is called again after an evaluation."""
    eval_mode: bool = True
    """Whether `model.eval()` is called before one."""
    loss: Loss = functional.cross_entropy
    built: list[Callable[[nn.Module], None]] = field(default_factory=list)
    """What is done to the net after it is made."""
    optimised: Callable[[nn.Module], Iterable[nn.Parameter]] = nn.Module.parameters
    unscaled_loss: float = 1.0
    """Loss scale of a half precision training that is never taken out again."""
    final: Callable[[torch.Tensor], torch.Tensor] | None = None
    """What the net does to its logits."""

    @property
    def n(self) -> int:
        return len(self.train.y)

    def copy(self) -> Job:
        return copy.deepcopy(self)

    def make_net(self) -> nn.Module:
        torch.manual_seed(self.seed)
        model = NETS[self.net](self.data, self.shape)
        for change in self.built:
            change(model)
        return model

    def make_optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        parameters = list(self.optimised(model))
        if self.optimizer == "sgd":
            return torch.optim.SGD(parameters, self.lr, momentum=self.momentum, weight_decay=self.weight_decay)
        kind = torch.optim.AdamW if self.optimizer == "adamw" else torch.optim.Adam
        return kind(parameters, self.lr, weight_decay=self.weight_decay, eps=self.eps)


@cache
def load(name: str) -> Data:
    return DATA[name]()


def scaled(parts: tuple[Part, Part, Part]) -> None:
    """Zero mean and unit variance, by the training rows: pictures as a whole, anything else feature by feature."""
    X = parts[0].X
    if X.dtype.kind == "i":
        return
    axes = None if X.ndim == 4 else tuple(range(X.ndim - 1))
    mean, std = X.mean(axis=axes), X.std(axis=axes)
    for part in parts:
        part.X = ((part.X - mean) / np.maximum(std, 1e-6)).astype(np.float32)


def cosine(optimizer: torch.optim.Optimizer, n_steps: int) -> Any:
    warm = max(n_steps // 20, 1)
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda s: (
            (s + 1) / warm if s < warm else 0.5 * (1 + np.cos(np.pi * (s - warm) / max(n_steps - warm, 1))) + 0.01
        ),
    )


def sound(net: str, data: str, seed: int, recipe: str, *, raw: bool = False) -> Job:
    """A sound training. Recipes: SGD with momentum; Adam; AdamW with warm-up, cosine, batch norm and dropout."""
    table = load(data)
    parts = split(table, seed)
    if not raw:
        scaled(parts)
    job = Job(net, table, seed, recipe, *parts, epochs=_EPOCHS[net])
    if data == "tumours":  # few rows, soon learned
        job.batch, job.epochs = 16, 10
    if recipe == "sgd":
        job.lr = _SGD[net]
        job.clip = 1.0 if net in ("rnn", "transformer") else None
    else:
        job.optimizer, job.lr, job.weight_decay = "adam", _ADAM[net], 0.0
    if data == "tumours":
        job.lr /= 4
    if recipe == "tuned":
        job.epochs += job.epochs // 2 if net == "mlp" else 0
        job.optimizer, job.lr, job.weight_decay, job.schedule = "adamw", 1.5 * _ADAM[net], 0.01, cosine
        job.shape = Shape(norm="" if net == "transformer" else "batch", dropout=0.1)
        job.clip = 1.0
    return job
