"""Latent space and saliency: numbers that stand in the record, and degenerate layers that must not crash."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import nn_bridge
from nn_bridge.pictures.latent_space import latent_layers, latent_space
from nn_bridge.pictures.net_gallery import net_pictures
from nn_bridge.pictures.saliency import MOST_SIDE, saliency
from nn_bridge.record.whole_tensors import WholeTensors
from tests.nn_bridge.trainings import sgd
from treedebug.cli import main
from treedebug.core.errors import MissingExtraError
from treedebug.pictures.picture import NoPicture


def probed(net, x, y=None, **how):
    with nn_bridge.TorchRecorder(net, sgd(net), None, quiet=True, **how) as recorder:
        recorder.probe(x, y)
    return recorder.run


@pytest.fixture(scope="module")
def parted():
    """A net whose layer has two clusters, a class each but for one row; its second input counts for nothing."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))
    with torch.no_grad():
        net[0].weight[:, 1] = 0.0
        net[0].weight[:, 0] = 1.0
        net[0].bias.fill_(5.0)
    x = torch.randn(60, 2, generator=torch.Generator().manual_seed(1)) * 0.1
    y = torch.arange(60) % 2
    x[:, 0] += torch.where(y == 1, 3.0, -3.0)
    y[0] = 1
    return probed(net, x, y)


def test_neighbours_of_the_own_class_are_counted(parted):
    picture = latent_space(parted, "1")
    rows = [t.load() for t in parted.whole("1")][-1]
    nearest = [min((np.abs(a - b).max(), j) for j, b in enumerate(rows.values) if j != i)[1]
               for i, a in enumerate(rows.values)]  # fmt: skip
    own = np.array([rows.labels[i] == rows.labels[j] for i, j in enumerate(nearest)])
    assert picture.own_nearest == pytest.approx(own.mean())
    assert 0.9 < picture.own_nearest < 1.0
    shares = [own[rows.labels == c].mean() for c in (0, 1)]
    assert (picture.mixed_class, picture.mixed_share) == (int(np.argmin(shares)), pytest.approx(min(shares)))
    assert picture.largest_class == pytest.approx(31 / 60)
    own = np.array([[picture.x[i], picture.y[i]] for i in range(60)])
    centres = [own[picture.classes == c].mean(axis=0) for c in (0, 1)]
    assert np.linalg.norm(centres[0] - centres[1]) > 3 * own[picture.classes == 0].std()
    assert parted.latent("1", max_rows=400)["x"].tolist() == picture.x.tolist()


def test_it_is_laid_out_once_and_anew_for_a_later_probe():
    net = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    with nn_bridge.TorchRecorder(net, sgd(net), None, quiet=True) as recorder:
        recorder.probe(torch.randn(20, 4))
        run = recorder.run
        first = latent_space(run, "0")
        assert latent_space(run, "0") is first
        recorder.probe(torch.randn(12, 4))
        assert len(latent_space(recorder.run, "0").x) == 12


def test_the_strongest_input_is_the_one_that_counts(parted):
    picture = saliency(parted)
    assert picture.inputs[0] == "input 0"
    assert picture.strength[1] == 0
    assert (picture.n_inputs, picture.half, picture.n_rows) == (2, 1, 60)


def test_images_have_maps():
    net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 58 * 38, 4))
    picture = saliency(probed(net, torch.randn(6, 3, 60, 40), torch.arange(6) % 2))
    assert picture.inputs == ()
    assert picture.mean_map.shape == (MOST_SIDE, MOST_SIDE)
    assert 0 < picture.half < picture.n_inputs / 2
    assert [e.label for e in picture.examples] == [0, 1, 0, 1]
    assert all(e.input.shape == e.gradient.shape == (MOST_SIDE, MOST_SIDE) for e in picture.examples)
    assert len(json.dumps(picture.to_dict(), allow_nan=False)) < 150_000


@pytest.mark.parametrize(("weight", "bias"), [(0.0, 0.0), (0.0, 3.0), (1e-9, 1.0)])
def test_a_layer_that_tells_nothing_apart_is_said(weight, bias):
    """t-SNE ends the process where all rows are the same."""
    net = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    with torch.no_grad():
        net[0].weight.fill_(weight)
        net[0].bias.fill_(bias)
    found = latent_space(probed(net, torch.randn(20, 4)), "0")
    assert isinstance(found, NoPicture)
    assert "same outputs for all of 20 rows" in found.reason


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_one_unit_any_size_and_unknown_classes(scale):
    net = nn.Sequential(nn.Linear(4, 1), nn.Linear(1, 2)).double()
    with torch.no_grad():
        net[0].weight.mul_(scale)
        net[0].bias.mul_(scale)
    picture = latent_space(probed(net, torch.randn(20, 4).double()), "0")
    assert np.isfinite([picture.x, picture.y]).all()
    assert np.isnan(picture.own_nearest)
    assert set(picture.classes) == {-1}


def test_what_is_not_there_is_said(monkeypatch):
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    with nn_bridge.TorchRecorder(net, sgd(net), None, quiet=True) as recorder:
        pass
    found = net_pictures(recorder.run)
    assert "recorder.probe(X_valid, y_valid)" in found["latent_space"].reason
    assert "recorder.probe(X_valid, y_valid)" in found["saliency"].reason
    run = probed(net, torch.randn(20, 4))
    assert latent_layers(run) == ["1"]
    monkeypatch.setitem(sys.modules, "sklearn.manifold", None)
    assert r"treedebug[sklearn]" in latent_space(run, "1").reason
    with pytest.raises(MissingExtraError):
        run.latent("1")


@pytest.mark.parametrize(
    "spoilt",
    [{"dtype": "|O"}, {"dtype": "<c8"}, {"shape": (10**12, 3)}, {"shape": ()}, {"shape": (-1, 3)}, {"n_labels": 10**9},
     {"n_labels": -4}, {"shape": (0, 3)}],
    ids=str,
)  # fmt: skip
def test_a_malformed_record_costs_a_picture_and_no_more(spoilt):
    run = probed(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), torch.randn(20, 4), torch.arange(20) % 2)
    refs = run.data.stream(WholeTensors)._refs
    refs[:] = [replace(ref, **spoilt) for ref in refs]
    assert "malformed" in latent_space(run, "1").reason
    assert "malformed" in saliency(run).reason


def test_rows_that_are_not_finite_are_left_out():
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    x = torch.randn(20, 4)
    x[3, 0] = float("nan")
    run = probed(net, x, torch.arange(20) % 2)
    assert len(latent_space(run, "1").x) == 19
    assert "not finite" in saliency(run).reason
    assert "no row of layer '1' is finite" in latent_space(probed(net, x * float("nan")), "1").reason


def test_the_page_of_a_net_by_its_run_its_path_and_the_command(tmp_path, capsys):
    net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    with nn_bridge.TorchRecorder(net, sgd(net), tmp_path / "net", quiet=True) as recorder:
        recorder.log("valid", loss=1.0)
        recorder.probe(torch.randn(20, 4), torch.arange(20) % 2)
    page = recorder.run.report(tmp_path / "a.html").read_text(encoding="utf-8")
    for words in ("Latent space", "Saliency", "nearest to a row", "the largest output follows"):
        assert words in page
    assert main(["report", str(tmp_path / "net"), "-o", str(tmp_path / "b.html")]) == 0
    assert nn_bridge.load(tmp_path / "net").report(tmp_path / "c.html").read_text(encoding="utf-8") == page
    assert (tmp_path / "b.html").read_text(encoding="utf-8") == page
    assert "torch Sequential" in recorder.run._repr_html_()
