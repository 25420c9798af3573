"""The pictures of a recorded network: what is on them, and what they refuse."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from torch import nn

import nn_bridge
import treedebug
from nn_bridge.pictures.value_histograms import value_histograms
from nn_bridge.plots.value_histograms_display import row_labels
from nn_bridge.record.tensor_streams import N_BINS, Histogram, TensorLog
from tests.nn_bridge.trainings import Loop, mlp, sgd, train
from treedebug.core.run.run_data import RunData

pytest.importorskip("matplotlib", reason="the pictures need matplotlib (treedebug[plots])")

TAB = {0: (0, 114, 178), 1: (230, 159, 0), 2: (0, 158, 115), 3: (204, 121, 167)}
GREY = (127, 127, 127)


@pytest.fixture(scope="module")
def run():
    torch.manual_seed(0)
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, None, quiet=True, whole=["3"]) as recorder:
        train(net, [optimizer], Loop(), recorder)
    return recorder.run


def pixels(path):
    from matplotlib.image import imread

    return (imread(path)[:, :, :3] * 255).round().astype(int)


def n_pixels(picture, colour):
    return int((np.abs(picture - np.array(colour)).max(axis=2) <= 2).sum())


def test_a_layer_s_space_is_coloured_by_class(run, tmp_path):
    path = nn_bridge.latent_picture(run, "3", tmp_path / "latent.png")
    assert path.read_bytes().startswith(b"\x89PNG\r\n")
    picture = pixels(path)
    assert picture.shape == (660, 960, 3)
    assert all(n_pixels(picture, TAB[c]) > 100 for c in (0, 1, 2))
    assert n_pixels(picture, TAB[3]) == 0


def test_rows_of_no_known_class_are_grey(tmp_path):
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, None, quiet=True) as recorder:
        recorder.tensor("latent", torch.randn(12, 3), whole=True)
        optimizer.step()
    picture = pixels(nn_bridge.latent_picture(recorder.run, "latent", tmp_path / "latent.png"))
    assert n_pixels(picture, GREY) > 300  # the edges of letters have some hundred
    assert not any(n_pixels(picture, colour) for colour in TAB.values())


def test_many_classes_get_a_colour_bar(tmp_path):
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 40))
    with nn_bridge.TorchRecorder(net, sgd(net), None, quiet=True) as recorder:
        recorder.probe(torch.randn(80, 8), torch.arange(80) % 40)
    picture = pixels(nn_bridge.latent_picture(recorder.run, "1", tmp_path / "latent.png"))
    assert n_pixels(picture, (48, 18, 59)) > 5  # the first colour of the map
    assert n_pixels(picture, (122, 4, 3)) > 5  # and its last one


@pytest.mark.parametrize("kind", ["weight", "gradient"])
def test_a_histogram_over_the_steps(run, tmp_path, kind):
    path = nn_bridge.histogram_picture(run, "0.weight", kind, tmp_path / "histogram")
    assert path == tmp_path / "histogram.png"
    picture = pixels(path)
    assert picture.shape == (660, 960, 3)
    assert n_pixels(picture, (253, 231, 36)) > 100  # the most frequent octave
    assert n_pixels(picture, (255, 255, 255)) > 100_000


def bands(*rows):
    """The histograms of (step, octave to count of values above 0, zeros, the same below 0)."""
    log = TensorLog()
    for step, positive, zeros, negative in rows:
        counts = [np.zeros(N_BINS, dtype=np.int64) for _ in range(2)]
        for own, told in zip(counts, (negative, positive), strict=True):
            for octave, n in told.items():
                own[octave + 40] = n
        log.append_histogram("0", "weight", Histogram(step, 0, counts[0], zeros, counts[1], 0))
    run = RunData()
    run.add_stream(TensorLog, log)
    return value_histograms(run, "0", "weight")


def test_bands_of_both_signs():
    found = bands((0, {0: 2}, 1, {0: 1}), (7, {1: 5}, 0, {}))
    assert found.steps.tolist() == [0, 7]
    assert row_labels(found) == ["$-2^{1}$", "$-2^{0}$", "0", "$2^{0}$", "$2^{1}$"]
    assert found.zero == 2
    assert found.share.tolist() == [[0.0, 0.25, 0.25, 0.5, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]


def test_what_is_small_and_rare_stands_with_the_zeros():
    found = bands((0, {-30: 1, 0: 999}, 0, {}))
    assert row_labels(found) == ["0, or under $2^{0}$", "$2^{0}$"]
    assert found.share.tolist() == [[0.001, 0.999]]


def test_a_tensor_of_zeros_is_one_band():
    found = bands((0, {}, 8, {}), (3, {}, 8, {}))
    assert row_labels(found) == ["0"]
    assert found.share.tolist() == [[1.0], [1.0]]


def test_what_was_not_recorded_is_said_as_the_run_says_it(run, tmp_path):
    with pytest.raises(treedebug.NotRecordedError, match="no whole tensors of '0'"):
        nn_bridge.latent_picture(run, "0", tmp_path / "a.png")
    with pytest.raises(treedebug.NotRecordedError, match=r"Did you mean '0\.weight, weight'"):
        nn_bridge.histogram_picture(run, "0.weigth", "weight", tmp_path / "a.png")


def test_one_clear_error_for_a_path_that_will_not_do(run, tmp_path):
    with pytest.raises(treedebug.ConfigError, match=r"'a\.xyz' cannot be drawn: .*supported formats.*png"):
        nn_bridge.histogram_picture(run, "0.weight", "weight", tmp_path / "a.xyz")
    with pytest.raises(treedebug.StoreError, match="cannot be written"):
        nn_bridge.histogram_picture(run, "0.weight", "weight", tmp_path / "nowhere" / "a.png")


def test_without_matplotlib_the_extra_is_named(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(treedebug.MissingExtraError, match=r"treedebug\[plots\]"):
        nn_bridge.histogram_picture(run, "0.weight", "weight", tmp_path / "a.png")
