import numpy as np
import pytest

from nn_bridge.record.network_facts import LayerFacts
from nn_bridge.signals.unit_activity import Saturation, SilentLayers, Spread, Spreads, bad_since, dropouts, zero_shares
from tests.nn_bridge.nets_of import BARE, facts, matrix, net
from treedebug.engine.resolve import Missing, Resolver


def slow_since(bad, n_least):
    found = []
    for column in np.array(bad).T:
        run = 0
        for value in column:
            run = run + 1 if value else 0
        found.append(len(column) - run if run >= n_least else -1)
    return found


def measured(kind, run):
    return Resolver(run.at(run.n_rounds)).get(kind)


@pytest.mark.parametrize("seed", range(20))
def test_since_is_what_counting_says(seed):
    rng = np.random.default_rng(seed)
    bad = rng.random((rng.integers(1, 12), 4)) < 0.8
    assert bad_since(bad, 3).tolist() == slow_since(bad, 3)


def test_since_of_no_step():
    assert bad_since(np.zeros((0, 2), dtype=bool), 1).tolist() == [-1, -1]


def test_silent_units_are_those_of_every_recent_batch():
    masks = np.array([True, True, False])
    run = net(silent={"act1": masks, "out": masks})
    layer = measured(SilentLayers, run).layers[0]
    assert (layer.layer, layer.n_units, layer.n_silent, layer.n_batches) == ("act1", 3, 2, 8)
    assert layer.share == pytest.approx(2 / 3)
    assert [x.layer for x in measured(SilentLayers, run).layers] == ["act1"]  # out has no ReLU


def test_units_before_and_behind_a_module_are_counted_once():
    masks = np.array([True, True, False])
    run = net(silent={"fc1": masks, "act1": masks, "fc2": masks, "act2": ~masks})
    assert [x.layer for x in measured(SilentLayers, run).layers] == ["act1", "fc2", "act2"]


def test_the_input_of_evaluation_is_no_training_batch():
    run = net({("evaluation", "input", k): v for k, v in (("mean", 0.0), ("var", 9.0), ("zero_share", 0.0))})
    spread = next(s for s in measured(Spreads, run).found if s.kind == "input")
    assert spread.layers == ("",)


def test_what_is_not_there_is_said():
    for kind in (Saturation, SilentLayers):
        with pytest.raises(Missing, match="recorded"):
            measured(kind, net())
    with pytest.raises(Missing):
        measured(Spreads, BARE)


def test_zeros_that_say_something():
    embedding = LayerFacts(name="embed", type="EmbeddingBag", is_weighted=False)
    given = facts(layers=(embedding, *facts().layers), params=(matrix("embed.weight"), *facts().params))
    names, n = ("embed.weight", "fc1.weight", "fc1.bias"), np.arange(2)
    zero = np.full((2, 3), 0.25)
    for kind, unjudged in (("gradient", [True, False, True]), ("weight", [False, False, True])):
        shares = zero_shares(Spread(kind, names, n, n, zero, zero, zero), given)
        assert np.isnan(shares[0]).tolist() == unjudged


def test_dropout_layers_and_no_others_drop():
    settings = {
        "drop": ("Dropout2d", {"p": 0.3}),
        "odd": ("AlphaDropout", {"p": "?"}),
        "norm": ("BatchNorm1d", {"p": 1}),
    }
    layers = [LayerFacts(name=n, type=t, is_weighted=False, settings=s) for n, (t, s) in settings.items()]
    assert dropouts(facts(layers=tuple(layers))) == {"drop": 0.3, "odd": 0.0}
