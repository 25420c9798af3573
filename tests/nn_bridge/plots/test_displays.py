"""The displays of a network draw what the pictures hold."""

import numpy as np
import pytest
import torch
from torch import nn

import nn_bridge
from tests.nn_bridge.trainings import Loop, mlp, sgd, train
from treedebug.core.errors import NotRecordedError
from treedebug.core.findings import Finding, Severity

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(scope="module")
def run():
    torch.manual_seed(0)
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, None, quiet=True) as recorder:
        train(net, [optimizer], Loop(), recorder)
        recorder.probe(torch.randn(30, 8), torch.arange(30) % 3)
    return recorder.run


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.mark.parametrize("kind", ["LayerNorms", "ActivationShares"])
def test_a_line_a_layer(run, kind):
    found = Finding(code="NN904", name="small-updates", severity=Severity.WARNING, message="m", subject="0.weight")
    display = getattr(nn_bridge.plots, f"{kind}Display").from_run(run, findings=[found]).plot(alpha=0.5)
    assert display.ax_ in display.figure_.axes
    for (panel, layer), line in display.lines_.items():
        curves = getattr(display.picture, panel)
        np.testing.assert_array_equal(line.get_ydata(), curves.values[:, curves.layers.index(layer)])
        assert line.get_alpha() == 0.5
    named = [line.get_label() for (_, layer), line in display.lines_.items() if layer == "0.weight"]
    assert any("NN904" in label for label in named) == (kind == "LayerNorms")


def test_points_by_class(run):
    display = nn_bridge.plots.LatentSpaceDisplay.from_run(run, "4").plot()
    points = {c: np.asarray(p.get_offsets()) for c, p in display.points_.items()}
    for label, own in points.items():
        expected = np.column_stack([display.picture.x, display.picture.y])[display.picture.classes == label]
        np.testing.assert_allclose(own, expected)
    assert set(points) == {0, 1, 2}


def test_bars_and_maps(run):
    figure, axes = plt.subplots(1, 2)
    display = nn_bridge.plots.SaliencyDisplay.from_run(run).plot(ax=axes[0], color="red")
    assert display.figure_ is figure
    assert [b.get_width() for b in display.bars_] == pytest.approx(display.picture.strength.tolist())
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(72, 2))
    with nn_bridge.TorchRecorder(net, sgd(net), None, quiet=True) as recorder:
        recorder.probe(torch.randn(5, 1, 8, 8))
    display = nn_bridge.plots.SaliencyDisplay.from_run(recorder.run).plot(ax=axes[1])
    np.testing.assert_array_equal(display.image_.get_array(), display.picture.mean_map)
    display = nn_bridge.plots.ValueHistogramsDisplay.from_run(run, "0.weight", "gradient").plot()
    assert float(display.mesh_.get_array().max()) == pytest.approx(100 * display.picture.share.max())


def test_what_was_not_recorded_is_said(run):
    with pytest.raises(NotRecordedError, match=r"recorder\.probe\(X_valid, y_valid, layers=\['0'\]\)"):
        nn_bridge.plots.LatentSpaceDisplay.from_run(run, "0")
