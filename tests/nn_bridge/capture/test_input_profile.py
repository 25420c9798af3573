"""What a net is fed, as a profile of data, and what the rules on tables make of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import nn_bridge
import treedebug
from nn_bridge.capture.input_profile import MAX_COLUMNS, InputColumns
from treedebug.core.data.data_sets import DataSets
from treedebug.core.errors import ConfigError


def trained(batch, net=None, path=None, n_steps=12, **settings):
    """A training whose step k sees `batch(k)`; an evaluation after every fourth step."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3)) if net is None else net
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-4)
    with nn_bridge.TorchRecorder(net, optimizer, path, quiet=True, every=2, dense=3, **settings) as recorder:
        for step in range(n_steps):
            x = batch(step)
            loss = functional.cross_entropy(net(x), torch.randint(0, 3, (len(x),)))
            recorder.log("train", loss=loss)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 4 == 3:
                recorder.log("valid", loss=1.0)
    assert not [n.message for n in recorder.run.notes if "no longer recorded" in n.message]
    return recorder.run


def batches(n=64, scale=1.0, offset=0.0):
    numbers = torch.Generator().manual_seed(1)
    made = [torch.randn(n, 5, generator=numbers) * scale + offset for _ in range(12)]
    return made.__getitem__


def tokens(n=64, padded=0.6, length=20, pad=0):
    def batch(step):
        numbers = torch.Generator().manual_seed(step)
        ids = torch.randint(5, 40, (n, length), generator=numbers)
        ids[:, : int(padded * length)] = pad
        return ids

    return batch


def reader(padding_idx=0):
    return nn.Sequential(nn.Embedding(40, 4, padding_idx=padding_idx), nn.Flatten(), nn.Linear(80, 3))


def codes(run):
    return {f.code for f in run.findings if f.code.startswith("DA")}


def train_of(run):
    return run.data.stream(DataSets).train


def test_the_moments_are_those_of_the_rows_of_the_sampled_steps():
    batch = batches(scale=3.0, offset=7.0)
    # Sampled: 0, 1, 2 and every second one; the last record is that of at least twice as many rows.
    profile = train_of(trained(batch))
    sampled = [0, 1, 2, 4, 6, 8, 10]
    n = profile.n_rows // 64
    rows = torch.cat([batch(s) for s in sampled[:n]]).double().numpy()
    assert profile.is_partial
    assert len(rows) == profile.n_rows >= 256
    assert [c.mean for c in profile.columns] == pytest.approx(rows.mean(axis=0))
    assert [c.std for c in profile.columns] == pytest.approx(rows.std(axis=0))
    assert [c.maximum for c in profile.columns] == pytest.approx(rows.max(axis=0))
    assert [c.name for c in profile.columns] == [f"input {i}" for i in range(5)]


def test_columns_merge_and_count():
    rng = np.random.default_rng(0)
    rows = rng.normal(3.0, 2.0, (300, 4))
    rows[:, 1] = rng.integers(0, 2, 300)
    rows[:, 2] = 4.0
    rows[::7, 3], rows[1::7, 3] = np.nan, np.inf
    whole, parts = InputColumns(4), InputColumns(4)
    whole.update(rows)
    for part in np.array_split(rows, 7):
        parts.update(part)
    one, other = (c.profiles("abcd") for c in (whole, parts))
    for a, b in zip(one, other, strict=True):
        assert a.n_distinct == b.n_distinct
        assert (a.n_missing, a.n_infinite, a.n_zero) == (b.n_missing, b.n_infinite, b.n_zero)
        assert (a.mean, a.std) == pytest.approx((b.mean, b.std))
    finite = rows[np.isfinite(rows[:, 3]), 3]
    assert [c.n_distinct for c in other] == [3, 2, 1, 3]
    assert (other[3].n_missing, other[3].n_infinite) == (43, 43)
    assert (other[3].mean, other[3].std) == pytest.approx((finite.mean(), finite.std()))


@pytest.mark.parametrize("how", [{"scale": 50.0}, {"offset": 4.0}, {"scale": 0.01}])
def test_unscaled_inputs_are_told(how):
    run = trained(batches(**how))
    assert codes(run) == {"DA602"}


def test_scaled_inputs_are_silent():
    assert codes(trained(batches())) == set()


def test_a_few_rows_say_nothing():
    run = trained(batches(n=8, offset=9.0))
    assert run.data.stream(DataSets) is None
    assert codes(run) == set()


def test_padding_is_told_and_read_back(tmp_path):
    run = trained(tokens(), reader(), tmp_path / "run")
    assert codes(run) == {"DA620"}
    loaded = treedebug.load(tmp_path / "run")
    assert loaded.data.stream(DataSets).to_json() == run.data.stream(DataSets).to_json()
    token = train_of(run).tokens[0]
    assert (token.token, token.mean_share) == (0, pytest.approx(0.6))
    assert token.n_over[4] == token.n_sequences == train_of(run).n_rows


@pytest.mark.parametrize(
    ("batch", "net", "settings"),
    [
        (tokens(padded=0.2), reader(), {}),
        (tokens(pad=1), reader(), {}),  # a token that nobody watches
        (tokens(pad=0), reader(), {"tokens": [2]}),
    ],
)
def test_other_tokens_are_silent(batch, net, settings):
    assert codes(trained(batch, net, **settings)) == set()


def test_tokens_to_watch():
    run = trained(tokens(pad=2), reader(None), tokens=[1, 2])
    assert [(t.token, round(t.mean_share, 6)) for t in train_of(run).tokens] == [(1, 0.0), (2, 0.6)]
    assert codes(run) == {"DA620"}
    with pytest.raises(ConfigError, match=r"tokens takes whole numbers, such as tokens=\[0\]; got 'pad'"):
        trained(tokens(), reader(), tokens="pad")


def test_images_are_channels_and_wide_rows_are_cut():
    images = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(), nn.Linear(48, 3))
    profile = train_of(trained(lambda s: torch.randn(16, 2, 6, 6) + s, images))
    assert [c.name for c in profile.columns] == ["channel 0", "channel 1"]
    wide = train_of(trained(lambda _: torch.randn(128, 1200), nn.Linear(1200, 3)))
    assert wide.n_columns == MAX_COLUMNS
    assert wide.unmeasured == {"columns": "200 columns after the first 1000 are not measured"}


def test_constant_and_missing_inputs():
    def batch(step):
        x = torch.randn(64, 5, generator=torch.Generator().manual_seed(step))
        x[:, 0] = 0.0
        return x

    run = trained(batch)
    assert codes(run) == set()  # of the rows that nobody saw nothing is known
    assert train_of(run).columns[0].n_distinct == 1
