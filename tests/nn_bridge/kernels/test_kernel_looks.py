"""`TorchRecorder(kernel=...)`: what is recorded when, and that the training is the same to the bit."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import nn_bridge
from treedebug.core.errors import ConfigError, NotRecordedError


def net(*, norm=False):
    torch.manual_seed(0)
    middle = [nn.BatchNorm1d(16)] if norm else []
    return nn.Sequential(nn.Linear(6, 16), *middle, nn.Tanh(), nn.Dropout(0.2), nn.Linear(16, 2))


def train(given, path=None, *, n_steps=105, make=net, **options):
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(64, 6, generator=generator)
    y = (x[:, 0] > 0).long()
    probe = {"rows": x[:16], "labels": (x[:16], y[:16]), None: None}[given]
    torch.manual_seed(2)
    with nn_bridge.TorchRecorder(model, optimizer, path, kernel=probe, quiet=True, **options) as recorder:
        for i in range(n_steps):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            recorder.log("train", loss=loss)
            loss.backward()
            optimizer.step()
            if i % 20 == 19:
                recorder.log("valid", loss=float(loss.detach()))
    return model, recorder.run, torch.random.get_rng_state()


def series(run, name):
    return run.data.stream(nn_bridge.TensorLog).series("", "kernel", name)


def test_the_training_and_all_else_that_is_recorded_is_the_same():
    (one, with_it, state), (other, without, plain) = (
        train(given, make=lambda: net(norm=True)) for given in ("labels", None)
    )
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))
    assert torch.equal(state, plain)
    frames = [r.tensors[r.tensors.kind != "kernel"].reset_index(drop=True) for r in (with_it, without)]
    assert frames[0].equals(frames[1])


def test_it_is_looked_at_in_a_few_steps_and_at_the_end(tmp_path):
    _, run, _ = train("labels", tmp_path / "run")
    read = nn_bridge.load(tmp_path / "run")
    for seen in (run, read):
        moved = series(seen, "distance")
        assert moved.steps.tolist() == [0, 10, 100, 104]
        assert moved.values[0] == pytest.approx(0.0, abs=1e-12)
        assert (moved.values[1:] > 0).all()
        assert (series(seen, "weight_change").values[1:] > 0).all()
        assert 0.5 < series(seen, "ridge_score").values[0] <= 1.0
        assert series(seen, "start_r2").values[-1] <= 1.0


def test_a_run_that_goes_on_counts_its_steps_as_without_it(tmp_path):
    train("rows", tmp_path / "run", n_steps=20)
    _, run, _ = train("rows", tmp_path / "run", n_steps=20, exists="resume")
    assert run.metrics["step"].max() == 40
    assert "alignment" not in set(run.tensors.statistic)


def test_what_cannot_be_measured_is_noted_and_trained_all_the_same():
    class Pair(nn.Sequential):
        def forward(self, x):
            return (super().forward(x),)

    model = Pair(nn.Linear(6, 2))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with nn_bridge.TorchRecorder(model, optimizer, None, kernel=torch.randn(8, 6), quiet=True) as recorder:
        model(torch.randn(4, 6))[0].sum().backward()
        optimizer.step()
    assert any("kernel" in n.topic for n in recorder.run.notes)
    assert series(recorder.run, "distance").steps.size == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [([1.0], "a tensor X or a pair"), (torch.randn(3, 6), "3 rows"), ((torch.randn(9, 6), [1, 0]), "y has 2")],
)
def test_what_is_no_set_of_rows_is_refused(wrong, said):
    model = net()
    with pytest.raises(ConfigError, match=said):
        nn_bridge.TorchRecorder(model, torch.optim.SGD(model.parameters(), 0.1), None, kernel=wrong)


def test_it_is_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    _, run, _ = train("labels")
    assert nn_bridge.kernel_picture(run, tmp_path / "kernel.png").stat().st_size > 5000
    with pytest.raises(NotRecordedError, match="kernel="):
        nn_bridge.kernel_picture(train(None, n_steps=3)[1], tmp_path / "none.png")
