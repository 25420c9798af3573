"""A zoo of healthy trainings: kinds of nets, losses and optimisers as people use them, each small and sound.

A kind is a function of the seed that returns a `Setup`, or trains by itself with the recorder it is handed. Kinds are
told into two halves by name: thresholds are set on one, alarms are reported on the other.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

import nn_bridge

HALVES = ("tune", "report")
Loss = Callable[[Any, torch.Tensor], torch.Tensor]


@dataclass
class Setup:
    """A training by one loss and one optimiser; the last fifth of the rows is for validation."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    X: torch.Tensor
    Y: torch.Tensor
    loss: Loss
    epochs: int = 16
    batch: int = 64
    schedule: Any = None
    """A scheduler, stepped after every step."""
    clip: float = 0.0
    classes: bool = False
    """Predictions are told, and accuracy is logged."""
    augment: Callable[[torch.Tensor], torch.Tensor] | None = None
    pair: Loss | None = None
    """The loss in training, where it differs from that of validation."""
    accumulate: int = 1


@dataclass(frozen=True)
class Kind:
    name: str
    family: str
    make: Callable[[int], Any]
    is_loop: bool

    @property
    def half(self) -> str:
        return HALVES[zlib.crc32(self.name.encode()) % 2]


ZOO: dict[str, Kind] = {}


def healthy(family: str, *, loop: bool = False) -> Callable[[Callable[[int], Any]], Callable[[int], Any]]:
    """Register a kind under its function's name; a `loop` trains by itself and returns the run."""

    def register(make: Callable[[int], Any]) -> Callable[[int], Any]:
        name = make.__name__.replace("_", "-")
        ZOO[name] = Kind(name, family, make, loop)
        return make

    return register


def variants(family: str, table: dict[str, Callable[[int], Any]]) -> None:
    """Register several kinds at once."""
    for name, make in table.items():
        ZOO[name] = Kind(name, family, make, is_loop=False)


def trained(name: str, seed: int) -> dict[str, Any]:
    """Train a kind and return what its run says."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    kind = ZOO[name]
    run = kind.make(seed) if kind.is_loop else fit(kind.make(seed))
    found = [{"code": f.code, "severity": f.severity.label, "message": f.message} for f in run.findings]
    notes = [n.message for n in run.data.notes]
    about = {"kind": name, "family": kind.family, "half": kind.half, "seed": seed}
    return about | {"findings": found, "notes": notes, "facts": improvement(run)}


def improvement(run: nn_bridge.NetRun) -> dict[str, float]:
    """First and last training loss: a healthy training lowers it."""
    losses = [s.values for s in run.data.evals if run.data.evals.is_training(s.dataset)]
    return {"first": float(losses[0][0]), "last": float(losses[0][-1])} if losses and len(losses[0]) else {}


def recorder(model: nn.Module, optimizer: Any, **settings: Any) -> nn_bridge.TorchRecorder:
    return nn_bridge.TorchRecorder(model, optimizer, None, quiet=True, **settings)


def fit(s: Setup) -> nn_bridge.NetRun:
    """Train as a practitioner would, by default with a cosine schedule to the end."""
    n = len(s.X) - len(s.X) // 5
    n_steps = s.epochs * -(-n // s.batch) // s.accumulate
    schedule = s.schedule or torch.optim.lr_scheduler.CosineAnnealingLR(s.optimizer, max(n_steps, 1))
    loss = s.pair or s.loss
    with recorder(s.model, s.optimizer) as r:
        step = 0
        for _ in range(s.epochs):
            s.model.train()
            for rows in torch.randperm(n).split(s.batch):
                x = s.X[rows] if s.augment is None else s.augment(s.X[rows])
                value = loss(s.model(x), s.Y[rows]) / s.accumulate
                r.log("train", loss=value)
                if step % s.accumulate == 0:
                    s.optimizer.zero_grad()
                value.backward()
                step += 1
                if step % s.accumulate:
                    continue
                if s.clip:
                    nn.utils.clip_grad_norm_(s.model.parameters(), s.clip)
                s.optimizer.step()
                schedule.step()
            _validate(s, n, r)
    return r.run


def _validate(s: Setup, n: int, r: nn_bridge.TorchRecorder) -> None:
    s.model.eval()
    with torch.no_grad():
        out, y = s.model(s.X[n:]), s.Y[n:]
        also = {"accuracy": float((out.argmax(1) == y).float().mean())} if s.classes else {}
        r.log("valid", loss=float(s.loss(out, y)), **also)
        if s.classes:
            r.predictions("valid", out, y)
