"""Healthy kinds: sequences, and nets that look rows up."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from _nn.zoo import Setup, healthy
from _nn.zoo_kinds import Adam, AdamW, mlp, table

N_TOKENS = 20


def _tokens(seed: int, n: int = 1000, steps: int = 12) -> torch.Tensor:
    return torch.randint(1, N_TOKENS, (n, steps), generator=torch.Generator().manual_seed(seed))


def _which(X: torch.Tensor) -> torch.Tensor:
    return (X < 8).sum(1).clamp(3, 6) - 3


class Recurrent(nn.Module):
    def __init__(self, kind: Any, n_out: int = 4) -> None:
        super().__init__()
        self.embed, self.rnn, self.out = (
            nn.Embedding(N_TOKENS, 16),
            kind(16, 32, batch_first=True),
            nn.Linear(32, n_out),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(self.rnn(self.embed(x))[0][:, -1])


def _sequences(model: nn.Module, rate: float = 3e-3, **settings: Any) -> Setup:
    X = _tokens(0)
    return Setup(model, Adam(model.parameters(), rate), X, _which(X), functional.cross_entropy, clip=1.0, classes=True,
                 **settings)  # fmt: skip


@healthy("sequences")
def lstm(_: int) -> Setup:
    return _sequences(Recurrent(nn.LSTM), epochs=8)


@healthy("sequences")
def gru(_: int) -> Setup:
    return _sequences(Recurrent(nn.GRU), epochs=8)


class Encoder(nn.Module):
    def __init__(self, n_out: int, *, is_causal: bool = False) -> None:
        super().__init__()
        self.embed, self.place = nn.Embedding(N_TOKENS, 32), nn.Parameter(0.02 * torch.randn(12, 32))
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.body, self.out, self.is_causal = (
            nn.TransformerEncoder(layer, 2, enable_nested_tensor=False),
            nn.Linear(32, n_out),
            is_causal,
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.embed(x) + self.place[: x.shape[1]]
        if not self.is_causal:
            return self.out(self.body(h).mean(1))
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return self.out(self.body(h, mask=mask, is_causal=True)).transpose(1, 2)


@healthy("sequences")
def transformer(_: int) -> Setup:
    return _sequences(Encoder(4), 2e-3, epochs=8)


@healthy("sequences")
def language_model(_: int) -> Setup:
    start = torch.randint(1, N_TOKENS, (800, 1))
    X = (start + 3 * torch.arange(13)[None]) % (N_TOKENS - 1) + 1
    model = Encoder(N_TOKENS, is_causal=True)
    return Setup(model, AdamW(model.parameters(), 2e-3), X[:, :-1], X[:, 1:], functional.cross_entropy, epochs=6)


@healthy("sequences")
def forecast(_: int) -> Setup:
    t = torch.rand(900, 1) * 6 + torch.arange(24)[None] * 0.3
    X = torch.sin(t)[..., None]

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.out = nn.GRU(1, 24, batch_first=True), nn.Linear(24, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.out(self.rnn(x)[0][:, -1])

    model = Net()
    return Setup(model, Adam(model.parameters(), 3e-3), X[:, :-1], X[:, -1], functional.mse_loss, epochs=8)


@healthy("sequences")
def convolution_of_signals(_: int) -> Setup:
    t = torch.rand(900, 1) * 6 + torch.arange(32)[None] * 0.3
    kind = torch.randint(0, 2, (900,))
    X = torch.where(kind[:, None] > 0, torch.sin(t), torch.sign(torch.sin(t)))[:, None] + 0.1 * torch.randn(900, 1, 32)
    model = nn.Sequential(nn.Conv1d(1, 16, 5), nn.BatchNorm1d(16), nn.ReLU(), nn.AdaptiveAvgPool1d(4), nn.Flatten(),
                          nn.Linear(64, 2))  # fmt: skip
    return Setup(model, Adam(model.parameters(), 2e-3), X, kind, functional.cross_entropy, epochs=8, classes=True)


class Mixed(nn.Module):
    """Category ids in the first columns of one table, numbers in the others."""

    def __init__(self, *, is_float: bool) -> None:
        super().__init__()
        self.embed, self.body, self.is_float = nn.Embedding(50, 8), mlp(16 if is_float else 8, 4), is_float

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found = self.embed(x[:, 0].long())
        return self.body(torch.cat([found, x[:, 1:]], 1) if self.is_float else found)


@healthy("look-ups")
def category_ids_and_numbers(seed: int) -> Setup:
    ids, X = torch.randint(0, 50, (1200, 1)).float(), table(seed, d=8)
    model = Mixed(is_float=True)
    y = (X[:, 0] > 0).long() + 2 * (ids[:, 0] > 25).long()
    return Setup(model, Adam(model.parameters(), 3e-3), torch.cat([ids, X], 1), y, functional.cross_entropy,
                 classes=True)  # fmt: skip


@healthy("look-ups")
def category_ids_as_floats(_: int) -> Setup:
    ids = torch.randint(0, 50, (1200, 1)).float()
    model = Mixed(is_float=False)
    return Setup(model, Adam(model.parameters(), 1e-2), ids, (ids[:, 0] % 4).long(), functional.cross_entropy,
                 classes=True)  # fmt: skip


@healthy("look-ups")
def factorisation(_: int) -> Setup:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.users, self.items = nn.Embedding(80, 8), nn.Embedding(60, 8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (self.users(x[:, 0]) * self.items(x[:, 1])).sum(1)

    u, i = torch.randn(80, 3), torch.randn(60, 3)
    X = torch.stack([torch.randint(0, 80, (3000,)), torch.randint(0, 60, (3000,))], 1)
    model = Net()
    for p in model.parameters():
        nn.init.normal_(p, std=0.3)
    rating = (u[X[:, 0]] * i[X[:, 1]]).sum(1) / 2
    return Setup(model, Adam(model.parameters(), 1e-2), X, rating, functional.mse_loss, epochs=12)


@healthy("look-ups")
def bag_of_words(_: int) -> Setup:
    X = torch.zeros(1000, 300)
    words = torch.randint(0, 300, (1000, 6))
    X.scatter_(1, words, 1.0)
    model = mlp(300, 2, 32, 1)
    return Setup(model, Adam(model.parameters(), 3e-3), X, (words < 150).sum(1).gt(3).long(), functional.cross_entropy,
                 classes=True)  # fmt: skip
