"""The pictures of a recorded network: what is on them, and what they refuse."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
import torch

import nn_bridge
import treedebug
from nn_bridge.reading import plots
from tests.nn_bridge.trainings import Loop, mlp, sgd, train

pytest.importorskip("matplotlib", reason="the pictures need matplotlib (treedebug[plots])")

TAB = {0: (31, 119, 180), 1: (255, 127, 14), 2: (44, 160, 44), 3: (214, 39, 40)}
GREY = (153, 153, 153)


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
    class Many:
        """As a run whose layer tells 40 classes apart."""

        def latent(self, layer, *, max_rows, seed):
            places = np.arange(40.0)
            return pd.DataFrame({"x": places, "y": places, "class": np.arange(40), "step": 0})

    picture = pixels(nn_bridge.latent_picture(Many(), "head", tmp_path / "latent.png"))
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


def frame(*rows):
    return pd.DataFrame(rows, columns=["step", "low", "high", "count"])


def test_bands_of_both_signs():
    bands = plots._Bands.of(frame((0, -2.0, -1.0, 1), (0, 0.0, 0.0, 1), (0, 1.0, 2.0, 2), (7, 2.0, 4.0, 5)))
    assert bands.steps.tolist() == [0, 7]
    assert bands.labels == ["$-2^{1}$", "$-2^{0}$", "0", "$2^{0}$", "$2^{1}$"]
    assert bands.zero == 2
    assert bands.shares.tolist() == [[0.0, 0.25, 0.25, 0.5, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]


def test_what_is_small_and_rare_stands_with_the_zeros():
    bands = plots._Bands.of(frame((0, 2.0**-30, 2.0**-29, 1), (0, 1.0, 2.0, 999)))
    assert bands.labels == ["0, or under $2^{0}$", "$2^{0}$"]
    assert bands.shares.tolist() == [[0.001, 0.999]]


def test_a_tensor_of_zeros_is_one_band(tmp_path):
    bands = plots._Bands.of(frame((0, 0.0, 0.0, 8), (3, 0.0, 0.0, 8)))
    assert bands.labels == ["0"]
    assert bands.shares.tolist() == [[1.0], [1.0]]


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
