"""Pictures of a real network hold what the run's frames hold, in bounded size."""

import json

import numpy as np
import pytest
import torch

import nn_bridge
from nn_bridge.pictures.activation_shares import activation_shares
from nn_bridge.pictures.layer_norms import MOST_LAYERS, MOST_STEPS, layer_norms, thinned_table
from nn_bridge.pictures.net_gallery import OF_A_NET, PLACES, net_pictures
from nn_bridge.pictures.value_histograms import value_histograms
from nn_bridge.record.tensor_streams import LayerTable
from nn_bridge.rules import RULES
from tests.nn_bridge.trainings import Loop, mlp, sgd, train
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.run_data import RunData
from treedebug.pictures.evidence_marks import marks
from treedebug.pictures.picture import NoPicture


@pytest.fixture(scope="module")
def run():
    torch.manual_seed(0)
    net = mlp()
    optimizer = sgd(net)
    with nn_bridge.TorchRecorder(net, optimizer, None, kernel=torch.randn(16, 8), quiet=True) as recorder:
        train(net, [optimizer], Loop(), recorder)
    return recorder.run


def series(run, kind, statistic, layer):
    frame = run.tensors
    own = frame[(frame["kind"] == kind) & (frame["statistic"] == statistic) & (frame["layer"] == layer)]
    return own.set_index("step")["value"]


def test_norms_are_those_of_the_frame(run):
    picture = layer_norms(run)
    for part, kind in ((picture.gradient, "gradient"), (picture.weight, "weight")):
        assert part.layers
        for j, layer in enumerate(part.layers):
            np.testing.assert_array_equal(part.values[:, j], series(run, kind, "norm", layer).loc[part.steps])
    ratio = picture.update_ratio
    layer = ratio.layers[0]
    own = series(run, "update", "mean_abs", layer) / series(run, "weight", "mean_abs", layer)
    np.testing.assert_allclose(ratio.values[:, 0], own.loc[ratio.steps])


def test_shares_are_those_of_the_frame(run):
    zero = activation_shares(run).zero
    assert zero.layers
    for j, layer in enumerate(zero.layers):
        np.testing.assert_array_equal(zero.values[:, j], series(run, "activation", "zero_share", layer).loc[zero.steps])


def test_histograms_count_every_value_once(run):
    layer, kind = "0.weight", "gradient"
    picture, frame = value_histograms(run, layer, kind), run.histogram(layer, kind)
    np.testing.assert_allclose(picture.share.sum(axis=1), 1.0)
    assert picture.steps.tolist() == sorted(set(frame["step"]))
    for sign, octave, column in zip(picture.signs, picture.octaves, picture.share.T, strict=True):
        if sign:
            low = 2.0**octave if sign > 0 else -(2.0 ** (octave + 1))
            own = frame[frame["low"] == low].groupby("step")["count"].sum()
            whole = frame.groupby("step")["count"].sum()
            np.testing.assert_allclose(column, (own / whole).reindex(picture.steps).fillna(0.0))


def test_a_deep_net_and_a_long_training_are_thinned():
    table = LayerTable(tuple(f"l{i}" for i in range(400)), np.arange(9000), np.arange(9000), np.zeros((9000, 400)))
    found = thinned_table(table)
    assert found.values.shape == (MOST_STEPS, MOST_LAYERS)
    assert (found.layers[0], found.layers[-1], found.n_layers) == ("l0", "l399", 400)
    assert (found.steps[0], found.steps[-1]) == (0, 8999)


def test_all_of_them_are_standard_json(run):
    found = net_pictures(run)
    assert {*OF_A_NET} < set(found)
    probed = {"latent_space", "saliency"}  # these are looked at in test_sights.py
    for picture in (p for name, p in found.items() if name not in probed):
        assert not isinstance(picture, NoPicture)
        assert len(json.dumps(picture.to_dict(), allow_nan=False)) < 100_000


def test_a_run_without_tensors_says_so():
    assert all(isinstance(p, NoPicture) for p in net_pictures(RunData()).values())
    assert value_histograms(RunData(), "0", "weight").reason.endswith("There is none: they are kept once a round")


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_every_rule_has_a_place(rule):
    found = Finding(code=rule.code, name=rule.name, severity=Severity.INFO, message="m", subject="0.weight")
    (mark,) = marks(found, PLACES)
    assert mark.picture in {*OF_A_NET, "learning_curves"}
    assert mark.panel in {"", "gradient", "weight", "update_ratio", "zero", "silent", "saturated"}
