"""The first-order expansion of a net: exact for linear nets, and against small steps."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from nn_bridge.kernels.linearised_net import expanded, relative_change, trained_weights

X = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))


def moved(model, by):
    torch.manual_seed(1)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(by * torch.randn_like(p))
    return model


def test_a_linear_net_is_its_own_expansion():
    model = nn.Linear(5, 3)
    start = trained_weights(model)
    assert torch.allclose(expanded(moved(model, 1.0), X, start), model(X), atol=1e-6)
    model.weight.requires_grad_(False)
    assert set(trained_weights(model)) == {"bias"}


def test_the_expansion_follows_short_steps_only():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 2)).double()
    start, before = trained_weights(model), copy.deepcopy(model)
    x = X.double()
    errors = []
    for by in (1e-2, 1e-3):
        now = moved(copy.deepcopy(before), by)
        errors.append(float((expanded(now, x, start) - now(x)).detach().abs().max()))
    assert errors[1] < errors[0] / 50  # of second order
    assert relative_change(before, start) == 0.0


def test_a_net_that_returns_no_tensor_is_refused():
    class Pair(nn.Linear):
        def forward(self, x):
            return super().forward(x), x

    model = Pair(5, 2)
    with pytest.raises(TypeError, match="tuple"):
        expanded(model, X, trained_weights(model))
