"""The fast statistics beside their obvious twins, and what the taps see beside what torch computes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional

import nn_bridge
from nn_bridge.statistics.block_sums import joined_sums
from nn_bridge.statistics.joined_tensors import JoinedOnDevice, flat, join, row_on_device, sums_on_device
from nn_bridge.statistics.log2_histogram import log2_histogram
from nn_bridge.statistics.step_numbers import DeviceNumbers
from nn_bridge.statistics.tensor_sums import STATISTICS, statistics
from tests.nn_bridge.trainings import Loop, mlp, sgd, train

NAN, INF = float("nan"), float("inf")
TENSORS = {
    "numbers": [[1.0, -2.0, 3.5, 0.0]],
    "constant": [[0.1] * 7],
    "zeros": [[0.0] * 3],
    "one": [[5.0]],
    "nan": [[1.0, NAN, 2.0]],
    "infinite": [[INF, 1.0, -INF, 0.0]],
    "several": [[1.0, 2.0], [0.0, 0.0, -1.0], [NAN], [7.0]],
}


def twin(values):
    """Slow and obvious."""
    n = len(values)
    mean = sum(values) / n
    return {
        "norm": math.sqrt(sum(v * v for v in values)),
        "mean": mean,
        "mean_abs": sum(abs(v) for v in values) / n,
        "var": sum((v - mean) ** 2 for v in values) / n,
        "zero_share": sum(v == 0 for v in values) / n,
        "nonfinite_share": sum(not math.isfinite(v) for v in values) / n,
        "min": np.min(values),
        "max": np.max(values),
    }


def measured(lists, dtype):
    device_numbers = DeviceNumbers()
    tensors = join([torch.tensor(v, dtype=dtype) for v in lists])
    device_numbers.add_sums(tensors)
    return statistics(device_numbers.block_sums.sums(), tensors.sizes, tensors.sizes)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", TENSORS)
def test_statistics_are_those_of_the_twin(name, dtype):
    for row, values in zip(measured(TENSORS[name], dtype), TENSORS[name], strict=True):
        for statistic, value in twin(values).items():
            found = row[STATISTICS.index(statistic)]
            if math.isfinite(sum(values)):
                assert found == pytest.approx(value, rel=1e-5, abs=1e-7), statistic
            elif statistic.endswith("share"):
                assert found == pytest.approx(value), statistic
            else:
                assert statistic in ("min", "max") or not math.isfinite(found)


def test_a_large_tensor_is_sampled_evenly():
    values = torch.arange(1000.0)
    assert flat(values, 10).tolist() == [0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 800.0, 900.0]
    norm = statistics(joined_sums([flat(values, 10).numpy()]), [10], [1000])[0][0]
    assert norm == pytest.approx(float(values.norm()), rel=0.1)


def test_the_accelerator_s_way_gives_the_same():
    several = [torch.tensor(v) for v in TENSORS["several"]] + [torch.arange(-3.0, 3.0)]
    plain = torch.cat(several)
    here, there = join(several), JoinedOnDevice(plain, tuple(len(v) for v in several))
    device_numbers = DeviceNumbers()
    device_numbers.add_sums(here)
    assert sums_on_device(there).numpy() == pytest.approx(device_numbers.block_sums.sums(), nan_ok=True)
    device_numbers.add_sums_of(several[0])
    assert row_on_device(several[0]).tolist() == pytest.approx(device_numbers.block_sums.sums()[0])


def test_octaves_count_by_sign_and_power_of_two():
    found = log2_histogram(np.array([1.0, 1.9, -0.5, 0.0, NAN, 1e300, 1e-300]), step=3, round_index=1)
    assert (found.zeros, found.nonfinite) == (1, 1)
    at = np.searchsorted(found.edges, 1.0)
    assert found.positive[at] == 2
    assert found.negative[at - 1] == 1
    assert (found.positive[0], found.positive[-1]) == (1, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_octaves_are_those_of_frexp(dtype):
    numbers = np.random.default_rng(0)
    with np.errstate(over="ignore", under="ignore"):
        values = (numbers.normal(size=3000) * np.exp2(numbers.integers(-160, 130, 3000))).astype(dtype)
    values[:6] = [0.0, -0.0, NAN, INF, -INF, np.finfo(dtype).smallest_subnormal]
    found = log2_histogram(values, step=0, round_index=0)
    finite = values[np.isfinite(values)]
    places = np.clip(np.frexp(finite)[1] + 39, 0, 63)
    assert found.negative.tolist() == np.bincount(places[finite < 0], minlength=64).tolist()
    assert found.positive.tolist() == np.bincount(places[finite > 0], minlength=64).tolist()
    assert (found.zeros, found.nonfinite) == ((finite == 0).sum(), len(values) - len(finite))


def test_what_is_recorded_is_what_torch_computes():
    torch.manual_seed(0)
    net = mlp()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
    with nn_bridge.TorchRecorder(net, optimizer, quiet=True) as recorder:
        before = net[3].weight.detach().clone()
        hidden = functional.linear(x, net[0].weight, net[0].bias).detach()
        net.eval()
        loss = functional.cross_entropy(net(x), y)
        recorder.log("train", loss=loss)
        loss.backward()
        gradient = net[3].weight.grad.clone()
        optimizer.step()
    t = recorder.run.tensors.set_index(["kind", "layer", "statistic"])["value"]
    assert t["gradient", "3.weight", "norm"] == pytest.approx(float(gradient.norm()), rel=1e-5)
    assert t["update", "3.weight", "mean_abs"] == pytest.approx(float((0.5 * gradient).abs().mean()), rel=1e-3)
    assert t["weight", "3.weight", "var"] == pytest.approx(float(before.var(unbiased=False)), rel=1e-4)
    assert t["loss", "", "value"] == pytest.approx(float(loss.detach()))
    assert t["activation", "0", "norm"] == pytest.approx(float(hidden.norm()), rel=1e-5)
    assert t["activation", "1", "min"] == 0.0
    assert t["output", "", "row_sum_deviation"] > 0
    assert t["input", "", "mean"] == pytest.approx(float(x.mean()), rel=1e-3)


def test_an_in_place_relu_does_not_hide_what_was_before_it():
    torch.manual_seed(0)
    net = mlp()
    with nn_bridge.TorchRecorder(net, sgd(net), quiet=True) as recorder:
        train(net, [*recorder._sampler.optimizers], Loop(), recorder)
    t = recorder.run.tensors.set_index(["step", "kind", "layer", "statistic"])["value"]
    assert t[0, "activation", "0", "min"] < 0.0
    assert t[0, "activation", "1", "min"] == 0.0
    assert 0.3 < t[0, "activation", "1", "zero_share"] < 0.8
