"""Networks: modes, normalisation, dropout, layers and their start, after threads that no rule was built on."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from .core import Seen, situation
from .nets_ways import SGD, Adam, amount, away, four, mlp, noisy_four, rows, train

KIND = "networks: modes, layers and start"


def _dropped(p: float = 0.5) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(10, 96), nn.ReLU(), nn.Dropout(p), nn.Linear(96, 96), nn.ReLU(), nn.Dropout(p),
                         nn.Linear(96, 4))  # fmt: skip


def _normed(momentum: float = 0.1) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(10, 48), nn.BatchNorm1d(48, momentum=momentum), nn.ReLU(), nn.Linear(48, 48),
                         nn.BatchNorm1d(48, momentum=momentum), nn.ReLU(), nn.Linear(48, 4))  # fmt: skip


@situation("wkentaro/pytorch-fcn #56", KIND, cause="evaluation mode|model.train", misleading=away(),
           measure="log loss")  # fmt: skip
def never_back_to_training_mode(mended: bool) -> Seen:
    """model.eval() before validation, and no model.train() after it: dropout is off from then on."""
    return train(_dropped(), rows(noisy_four, n=200), epochs=50, modes=mended)


@situation("wolny/pytorch-3dunet #53", KIND, cause="training mode|model.eval", misleading=away(),
           measure="validation log loss as it is shown")  # fmt: skip
def validated_in_training_mode(mended: bool) -> Seen:
    """Validation runs in training mode: dropout is on."""
    data, model = rows(four), _dropped(0.7)
    seen = train(model, data, evaluates="eval" if mended else "train")
    model.train(not mended)
    with torch.no_grad():
        return Seen(float(functional.cross_entropy(model(data.X_valid), data.y_valid)), seen.run, seen.params)


class _Functional(nn.Module):
    def __init__(self, mended: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.a, self.b, self.mended = nn.Linear(10, 64), nn.Linear(64, 4), mended

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        on = self.training if self.mended else True
        return self.b(functional.dropout(torch.relu(self.a(x)), 0.6, training=on))


@situation("pytorch/tutorials #1624", KIND, cause="dropout|chance|self.training", misleading=away(), measure="log loss")
def functional_dropout_in_evaluation(mended: bool) -> Seen:
    """F.dropout(x, 0.6) without training=self.training is on in evaluation, too."""
    return train(_Functional(mended), rows(four))


@situation("chemprop/chemprop #607", KIND, cause="statistics|momentum", misleading=away(), measure="log loss")
def statistics_that_lag(mended: bool) -> Seen:
    """Batch norm with momentum 0.001 in a training of 144 steps: evaluation uses the statistics of the start."""
    return train(_normed(0.1 if mended else 0.001), rows(four))


@situation("lightly-ai/lightly #1438", KIND, cause="statistics|batch norm", misleading=away(),
           measure="drift of the frozen statistics")  # fmt: skip
def frozen_but_statistics_move(mended: bool) -> Seen:
    """The backbone is frozen, but its batch norm in training mode goes on moving its statistics."""
    data = rows(four)
    model = _normed()
    train(model, data, epochs=8)
    model[-1] = nn.Linear(48, 4)
    for layer in model[:-1]:
        layer.requires_grad_(False)
    held = {n: b.clone() for n, b in model.named_buffers() if "running" in n}
    data.X, data.X_valid = data.X + 1.5, data.X_valid + 1.5

    def freeze(_: int) -> None:
        model.train()
        if mended:
            for layer in model[:-1]:
                layer.eval()

    seen = train(model, data, optimizer=Adam(model[-1].parameters(), 3e-3), each_epoch=freeze, modes=False)
    drift = sum(float((b - held[n]).abs().mean()) for n, b in model.named_buffers() if n in held)
    return Seen(drift, seen.run, seen.params)


@situation("Nota-NetsPresso/netspresso-trainer #320", KIND, cause="function between|linear|activation",
           misleading=away(), measure="log loss")  # fmt: skip
def no_function_between_layers(mended: bool) -> Seen:
    """Three linear layers with nothing between them are one."""
    model = mlp(act=nn.ReLU if mended else nn.Identity)
    return train(model, rows(lambda X: (X[:, 0] * X[:, 1] > 0).long() + 2 * (X[:, 2] * X[:, 3] > 0).long()), epochs=25)


@situation("wagonhelm/NaNmnist #2", KIND, cause="start equal|same weights|all zero|zero|init", misleading=away("init"),
           measure="log loss")  # fmt: skip
def all_weights_start_at_zero(mended: bool) -> Seen:
    """Every weight and bias is set to zero."""
    model = mlp()
    if not mended:
        for p in model.parameters():
            nn.init.zeros_(p)
    return train(model, rows(four))


@situation("HomericIntelligence/Mnemosyne #1987", KIND, cause="equal|same|init", misleading=away("init"),
           measure="log loss")  # fmt: skip
def all_weights_start_alike(mended: bool) -> Seen:
    """Every weight is 0.1."""
    model = mlp()
    if not mended:
        for p in model.parameters():
            nn.init.constant_(p, 0.1)
    return train(model, rows(four), epochs=20)


@situation("mnielsen/neural-networks-and-deep-learning #33", KIND, cause="init|weights", misleading=away("init"),
           measure="log loss")  # fmt: skip
def weights_of_standard_deviation_one(mended: bool) -> Seen:
    """torch.randn for weights of 100 inputs: the outputs start in the hundreds."""
    model = mlp(10, 4, 128, 4)
    if not mended:
        for layer in model:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight)
    return train(model, rows(four))


@situation("pytorch/pytorch #2623", KIND, cause="vanish|sigmoid|gradient", misleading=away("init", "rate"),
           measure="log loss")  # fmt: skip
def eight_sigmoid_layers(mended: bool) -> Seen:
    """Eight layers with a sigmoid behind each: no gradient reaches the first."""
    model = mlp(10, 4, 48, 8, nn.ReLU if mended else nn.Sigmoid)
    return train(model, rows(four))


@situation("keras-team/keras #7057", KIND, cause="dead|silent|zero for|never|bias.* start at",
           misleading=away("units", "init"), measure="log loss")  # fmt: skip
def dead_units(mended: bool) -> Seen:
    """Biases start at -10: nearly all rectified units are silent."""
    model = mlp()
    if not mended:
        for layer in model[:-1]:
            if isinstance(layer, nn.Linear):
                nn.init.constant_(layer.bias, -10.0)
    return train(model, rows(four))


@situation("Marcovaldong/lstmp.pytorch #2", KIND, cause="explod|clip|NaN|infinite|gradient", misleading=away("rate"),
           measure="squared error")  # fmt: skip
def recurrent_net_without_clipping(mended: bool) -> Seen:
    """A plain recurrent net whose matrix grows its state 1.6-fold a step, for 40 steps, without clipping."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.out = nn.RNN(1, 24, batch_first=True, nonlinearity="relu"), nn.Linear(24, 1)
            nn.init.orthogonal_(self.rnn.weight_hh_l0, 0.9 if mended else 1.6)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.out(self.rnn(x)[0][:, -1])

    torch.manual_seed(0)
    model = Net()
    waves = lambda n: torch.sin(torch.rand(n, 1, 1) * 6 + torch.arange(40)[:, None] / 3)
    data = rows(lambda X: X[:, -1], n=300, make=waves)
    data.X, data.X_valid, data.X_test = data.X[:, :-1], data.X_valid[:, :-1], data.X_test[:, :-1]
    clip = 1.0 if mended else None
    return train(model, data, functional.mse_loss, SGD(model.parameters(), 0.01), epochs=6, clip=clip)


