"""Healthy kinds: sequences, look-ups, adversaries, differences, physics, and loops of their own."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

import nn_bridge
from _nn.zoo import Setup, healthy, recorder
from _nn.zoo_kinds import Adam, AdamW, amount, classify, digits, four, mlp, regress, table

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
    Y = (u[X[:, 0]] * i[X[:, 1]]).sum(1) / 2
    return Setup(model, Adam(model.parameters(), 1e-2), X, Y, functional.mse_loss, epochs=12)


@healthy("look-ups")
def bag_of_words(_: int) -> Setup:
    X = torch.zeros(1000, 300)
    words = torch.randint(0, 300, (1000, 6))
    X.scatter_(1, words, 1.0)
    model = mlp(300, 2, 32, 1)
    return Setup(model, Adam(model.parameters(), 3e-3), X, (words < 150).sum(1).gt(3).long(), functional.cross_entropy,
                 classes=True)  # fmt: skip


@healthy("generative")
def vae(_: int) -> Setup:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encode, self.decode = mlp(64, 16, 48, 1), mlp(8, 64, 48, 1)

        def forward(self, x: torch.Tensor) -> Any:
            mean, log_var = self.encode(x).chunk(2, 1)
            z = mean + torch.randn_like(mean) * (0.5 * log_var).exp() if self.training else mean
            return self.decode(z), mean, log_var

    def loss(out: Any, x: torch.Tensor) -> torch.Tensor:
        made, mean, log_var = out
        kl = -0.5 * (1 + log_var - mean**2 - log_var.exp()).sum(1).mean()
        return functional.binary_cross_entropy_with_logits(made, x, reduction="sum") / len(x) + 0.5 * kl

    X = digits()[0].flatten(1)
    model = Net()
    return Setup(model, Adam(model.parameters(), 2e-3), X, X, loss, epochs=8)


def _adversaries(game: str) -> nn_bridge.NetRun:
    """A generator of two moons against a critic."""

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.G, self.D = mlp(4, 2, 48), mlp(2, 1, 48, act=nn.LeakyReLU)

    net = Both()
    g, d = Adam(net.G.parameters(), 1e-3, betas=(0.5, 0.9)), Adam(net.D.parameters(), 1e-3, betas=(0.5, 0.9))
    ones = {
        "gan": functional.binary_cross_entropy_with_logits, "lsgan": functional.mse_loss,
    }.get(game)  # fmt: skip
    with recorder(net, [d, g], round_steps=50) as r:
        for _ in range(400):
            angle = torch.rand(64, 1) * 3.14
            real, z = torch.cat([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(64, 2), torch.randn(64, 4)
            r.forwarded(z)
            yes, no = net.D(real), net.D(net.G(z).detach())
            if ones is None:
                loss = no.mean() - yes.mean() + 0.1 * (yes**2).mean()
            else:
                loss = ones(yes, torch.ones_like(yes)) + ones(no, torch.zeros_like(no))
            r.log("train", loss_d=loss)
            d.zero_grad()
            loss.backward()
            d.step()
            made = net.D(net.G(z))
            loss = -made.mean() if ones is None else ones(made, torch.ones_like(made))
            r.log("train", loss_g=loss)
            g.zero_grad()
            loss.backward()
            g.step()
    return r.run


@healthy("generative", loop=True)
def gan(_: int) -> nn_bridge.NetRun:
    return _adversaries("gan")


@healthy("generative", loop=True)
def gan_least_squares(_: int) -> nn_bridge.NetRun:
    return _adversaries("lsgan")


@healthy("generative", loop=True)
def gan_critic(_: int) -> nn_bridge.NetRun:
    return _adversaries("critic")


@healthy("generative")
def diffusion(_: int) -> Setup:
    """Predicts the noise that was added."""
    angle, level = torch.rand(2000, 1) * 6.28, torch.rand(2000, 1)
    clean, noise = torch.cat([angle.cos(), angle.sin()], 1), torch.randn(2000, 2)
    X = torch.cat([(1 - level) * clean + level * noise, level], 1)
    model = mlp(3, 2, 64, act=nn.SiLU)
    return Setup(model, Adam(model.parameters(), 2e-3), X, noise, functional.mse_loss, epochs=12)


def _differences(loss_of: Any) -> nn_bridge.NetRun:
    X = table(0, 800)
    y, net = four(X), mlp(10, 16)
    optimizer = Adam(net.parameters(), 1e-3)
    with recorder(net, optimizer, round_steps=50) as r:
        for _ in range(300):
            rows = torch.randint(0, 800, (96,))
            loss = loss_of(net, X[rows], y[rows])
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return r.run


@healthy("differences", loop=True)
def contrastive(_: int) -> nn_bridge.NetRun:
    def loss(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        a, b = net(x).chunk(2)
        same, apart = (y[:48] == y[48:]).float(), functional.pairwise_distance(a, b)
        return (same * apart**2 + (1 - same) * functional.relu(2 - apart) ** 2).mean()

    return _differences(loss)


@healthy("differences", loop=True)
def triplets(_: int) -> nn_bridge.NetRun:
    def loss(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        anchor, near, far = net(x[:32]), net(x[:32] + 0.1 * torch.randn(32, 10)), net(x[32:64])
        return functional.triplet_margin_loss(anchor, near, far)

    return _differences(loss)


@healthy("differences", loop=True)
def info_nce(_: int) -> nn_bridge.NetRun:
    def loss(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        one, other = (functional.normalize(net(x + 0.1 * torch.randn_like(x))) for _ in range(2))
        return functional.cross_entropy(one @ other.T / 0.1, torch.arange(len(x)))

    return _differences(loss)


@healthy("differences", loop=True)
def ranking(_: int) -> nn_bridge.NetRun:
    X, net = table(0, 800), mlp(10, 1)
    Y, optimizer = amount(X)[:, 0], Adam(net.parameters(), 1e-3)
    with recorder(net, optimizer, round_steps=50) as r:
        for _ in range(250):
            rows = torch.randint(0, 800, (32,))
            s, better = net(X[rows]), (Y[rows][:, None] > Y[rows][None]).float()
            loss = functional.binary_cross_entropy_with_logits(s - s.T, better)
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return r.run


@healthy("physics", loop=True)
def pinn(_: int) -> nn_bridge.NetRun:
    """u'' = -u with u(0) = 0 and u'(0) = 1."""
    net = mlp(1, 1, 32, 3, act=nn.Tanh)
    optimizer = Adam(net.parameters(), 2e-3)
    with recorder(net, optimizer, round_steps=50) as r:
        for _ in range(400):
            t = (torch.rand(64, 1) * 3.0).requires_grad_()
            u = net(t)
            (du,) = torch.autograd.grad(u.sum(), t, create_graph=True)
            (ddu,) = torch.autograd.grad(du.sum(), t, create_graph=True)
            zero = torch.zeros(1, 1, requires_grad=True)
            begun = net(zero)
            (speed,) = torch.autograd.grad(begun.sum(), zero, create_graph=True)
            loss = (ddu + u).square().mean() + begun.square().mean() + (speed - 1).square().mean()
            r.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return r.run


