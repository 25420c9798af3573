import numpy as np
import pytest

from nn_bridge.signals.initialization import FirstLoss, InitialOutputs, InitialWeights
from nn_bridge.signals.sampled_steps import InputScale, LabelMix, StepLoss
from tests.nn_bridge.nets_of import facts, loss, matrix, net
from treedebug.engine.resolve import Missing, Resolver
from treedebug.testing import classes


def measured(kind, run):
    return Resolver(run.at(run.n_rounds)).get(kind)


def test_gain_is_what_a_layer_multiplies_by():
    rng = np.random.default_rng(0)
    weights = rng.uniform(-1, 1, (400, 100)) / 10.0  # as PyTorch draws them
    gain = InitialWeights.gain(matrix("fc.weight", 400, 100, mean=float(weights.mean()), var=float(weights.var())))
    outputs = rng.normal(size=(500, 100)) @ weights.T
    assert gain == pytest.approx(float(outputs.std()), rel=0.05)


def test_opening_outputs_are_those_of_the_first_step_without_the_last_layer():
    outputs = measured(InitialOutputs, net({("fc1", "activation", "var"): [4.0] + [9.0] * 19}))
    assert outputs.layers == ("fc1", "fc2")
    assert outputs.variances.tolist() == [4.0, 1.0]


def test_the_number_of_classes_may_come_from_the_class_balance():
    run = net(net_facts=facts(loss=loss(n_classes=0, function="mse", first=0.2)))
    with pytest.raises(Missing):
        measured(FirstLoss, run)
    run = classes([np.eye(3, dtype=int)] * run.n_rounds, run=run)
    assert measured(FirstLoss, run).expected == pytest.approx(np.log(3))


def test_loss_left_is_a_share_of_the_first():
    left = measured(StepLoss, net({("", "loss", "value"): np.linspace(2.0, 0.1, 20).tolist()}))
    assert left.left(np.array([0, 19])).tolist() == pytest.approx([1.0, 0.05])


def test_labels_without_a_summary_are_mixed_as_all_that_was_seen():
    run = net(data={})
    run = classes([np.diag([5, 5])] * run.n_rounds, dataset="train", run=run)
    mix = measured(LabelMix, run)
    assert mix.whole == pytest.approx(np.log(2))


def test_input_scale_of_training_and_evaluation():
    scale = measured(InputScale, net({("", "input", "var"): 4.0, ("evaluation", "input", "var"): 9.0}))
    assert (scale.std, scale.evaluation_std) == (2.0, 3.0)
