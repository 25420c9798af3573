import numpy as np
import pytest

from nn_bridge.signals.layer_gradients import GradientFlow, UnzeroedGradients
from nn_bridge.signals.weight_updates import UpdateRatios, longest_run
from tests.nn_bridge.nets_of import net
from treedebug.engine.resolve import Missing, Resolver


def measured(kind, run):
    return Resolver(run.at(run.n_rounds)).get(kind)


def test_ratios_are_updates_over_weights():
    ratios = measured(
        UpdateRatios, net({("fc1.weight", "update", "mean_abs"): 0.05, ("out.weight", "update", "mean_abs"): 0.0})
    )
    assert ratios.layers == ("fc1.weight", "fc2.weight", "out.weight")
    assert ratios.ratios[0].tolist() == pytest.approx([0.5, 1e-3, 0.0])
    assert ratios.largest[0] == pytest.approx(0.5)
    assert ratios.smallest[0] == pytest.approx(1e-3)  # what does not move at all is no small update


def test_a_matrix_of_zeros_has_no_ratio():
    ratios = measured(UpdateRatios, net({("fc1.weight", "weight", "mean_abs"): 0.0}))
    assert np.isnan(ratios.ratios[:, 0]).all()
    assert np.isfinite(ratios.largest).all()


def test_the_whole_norm_counts_biases_too():
    flow = measured(GradientFlow, net({("fc1.bias", "gradient", "norm"): 2.0}))
    assert flow.layers == ("fc1.weight", "fc2.weight", "out.weight")
    assert flow.total[0] == pytest.approx(np.sqrt(3 * 0.5**2 + 4.0))


@pytest.mark.parametrize(("norms", "clipped"), [([0.5] * 20, True), ([0.5, 0.6] * 10, False)])
def test_clipped_is_the_same_norm_in_every_step(norms, clipped):
    assert measured(GradientFlow, net({("fc1.weight", "gradient", "norm"): norms})).is_clipped is clipped


def test_no_step_no_signal():
    for kind in (UpdateRatios, GradientFlow):
        with pytest.raises(Missing, match="step"):
            measured(kind, net(n_steps=0))
    with pytest.raises(Missing, match="set to zero"):
        measured(UnzeroedGradients, net({("", "mode", "carried"): None}))


def slow_stretch(bad, n_least):
    found = [(i, j) for i in range(len(bad)) for j in range(i, len(bad)) if all(bad[i : j + 1])]
    longest = max(found, key=lambda s: (s[1] - s[0], -s[0]), default=None)
    return longest if longest and longest[1] - longest[0] + 1 >= n_least else None


@pytest.mark.parametrize("seed", range(20))
def test_the_longest_stretch_is_what_looking_at_all_says(seed):
    bad = np.random.default_rng(seed).random(seed) < 0.7
    assert longest_run(bad, 3) == slow_stretch(bad.tolist(), 3)


def test_the_typical_ratio_of_some_steps_and_who_moved_most():
    weight, other = ("fc1.weight", "weight", "mean_abs"), ("fc1.weight", "update", "mean_abs")
    ratios = measured(UpdateRatios, net({weight: 1.0, other: [0.5] * 10 + [0.25] * 10}))
    assert ratios.typical(10, 19) == (0.25, "fc1.weight")
