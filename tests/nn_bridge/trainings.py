"""Small trainings of every kind, with and without a recorder: nets, optimisers and loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

N_STEPS = 6
CLASSES = 3


def mlp() -> nn.Module:
    return nn.Sequential(
        nn.Linear(8, 16), nn.ReLU(inplace=True), nn.Dropout(0.2), nn.Linear(16, 12), nn.Tanh(), nn.Linear(12, CLASSES)
    )


def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (2, 2, 2)), nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True),
        nn.Conv2d(4, 4, 2), nn.Flatten(), nn.Linear(4, CLASSES),
    )  # fmt: skip


class Recurrent(nn.Module):
    def __init__(self, kind: type[nn.RNNBase] = nn.LSTM) -> None:
        super().__init__()
        self.rnn = kind(2, 8, batch_first=True)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = self.rnn(x.reshape(len(x), 4, 2))
        return self.head(states[:, -1])


class Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(2, 8)
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.1)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.encoder(self.embed(x.reshape(len(x), 4, 2))).mean(dim=1))


class Shared(nn.Module):
    """One module called twice, and a weight under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(8, 8)
        self.twin = nn.Linear(8, 8)
        self.twin.weight = self.body.weight
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.twin(functional.relu(self.body(functional.relu(self.body(x))))))


def frozen() -> nn.Module:
    net = mlp()
    net[0].requires_grad_(False)
    return net


def lazy() -> nn.Module:
    return nn.Sequential(nn.LazyLinear(16), nn.ReLU(), nn.LazyBatchNorm1d(), nn.LazyLinear(CLASSES))


class Embedded(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(10, 4, sparse=True)
        self.head = nn.Linear(32, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.table((x.abs() * 3).long().clamp(max=9)).flatten(1))


def double() -> nn.Module:
    return mlp().double()


NETS: dict[str, Callable[[], nn.Module]] = {
    "mlp": mlp, "cnn": cnn, "lstm": Recurrent, "gru": lambda: Recurrent(nn.GRU), "transformer": Transformer,
    "shared": Shared, "frozen": frozen, "lazy": lazy, "sparse embedding": Embedded, "double": double,
}  # fmt: skip


def sgd(net: nn.Module, **settings: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, **settings)


@dataclass
class Loop:
    """What a training does besides forward, backward, step."""

    amp: bool = False
    scaler: bool = False
    clip: bool = False
    micro_batches: int = 1
    keeps_gradients: bool = False
    schedule: bool = False
    breaks: int | None = None
    """The step whose loss is infinite."""


def batches(dtype: torch.dtype = torch.float32) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    numbers = torch.Generator().manual_seed(7)
    for _ in range(N_STEPS):
        yield torch.randn(16, 8, generator=numbers).to(dtype), torch.randint(0, CLASSES, (16,), generator=numbers)


def train(  # noqa: C901, PLR0912 - the variants of one loop
    net: nn.Module,
    optimizers: list[torch.optim.Optimizer],
    loop: Loop,
    recorder: Any = None,
    call: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> None:
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0) if loop.scaler else None
    rates = [torch.optim.lr_scheduler.StepLR(o, 2) for o in optimizers] if loop.schedule else []
    dtype = torch.float64 if next(iter(net.parameters())).dtype == torch.float64 else torch.float32
    for step, (x, y) in enumerate(batches(dtype)):
        for part, target in zip(x.chunk(loop.micro_batches), y.chunk(loop.micro_batches), strict=True):
            with torch.autocast("cpu", torch.bfloat16, enabled=loop.amp):
                loss = functional.cross_entropy((call or net)(part), target)
            if loop.breaks == step:
                loss = loss * float("inf")
            if recorder is not None:
                recorder.log("train", loss=loss)
            (loss if scaler is None else scaler.scale(loss)).backward()
        for optimizer in optimizers:
            if scaler is not None and loop.clip:
                scaler.unscale_(optimizer)
            if loop.clip:
                nn.utils.clip_grad_norm_(net.parameters(), 0.1)
            if scaler is None:
                optimizer.step()
            else:
                scaler.step(optimizer)
        if scaler is not None:
            scaler.update()
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=not loop.keeps_gradients)
        for rate in rates:
            rate.step()
        if recorder is not None and step % 3 == 2:
            recorder.log("valid", loss=float(loss.detach()), accuracy=0.5)
