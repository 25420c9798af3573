"""Step headroom: exact on quadratics, blind to the training, right about steps that are far too short or too long."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

import nn_bridge
from nn_bridge.capture.step_headroom import MOST, StepHeadroom
from treedebug.core.errors import ConfigError


def headroom_of(loss, weights, rate, bisections=6):
    model = nn.Module()
    model.w = nn.Parameter(torch.tensor(weights, dtype=torch.float64))
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    one = StepHeadroom(model, optimizer, bisections)
    one.loss = lambda: loss(model.w)
    loss(model.w).backward()
    one.before(0)
    optimizer.step()
    return one.measure()


@pytest.mark.parametrize(("curvature", "rate"), [(1.0, 0.01), (3.0, 0.1), (10.0, 0.15), (2.0, 0.9), (50.0, 0.3)])
def test_a_quadratic_bears_two_over_curvature_times_rate(curvature, rate):
    found = headroom_of(lambda w: 0.5 * curvature * (w * w).sum(), [1.0], rate)
    assert found == pytest.approx(2.0 / (curvature * rate), rel=0.01)


def test_of_two_directions_the_one_that_moves_counts():
    loss = lambda w: 0.5 * (100.0 * w[0] ** 2 + w[1] ** 2)
    assert headroom_of(loss, [1.0, 0.0], 0.001) == pytest.approx(20.0, rel=0.01)
    assert headroom_of(loss, [0.0, 1.0], 0.001) == MOST


def test_a_straight_slope_has_no_end_and_a_step_of_zero_no_headroom():
    assert headroom_of(lambda w: w.sum(), [1.0], 0.1) == MOST
    assert headroom_of(lambda w: (w * w).sum(), [0.0], 0.1) is None
    assert headroom_of(lambda w: w.sum() * float("nan"), [1.0], 0.1) is None


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 24), nn.BatchNorm1d(24), nn.Tanh(), nn.Dropout(0.2), nn.Linear(24, 1))


def data():
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(128, 6, generator=generator)
    return x, torch.sin(x[:, :1] * 2) + 0.5 * x[:, 1:2]


def train(make_optimizer, *, n_steps=25, measured=True, **options):
    model, (xs, ys) = net(), data()
    optimizer = make_optimizer(model.parameters())
    criterion = nn.MSELoss()
    batch = {}
    loss_again = (lambda: criterion(model(batch["x"]), batch["y"])) if measured else None
    torch.manual_seed(2)
    with nn_bridge.TorchRecorder(model, optimizer, None, headroom=loss_again, quiet=True, **options) as recorder:
        for i in range(n_steps):
            rows = slice(16 * (i % 8), 16 * (i % 8) + 16)
            batch["x"], batch["y"] = xs[rows], ys[rows]
            optimizer.zero_grad()
            loss = criterion(model(batch["x"]), batch["y"])
            recorder.log("train", loss=loss)
            loss.backward()
            optimizer.step()
            if i % 5 == 4:
                recorder.log("valid", loss=float(loss.detach()))
    return model, recorder.run, torch.random.get_rng_state()


@pytest.mark.parametrize(
    "make", [lambda p: torch.optim.SGD(p, 0.1, momentum=0.9), lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1)]
)
def test_the_training_is_the_same_to_the_bit(make):
    with_it, run, state = train(make)
    without, _, plain_state = train(make, measured=False)
    assert all(
        torch.equal(a, b) for a, b in zip(with_it.state_dict().values(), without.state_dict().values(), strict=True)
    )
    assert torch.equal(state, plain_state)
    series = run.data.stream(nn_bridge.TensorLog).series("", "optimizer", "headroom")
    assert len(series.steps) >= 10
    assert (series.values > 0).all()


def test_its_own_forward_passes_are_not_counted():
    _, with_it, _ = train(lambda p: torch.optim.SGD(p, 0.05))
    _, without, _ = train(lambda p: torch.optim.SGD(p, 0.05), measured=False)
    modes = [
        r.data.stream(nn_bridge.TensorLog).series("", "mode", "eval_mode_share").values.tolist()
        for r in (with_it, without)
    ]
    assert modes[0] == modes[1]
    assert [f.code for f in with_it.findings if f.code.startswith("NN9")] == [
        f.code for f in without.findings if f.code.startswith("NN9")
    ]


def test_a_rate_that_is_far_too_small_is_named():
    x, y = data()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 24), nn.Tanh(), nn.Linear(24, 1))
    optimizer = torch.optim.SGD(model.parameters(), 1e-5)
    again = lambda: nn.functional.mse_loss(model(x), y)
    with nn_bridge.TorchRecorder(model, optimizer, None, headroom=again, every=30, quiet=True) as recorder:
        for _ in range(130):
            optimizer.zero_grad()
            loss = again()
            recorder.log("train", loss=loss)
            loss.backward()
            optimizer.step()
    found = next(f for f in recorder.run.findings if f.code == "NN940")
    assert found.try_next[0].parameter == "lr"
    assert found.try_next[0].value == pytest.approx(1e-4)


def test_a_rate_that_is_far_too_large_is_named():
    _, run, _ = train(lambda p: torch.optim.SGD(p, 20.0), n_steps=12)
    assert "NN941" in {f.code for f in run.findings} | {c for f in run.findings for c in f.explains}


def test_a_loss_that_fails_is_noted_and_the_training_goes_on():
    model, (x, y) = net(), data()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    before = copy.deepcopy(model.state_dict())
    with nn_bridge.TorchRecorder(model, optimizer, None, headroom=lambda: 1 / 0, quiet=True) as recorder:
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    assert any("headroom" in n.topic for n in recorder.run.notes)
    assert not torch.equal(before["0.weight"], model.state_dict()["0.weight"])


@pytest.mark.parametrize(("wrong", "said"), [(3.0, "returns the loss"), ("loss", "returns the loss")])
def test_what_is_no_function_is_refused(wrong, said):
    model = net()
    with pytest.raises(ConfigError, match=said):
        nn_bridge.TorchRecorder(model, torch.optim.SGD(model.parameters(), 0.1), None, headroom=wrong)