def _whole_batch(make: Any, n: int) -> nn_bridge.NetRun:
    X = table(0, 400, 6)
    y, net = torch.sin(X[:, 0]) + X[:, 1], mlp(6, 1, 16, 1, act=nn.Tanh)
    optimizer = make(net.parameters())
    with recorder(net, optimizer) as r:
        for _ in range(n):

            def closure() -> torch.Tensor:
                optimizer.zero_grad()
                loss = functional.mse_loss(net(X)[:, 0], y)
                loss.backward()
                return loss

            r.log("train", loss=optimizer.step(closure))
            r.log("valid", loss=functional.mse_loss(net(X)[:, 0], y).detach())
    return r.run


@healthy("whole batches", loop=True)
def lbfgs(_: int) -> nn_bridge.NetRun:
    return _whole_batch(lambda p: torch.optim.LBFGS(p, 1, max_iter=10, line_search_fn="strong_wolfe"), 15)


@healthy("whole batches", loop=True)
def rprop(_: int) -> nn_bridge.NetRun:
    return _whole_batch(lambda p: torch.optim.Rprop(p, 0.01), 60)


@healthy("two heads", loop=True)
def reconstruction_with_a_head(_: int) -> nn_bridge.NetRun:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.back, self.head = mlp(10, 8, 32, 1), nn.Linear(8, 10), nn.Linear(8, 4)

        def forward(self, x: torch.Tensor) -> Any:
            z = torch.relu(self.body(x))
            return self.back(z), self.head(z)

    X = table(0)
    y, net = four(X), Net()
    optimizer = Adam(net.parameters(), 2e-3)
    with recorder(net, optimizer) as r:
        for _ in range(8):
            for rows in torch.randperm(len(X)).split(64):
                made, scores = net(X[rows])
                parts = functional.mse_loss(made, X[rows]), functional.cross_entropy(scores, y[rows])
                r.log("train", loss=parts[0], loss_head=parts[1])
                optimizer.zero_grad()
                sum(parts).backward()
                optimizer.step()
            with torch.no_grad():
                r.log("valid", loss=functional.mse_loss(net(X)[0], X))
    return r.run


@healthy("two heads")
def distilled(seed: int) -> Setup:
    teacher = mlp(10, 4).requires_grad_(False)

    def soft(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return functional.kl_div(p.log_softmax(1), y.softmax(1), reduction="batchmean")

    return regress(lambda: mlp(10, 4), target=lambda X: 4 * teacher(X), loss=soft)(seed)


@healthy("two heads")
def attention_pool(seed: int) -> Setup:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.query, self.body, self.out = nn.Parameter(0.1 * torch.randn(16)), nn.Linear(5, 16), nn.Linear(16, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = torch.tanh(self.body(x.view(len(x), 2, 5)))
            return self.out(((h @ self.query).softmax(1)[..., None] * h).sum(1))

    return classify(Net, epochs=15)(seed)


@healthy("sparse")
def sparse_codes(_: int) -> Setup:
    """A wide code with an L1 penalty."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encode, self.decode = nn.Linear(64, 256), nn.Linear(256, 64)

        def forward(self, x: torch.Tensor) -> Any:
            z = torch.relu(self.encode(x))
            return self.decode(z), z

    X = digits()[0].flatten(1)
    model = Net()
    return Setup(model, Adam(model.parameters(), 2e-3), X, X, epochs=12,
                 loss=lambda out, x: functional.mse_loss(out[0], x) + 1e-3 * out[1].abs().mean())  # fmt: skip


@healthy("short", loop=True)
def half_precision_by_autocast(_: int) -> nn_bridge.NetRun:
    X = table(0)
    y, net = four(X), mlp(10, 4)
    optimizer = Adam(net.parameters(), 2e-3)
    with recorder(net, optimizer) as r:
        for _ in range(8):
            for rows in torch.randperm(len(X)).split(64):
                with torch.autocast("cpu", torch.bfloat16):
                    loss = functional.cross_entropy(net(X[rows]), y[rows])
                r.log("train", loss=loss)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                r.log("valid", loss=functional.cross_entropy(net(X), y))
    return r.run
