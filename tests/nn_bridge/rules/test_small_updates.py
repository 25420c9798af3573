from dataclasses import replace

import pytest

from nn_bridge.record.network_facts import OptimizerFacts
from nn_bridge.rules._advice import rate_change
from nn_bridge.rules.small_updates import SmallUpdates
from tests.nn_bridge.nets_of import BARE, MATRICES, facts, matrix, net
from treedebug.engine.evaluate import evaluate
from treedebug.testing import rule_test


def moved(*by):
    return {(m, "update", "mean_abs"): by[0] if len(by) == 1 else list(by) for m in MATRICES}


VARIED = {(m, "gradient", "norm"): [0.5, 0.4, 0.6, 0.7] * 5 for m in MATRICES}
"""Gradients that nothing clips."""
LARGE = {("fc2.weight", "update", "mean_abs"): 0.0149}
SOLVED = [1.3] * 10 + [0.01] * 10

LBFGS = facts(optimizers=(OptimizerFacts(type="LBFGS", n_params=6, groups=({"lr": 1.0, "n": 6},)),))
ZERO = matrix("fc2.weight", 64, 64, var=0.0, zero_share=1.0)
FROM_ZERO = facts(params=(facts().params[0], ZERO, facts().params[2]))

test_small_updates = rule_test(
    SmallUpdates(),
    fires={
        "far too small": (net(moved(1e-8)), {"size": "small", "ratio": 1e-7, "first_step": 0}),
        "far too large": (
            net({("fc2.weight", "update", "mean_abs"): 0.05}),
            {"size": "large", "ratio": 0.5, "layer": "fc2.weight"},
        ),
        "clipped to nothing": (net(moved(1e-5)), {"size": "small", "ratio": 1e-4}),
        "a short training that is seldom sampled": (
            net(moved(*[1e-4] * 10, *[1e-8] * 3), n_steps=13, every=50),
            {"first_step": 59},
        ),
        "small for a stretch": (net(moved(*[1e-4] * 5, *[1e-8] * 10, *[1e-4] * 5)), {"first_step": 5}),
    },
    silent={
        "healthy": net(),
        "one layer is slow": net({("fc1.weight", "update", "mean_abs"): 1e-9}),
        "not that small without clipping": net(moved(1e-5) | VARIED),
        "two steps far apart": net(moved(*[1e-4] * 10, *[1e-8] * 2), n_steps=12, every=100),
        "three steps near each other": net(moved(*[1e-4] * 10, *[1e-8] * 3), n_steps=13, every=49),
        "large ones are not counted by the steps between": net(moved(*[1e-4] * 10, *[0.05] * 3), n_steps=13, every=50),
        "steps of zero": net(moved(0.0)),
        "large, and the loss falls": net(
            {("fc2.weight", "update", "mean_abs"): 0.0149, ("", "loss", "value"): [1.3] + [0.3] * 19}
        ),
        "L-BFGS": net({("fc2.weight", "update", "mean_abs"): 0.05}, net_facts=LBFGS),
        "from zero": net({("fc2.weight", "weight", "mean_abs"): 1e-4}, net_facts=FROM_ZERO),
        "four steps": net(moved(*[1e-8] * 4, *[1e-4] * 16)),
        "all is learned": net(moved(*[1e-4] * 10, *[1e-9] * 10) | {("", "loss", "value"): SOLVED}),
    },
    skipped={"no network": BARE},
)


@pytest.mark.parametrize(("last", "said"), [(1e-9, "scheduler='a slower decay'"), (0.1, "lr=1000.0")])
def test_a_rate_that_has_decayed_is_no_reason_for_a_larger_first_one(last, said):
    rates = {("group 0", "optimizer", "learning_rate"): [0.1] * 10 + [last] * 10}
    run = net(moved(*[1e-4] * 10, *[1e-9] * 10) | rates | VARIED)
    (finding,) = evaluate(run.at(run.n_rounds), [SmallUpdates()]).findings
    assert str(finding.try_next[0]) == said
    assert ("was 0.1 at first" in finding.message) == (last < 0.1)


def test_an_unknown_learning_rate_is_still_told_which_way_to_go():
    unknown = facts(optimizers=(OptimizerFacts(type="SGD", n_params=1, groups=({"lr": 0.0},)),))
    assert [str(c) for c in rate_change(unknown, 10.0, "larger steps")] == ["lr='larger'"]
    assert [c.value for c in rate_change(facts(), 0.1, "smaller steps")] == [0.01]


def test_under_a_scheduler_that_sets_the_rate_its_peak_is_to_be_changed():
    cycle = facts(optimizers=(OptimizerFacts(type="SGD", n_params=1, groups=({"lr": 0.08, "max_lr": 2.0},)),))
    assert [str(c) for c in rate_change(cycle, 0.1, "smaller steps")] == ["max_lr=0.05"]


def test_of_clipped_gradients_the_bound_is_to_be_raised():
    run = net(moved(1e-5))
    (finding,) = evaluate(run.at(run.n_rounds), [SmallUpdates()]).findings
    assert finding.try_next[0].parameter == "max_norm"


def test_of_two_optimisers_the_one_at_fault_is_named():
    groups = ({"lr": 0.1, "n": 3},), ({"lr": 0.001, "n": 3},)
    two = tuple(OptimizerFacts(type=t, n_params=3, groups=g) for t, g in zip(("SGD", "Adam"), groups, strict=True))
    params = tuple(replace(p, optimizer=int(p.name == "out.weight")) for p in facts().params)
    run = net({("out.weight", "update", "mean_abs"): 0.05}, net_facts=facts(optimizers=two, params=params))
    (finding,) = evaluate(run.at(run.n_rounds), [SmallUpdates()]).findings
    assert (finding.try_next[0].value, finding.try_next[0].why) == (
        0.0001,
        "of the Adam that holds out.weight; smaller steps",
    )
