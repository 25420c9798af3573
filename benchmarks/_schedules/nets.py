"""Schedules for nets at equal compute: digits with a tenth of wrong labels, three nets, optimisers and decades."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

import nn_bridge
from treedebug import schedules as s

BATCH, EPOCHS = 32, 15
CAP = 2.5
"""Losses over this (chance is 2.303), or not finite, count as this."""
RATES = {"sgd": (0.01, 0.1, 1.0), "momentum": (0.01, 0.1, 1.0), "adamw": (3e-4, 3e-3, 3e-2)}
UNITS = 3
"""Compute of a step: a forward pass is 1, a backward pass 2."""


class Tokens(nn.Module):
    """A small transformer: the rows of the image are eight tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.place = nn.Linear(8, 32), nn.Parameter(0.1 * torch.randn(8, 32))
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.encode = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.encode(self.embed(x.view(-1, 8, 8)) + self.place).mean(dim=1))


NETS: dict[str, Callable[[], nn.Module]] = {
    "mlp": lambda: nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)),
    "cnn": lambda: nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 10),
    ),
    "transformer": Tokens,
}


@dataclass(frozen=True)
class Data:
    train: tuple[torch.Tensor, torch.Tensor]
    valid: tuple[torch.Tensor, torch.Tensor]
    test: tuple[torch.Tensor, torch.Tensor]


def data(seed: int) -> Data:
    """898 rows for training, a tenth of their labels wrong; 300 that schedules may see, 599 that nothing sees."""
    X, y = load_digits(return_X_y=True)
    rng = np.random.default_rng([seed, 17])
    rows = rng.permutation(len(y))
    wrong = rows[:898][rng.random(898) < 0.1]
    y = y.copy()
    y[wrong] = (y[wrong] + rng.integers(1, 10, len(wrong))) % 10
    parts = (rows[:898], rows[898:1198], rows[1198:])
    return Data(*((torch.tensor(X[r] / 16.0, dtype=torch.float32), torch.tensor(y[r])) for r in parts))


Make = Callable[[float], s.Schedule]
PAPER = {"factor": 0.95, "patience": 10, "window": 50}
EACH_STEP: dict[str, Make] = {
    "constant": s.Constant,
    "linear to 0": lambda lr: s.Linear(lr, 0.0),
    "cosine to 0": lambda lr: s.Cosine(lr, 0.0),
    "step, halved 5 times": lambda lr: s.Step(lr, every=70),
    "warm-up-stable-decay": s.WSD,
    "rex": s.REX,
    "one cycle": s.OneCycle,
    "greedy, each step": lambda lr: s.GreedyLR(lr, **PAPER),
    "greedy, each step, then decay": lambda lr: s.FinalDecay(s.GreedyLR(lr, **PAPER), 0.2, shape="1-sqrt"),
}
EACH_EPOCH: dict[str, Make] = {
    "greedy, each epoch": lambda lr: s.GreedyLR(lr, factor=0.7, patience=1, min_lr=lr / 100, max_lr=10 * lr),
    "plateau": lambda lr: s.ReduceOnPlateau(lr, factor=0.5, patience=2),
}
OWN_RATE = ("hypergradient", "line search")
METHODS = (*EACH_STEP, *EACH_EPOCH, *OWN_RATE)


def run(net: str, optimizer: str, lr: float, method: str, seed: int) -> dict[str, Any]:
    """Train once; return the test loss after the last step, and the compute used."""
    known = data(seed)
    torch.manual_seed(seed)
    model = NETS[net]()
    n_steps = EPOCHS * (len(known.train[1]) // BATCH)
    moved = _optimizer(optimizer, method, lr, model)
    each = EACH_STEP.get(method) or EACH_EPOCH.get(method)
    calls = n_steps if method in EACH_STEP else EPOCHS
    scheduler = None if each is None else nn_bridge.ScheduledRate(moved, each(lr), n_steps=calls)
    started = time.perf_counter()
    used = _train(model, moved, scheduler, known, n_steps, per_epoch=method in EACH_EPOCH)
    loss = _loss(model, known.test)
    return {
        "net": net, "optimizer": optimizer, "lr": lr, "method": method, "seed": seed,
        "test": loss if math.isfinite(loss) else None, "valid": _loss(model, known.valid), "units": used,
        "last_rate": float(moved.param_groups[0]["lr"]), "seconds": time.perf_counter() - started,
    }  # fmt: skip


def _optimizer(name: str, method: str, lr: float, model: nn.Module) -> torch.optim.Optimizer:
    params = model.parameters()
    if method == "line search":
        return nn_bridge.ArmijoSGD(params, 1.0, n_batches=28)
    if method == "hypergradient":
        if name == "adamw":
            return nn_bridge.HypergradientAdam(params, lr, weight_decay=0.01)
        return nn_bridge.HypergradientSGD(params, lr, momentum=0.9 if name == "momentum" else 0.0)
    if name == "adamw":
        return torch.optim.AdamW(params, lr=lr)
    return torch.optim.SGD(params, lr=lr, momentum=0.9 if name == "momentum" else 0.0)


def _train(model: nn.Module, optimizer: Any, scheduler: Any, known: Data, n_steps: int, *, per_epoch: bool) -> int:
    """Train until the compute of `n_steps` plain steps is used up; return what was used."""
    X, y = known.train
    used, at, order = 0, 0, torch.randperm(len(y))
    searches = isinstance(optimizer, nn_bridge.ArmijoSGD)
    while used + UNITS <= UNITS * n_steps:
        if at + BATCH > len(y):
            at, order = 0, torch.randperm(len(y))
            if per_epoch:
                scheduler.step(_loss(model, known.valid))
        rows = order[at : at + BATCH]
        at += BATCH
        if searches:
            optimizer.step(lambda rows=rows: nn.functional.cross_entropy(model(X[rows]), y[rows]))
            used = optimizer.n_forward + 2 * optimizer.n_backward
            continue
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
        loss.backward()
        optimizer.step()
        used += UNITS
        if scheduler is not None and not per_epoch:
            scheduler.step(loss.detach() if scheduler.schedule.needs_values else None)
    return used


@torch.no_grad()
def _loss(model: nn.Module, part: tuple[torch.Tensor, torch.Tensor]) -> float:
    model.eval()
    loss = float(nn.functional.cross_entropy(model(part[0]), part[1]))
    model.train()
    return loss