@situation("accord-net/framework #306", KIND, cause="saturat|scale", misleading=away("inputs"), measure="squared error")
def saturated_tanh(mended: bool) -> Seen:
    """Inputs with a standard deviation of 60 drive tanh to its ends."""
    data = rows(amount)
    if not mended:
        data.X, data.X_valid, data.X_test = data.X * 60, data.X_valid * 60, data.X_test * 60
    return train(mlp(n_out=1, act=nn.Tanh), data, functional.mse_loss)


@situation("piergiaj/pytorch-i3d #58", KIND, cause="dropout|p=", misleading=away(), measure="log loss")
def dropout_of_nearly_all(mended: bool) -> Seen:
    """Dropout with p=0.97, meant as the share to keep."""
    return train(_dropped(0.1 if mended else 0.97), rows(four))


@situation("pytorch/vision #2164", KIND, cause="freez|frozen|requires_grad", misleading=away(), measure="log loss")
def frozen_as_drawn(mended: bool) -> Seen:
    """The whole backbone is frozen although nobody ever trained it."""
    model = mlp(width=12)
    if not mended:
        for layer in model[:-1]:
            layer.requires_grad_(False)
    return train(model, rows(four), optimizer=Adam([p for p in model.parameters() if p.requires_grad], 3e-3), epochs=20)
