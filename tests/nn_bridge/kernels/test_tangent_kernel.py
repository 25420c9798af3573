"""The tangent kernel by hooks, against torch.func's per-row gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import nn_bridge
from treedebug.core.errors import ConfigError


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.norm = nn.Linear(6, 6), nn.Linear(6, 2), nn.LayerNorm(6)

    def forward(self, x):
        return self.b(self.norm(x + torch.tanh(self.a(x))))


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.mix, self.out = nn.Embedding(10, 5, padding_idx=0), nn.Linear(5, 7), nn.Linear(7, 3)

    def forward(self, x):
        return self.out(torch.relu(self.mix(self.embed(x))).mean(dim=1))


def worn_in(net, x):
    """Give batch norms some statistics."""
    for _ in range(3):
        net(x)
    return net


IMAGES, ROWS = torch.randn(9, 2, 8, 8), torch.randn(11, 6)


def with_batch_norm():
    return worn_in(nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 2)), ROWS)


def convolutions():
    first, second = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 3, 3, stride=2)
    return nn.Sequential(first, nn.ReLU(), second, nn.Flatten(), nn.Linear(27, 2))


def grouped():
    first = nn.Conv2d(2, 4, 3, groups=2, dilation=2)
    return worn_in(nn.Sequential(first, nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 1)), IMAGES)


def overwritten():
    return nn.Sequential(
        nn.Linear(6, 8), nn.ReLU(inplace=True), nn.Linear(8, 5), nn.Hardtanh(inplace=True), nn.Linear(5, 2)
    )


def one_dimension():
    return nn.Sequential(nn.Conv1d(2, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(32, 2))


NETS = {
    "two layers": (lambda: nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1)), ROWS),
    "three outputs": (lambda: nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3, bias=False)), ROWS),
    "dropout and batch norm": (with_batch_norm, ROWS),
    "residual, layer norm": (Residual, ROWS),
    "convolutions": (convolutions, IMAGES),
    "grouped, dilated, batch norm 2d": (grouped, IMAGES),
    "one dimension": (one_dimension, torch.randn(7, 2, 8)),
    "tokens": (Tokens, torch.randint(0, 10, (8, 6))),
    "overwritten outputs": (overwritten, ROWS),
}


def by_rows(model, x):
    """Each row's gradient, by torch.func, one row at a time."""
    model.eval()
    params = {n: p.detach() for n, p in model.named_parameters() if p.requires_grad}
    rest = {n: p.detach() for n, p in model.named_parameters() if not p.requires_grad} | dict(model.named_buffers())

    def f(params, row):
        out = torch.func.functional_call(model, {**params, **rest}, (row.unsqueeze(0),)).reshape(-1)
        return out.sum() / len(out) ** 0.5

    rows = [torch.cat([g.reshape(-1) for g in torch.func.grad(f)(params, row).values()]) for row in x]
    jacobian = torch.stack(rows).double()
    return (jacobian @ jacobian.T).numpy()


@pytest.mark.parametrize("name", NETS)
def test_it_is_torch_func_to_a_hundred_thousandth(name):
    make, x = NETS[name]
    torch.manual_seed(0)
    model = make()
    found = nn_bridge.tangent_kernel(model, x)
    wanted = by_rows(model, x)
    assert np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max()


def test_nothing_of_the_training_is_changed():
    torch.manual_seed(0)
    model = with_batch_norm()
    model(ROWS).sum().backward()
    grads = [p.grad.clone() for p in model.parameters()]
    state = {k: v.clone() for k, v in model.state_dict().items()}
    random = torch.random.get_rng_state()
    nn_bridge.tangent_kernel(model, ROWS)
    assert model.training
    assert all(m.training for m in model.modules())
    assert all(torch.equal(a, p.grad) for a, p in zip(grads, model.parameters(), strict=True))
    assert all(torch.equal(state[k], v) for k, v in model.state_dict().items())
    assert torch.equal(random, torch.random.get_rng_state())
    assert not any(m._forward_hooks for m in model.modules())


def test_frozen_weights_do_not_count():
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1))
    model[0].requires_grad_(requires_grad=False)
    assert np.abs(nn_bridge.tangent_kernel(model, ROWS) - by_rows(model, ROWS)).max() < 1e-4


def test_what_is_left_out_is_named():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.same, self.bilinear, self.out = nn.Linear(6, 6), nn.Bilinear(6, 6, 4), nn.Linear(4, 1)

        def forward(self, x):
            x = self.same(self.same(x))
            return self.out(self.bilinear(x, x))

    with pytest.warns(UserWarning, match="bilinear: Bilinear has no known kernel; same: it is called 2 times"):
        kernel = nn_bridge.tangent_kernel(Twice(), ROWS)
    assert kernel.shape == (11, 11)


@pytest.mark.parametrize(
    ("model", "x", "said"),
    [
        (nn.Linear(6, 1), [[1.0] * 6], "X is a tensor"),
        (nn.Flatten(0), ROWS, "a row of numbers for each of 11"),
        (nn.Bilinear(6, 6, 1), ROWS, "no layer of a known kind"),
        (nn.Linear(6, 1).requires_grad_(requires_grad=False), ROWS, "requires a gradient"),
    ],
)
def test_mistakes_get_one_clear_error(model, x, said):
    call = {} if not isinstance(model, nn.Bilinear) else {"output": lambda f: f}
    wrapped = nn.Sequential(model) if not isinstance(model, nn.Bilinear) else _Both(model)
    with pytest.raises(ConfigError, match=said):
        nn_bridge.tangent_kernel(wrapped, x, **call)


class _Both(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x, x)
