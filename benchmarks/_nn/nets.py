"""Four nets as people write them: MLP, CNN, RNN and a small transformer, each with a few knobs that faults turn."""

from __future__ import annotations

import torch
from torch import nn

from _nn.data import Data

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU, "none": nn.Identity}


class Shape:
    """What of the net a job may choose. `depth` counts hidden layers; `norm` is "" or "batch"."""

    def __init__(self, *, activation: str = "", depth: int = 0, norm: str = "", dropout: float = 0.0) -> None:
        self.activation, self.depth, self.norm, self.dropout = activation, depth, norm, dropout


class MLP(nn.Module):
    def __init__(self, data: Data, shape: Shape) -> None:
        super().__init__()
        width, n_in, layers = 64, int(torch.tensor(data.X.shape[1:]).prod()), []
        for _ in range(shape.depth or 3):
            layers.append(nn.Linear(n_in, width))
            if shape.norm:
                layers.append(nn.BatchNorm1d(width))
            layers.append(ACTIVATIONS[shape.activation or "relu"]())
            if shape.dropout:
                layers.append(nn.Dropout(shape.dropout))
            n_in = width
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(width, data.n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x.flatten(1)))


class CNN(nn.Module):
    def __init__(self, data: Data, shape: Shape) -> None:
        super().__init__()
        channels, layers = data.X.shape[1], []
        for width in [8, 16, *[16] * (max(shape.depth, 2) - 2)]:
            layers.append(nn.Conv2d(channels, width, 3, padding=1))
            if shape.norm:
                layers.append(nn.BatchNorm2d(width))
            layers.append(ACTIVATIONS[shape.activation or "relu"]())
            if len(layers) < 7:
                layers.append(nn.MaxPool2d(2))
            channels = width
        self.body = nn.Sequential(*layers)
        with torch.no_grad():
            n_in = self.body.eval()(torch.zeros(1, *data.X.shape[1:])).numel()
        self.body.train()
        self.hidden = nn.Linear(n_in, 48)
        self.act = ACTIVATIONS[shape.activation or "relu"]()
        self.drop = nn.Dropout(shape.dropout)
        self.head = nn.Linear(48, data.n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.drop(self.act(self.hidden(self.body(x).flatten(1)))))


class RNN(nn.Module):
    """A GRU (`activation` "tanh" or "relu": a plain recurrent net) over the steps; the last state decides."""

    def __init__(self, data: Data, shape: Shape) -> None:
        super().__init__()
        width = 48
        self.embed = nn.Embedding(int(data.X.max()) + 1, 16) if data.is_tokens else None
        n_in = 16 if data.is_tokens else data.X.shape[2]
        if shape.activation in ("tanh", "relu"):
            self.rnn = nn.RNN(n_in, width, nonlinearity=shape.activation, batch_first=True)
        else:
            self.rnn = nn.GRU(n_in, width, batch_first=True)
        self.drop = nn.Dropout(shape.dropout)
        self.hidden = nn.Linear(width, 32)
        self.norm = nn.BatchNorm1d(32) if shape.norm else nn.Identity()
        self.act = nn.ReLU()
        self.head = nn.Linear(32, data.n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = self.rnn(x if self.embed is None else self.embed(x))
        return self.head(self.act(self.norm(self.hidden(self.drop(states[:, -1])))))


class Block(nn.Module):
    def __init__(self, width: int, shape: Shape) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.act = ACTIVATIONS[shape.activation or "gelu"]()
        self.drop = nn.Dropout(shape.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm1(x)
        x = x + self.drop(self.attention(y, y, y, need_weights=False)[0])
        return x + self.drop(self.down(self.act(self.up(self.norm2(x)))))


class Transformer(nn.Module):
    def __init__(self, data: Data, shape: Shape) -> None:
        super().__init__()
        width = 32
        steps = data.X.shape[-2] if data.X.ndim == 4 else data.X.shape[1]
        self.embed: nn.Module
        if data.is_tokens:
            self.embed = nn.Embedding(int(data.X.max()) + 1, width)
        else:
            self.embed = nn.Linear(data.X.shape[-1], width)
        self.place = nn.Parameter(0.1 * torch.randn(1, steps, width))
        self.blocks = nn.Sequential(*[Block(width, shape) for _ in range(shape.depth or 2)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, data.n_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x[:, 0] if x.ndim == 4 else x
        return self.head(self.norm(self.blocks(self.embed(x) + self.place)).mean(1))


NETS = {"mlp": MLP, "cnn": CNN, "rnn": RNN, "transformer": Transformer}
