import numpy as np
import pytest

from nn_bridge.signals.first_non_finite import NonFiniteTensors
from nn_bridge.signals.loss_fit import LossFit
from nn_bridge.signals.unmoved_parameters import UnmovedParameters
from tests.nn_bridge.nets_of import facts, matrix, net
from treedebug.engine.resolve import Missing, Resolver
from treedebug.testing import curves


def measured(kind, run):
    return Resolver(run.at(run.n_rounds)).get(kind)


def test_the_first_break_is_the_nearest_to_the_cause():
    late, early = [0.0] * 9 + [1.0] * 11, [0.0] * 5 + [1.0] * 15
    run = net({
        ("fc1.weight", "gradient", "nonfinite_share"): early,
        ("fc2", "activation", "nonfinite_share"): early,
        ("", "input", "nonfinite_share"): late,
    })  # fmt: skip
    found = measured(NonFiniteTensors, run).found
    assert [(b.kind, b.layer, b.step) for b in found] == [
        ("activation", "fc2", 5), ("gradient", "fc1.weight", 5), ("input", "", 9),
    ]  # fmt: skip


def test_what_the_optimiser_does_not_hold_has_no_updates():
    gone = {("fc1.weight", "update", s): None for s in ("mean_abs", "nonfinite_share")}
    params = (matrix("fc1.weight", in_optimizer=False), matrix("fc2.weight", 64, 64))
    still = measured(UnmovedParameters, net(gone, net_facts=facts(params=params)))
    assert [(s.param.name, s.n_steps, s.ever_moved) for s in still.found] == [("fc1.weight", 20, False)]


def test_the_fit_is_in_units_of_a_guess_and_smooth():
    losses = np.log(4) * np.array([1.0, 0.8, 5.0, 0.6, 0.5])
    run = curves(train=losses, valid=losses, metric="loss", run=net(n_steps=4, ended=False))
    fit = measured(LossFit, run)
    assert fit.train.tolist() == pytest.approx([1.0, 0.8, 0.6])
    assert fit.rounds.tolist() == [1, 2, 3]
    assert (fit.best, fit.rise, fit.learned_since) == (2, 0.0, 0.0)


def test_a_fit_takes_rounds_that_both_have():
    run = curves(valid=[1.0, 0.9, 0.8, 0.7], metric="loss", run=net(n_steps=4, ended=False))
    for k, value in ((0, 1.0), (2, 0.5)):
        run.evals.append(k, "train", "loss", value)
    with pytest.raises(Missing, match="3 evaluations"):
        measured(LossFit, run)
