"""How the situations of networks train and ask: small nets, loops as people write them, default settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

import nn_bridge

from .core import Said, Seen
from .ways import DEFAULTS, told

Loss = Callable[[Any, torch.Tensor], torch.Tensor]
Adam, SGD = torch.optim.Adam, torch.optim.SGD

_AWAY = {
    "labels": "unrelated-labels",
    "rate": r"try (max_)?lr=",
    "init": "poor-initialization|try init",
    "order": "sorted-batches",
    "inputs": "unscaled-inputs",
    "units": "dead-relu",
}


def away(*but: str) -> str:
    """The advice that leads away from any other cause; `but` is what the situation is about."""
    return "|".join(pattern for name, pattern in _AWAY.items() if name not in but)


@dataclass
class Rows:
    """Training, validation and test rows of one problem."""

    X: torch.Tensor
    y: torch.Tensor
    X_valid: torch.Tensor
    y_valid: torch.Tensor
    X_test: torch.Tensor
    y_test: torch.Tensor


def rows(
    target: Callable[[torch.Tensor], torch.Tensor],
    *,
    n: int = 600,
    n_valid: int = 200,
    make: Callable[[int], torch.Tensor] | None = None,
) -> Rows:
    """Draw rows, by default of ten standard normal features, and split them."""
    torch.manual_seed(1)
    X = (make or (lambda size: torch.randn(size, 10)))(n + n_valid + 800)
    y = target(X)
    return Rows(X[:n], y[:n], X[n : n + n_valid], y[n : n + n_valid], X[n + n_valid :], y[n + n_valid :])


def four(X: torch.Tensor) -> torch.Tensor:
    """Four classes."""
    return (X[:, 0] + 0.5 * X[:, 2] > 0).long() + 2 * (X[:, 1] + 0.5 * X[:, 3] > 0).long()


def noisy_four(X: torch.Tensor) -> torch.Tensor:
    """Four classes; a fifth of the labels is drawn anew."""
    y = four(X)
    return torch.where(torch.rand(len(y)) < 0.2, torch.randint(0, 4, (len(y),)), y)


def amount(X: torch.Tensor) -> torch.Tensor:
    """Amounts of mean 0, as a column."""
    return (torch.sin(X[:, 0]) + X[:, 1] * X[:, 2] / 2 + 0.1 * torch.randn(len(X)))[:, None]


def binary(X: torch.Tensor) -> torch.Tensor:
    """Zeros and ones, as a column of floats."""
    return (X[:, :1] + X[:, 1:2] > 0).float()


def mlp(n_in: int = 10, n_out: int = 4, width: int = 48, depth: int = 2, act: Any = nn.ReLU, *more: nn.Module) -> Any:
    """A plain net; `more` stands last."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for _ in range(depth):
        layers += [nn.Linear(n_in, width), act()]
        n_in = width
    return nn.Sequential(*layers, nn.Linear(n_in, n_out), *more)


def train(  # noqa: C901 - it is a loop as people write it
    model: nn.Module,
    data: Rows,
    loss: Loss = functional.cross_entropy,
    optimizer: Any = None,
    *,
    epochs: int = 12,
    batch: int = 50,
    shuffle: bool = True,
    order: Sequence[str] = ("zero", "backward", "step"),
    scheduler: Any = None,
    step_scheduler: str = "step",
    clip: float | None = None,
    modes: bool = True,
    evaluates: str = "eval",
    each_epoch: Callable[[int], None] = lambda _: None,
    test_loss: Loss | None = None,
    accuracy: bool = True,
    test_batch: int = 800,
) -> Seen:
    """Train with a recorder; the loss on the test rows, what the check before says, and what the run says."""
    optimizer = optimizer or Adam(model.parameters(), 3e-3)
    x, y = data.X[:batch], data.y[:batch]
    before = nn_bridge.check(model, optimizer, lambda: loss(model(x), y), config=DEFAULTS)
    torch.manual_seed(2)
    with nn_bridge.TorchRecorder(
        model, optimizer, quiet=True, config=DEFAULTS, scheduler=scheduler if step_scheduler else None
    ) as recorder:
        for epoch in range(epochs):
            each_epoch(epoch)
            if modes:
                model.train()
            index = torch.randperm(len(data.X)) if shuffle else torch.arange(len(data.X))
            for some in index.split(batch):
                value = loss(model(data.X[some]), data.y[some])
                recorder.log("train", loss=value)
                for do in order:
                    if do == "zero":
                        optimizer.zero_grad()
                    elif do == "backward":
                        value.backward()
                    else:
                        if clip:
                            nn.utils.clip_grad_norm_(model.parameters(), clip)
                        optimizer.step()
                if scheduler is not None and step_scheduler == "step":
                    scheduler.step()
            if scheduler is not None and step_scheduler == "epoch":
                scheduler.step()
            if evaluates == "eval":
                model.eval()
            evaluate(recorder, model, data, loss, accuracy=accuracy)
    return Seen(
        loss_on_test_rows(model, data, test_loss or loss, test_batch), told(recorder.run.findings), said_before(before)
    )


@torch.no_grad()
def evaluate(recorder: Any, model: nn.Module, data: Rows, loss: Loss, *, accuracy: bool = True) -> None:
    """Log the validation loss and, of classes, the accuracy."""
    out, y = model(data.X_valid), data.y_valid
    more = {}
    if accuracy and not y.is_floating_point() and isinstance(out, torch.Tensor) and out.dim() == 2:
        more = {"accuracy": float((out.argmax(1) == y).float().mean())}
        recorder.predictions("valid", out, y)
    recorder.log("valid", loss=float(loss(out, y)), **more)


@torch.no_grad()
def loss_on_test_rows(model: nn.Module, data: Rows, loss: Loss, batch: int = 800) -> float:
    """The loss on the test rows, in evaluation mode and batches of so many; 1e9 for what is not a number."""
    model.eval()
    parts = zip(data.X_test.split(batch), data.y_test.split(batch), strict=True)
    values = [float(loss(model(x), y)) for x, y in parts]
    value = sum(values) / len(values)
    return value if math.isfinite(value) else 1e9


def said_before(report: Any) -> tuple[Said, ...]:
    """What the check before the first step says."""
    return told(report.findings)


def error_of_classes(out: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Share of rows whose largest output is not their class."""
    return (out.argmax(1) != y).float().mean()
