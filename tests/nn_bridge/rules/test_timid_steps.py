from nn_bridge.rules.timid_steps import TimidSteps
from tests.nn_bridge.nets_of import BARE, net
from treedebug.engine.evaluate import evaluate
from treedebug.testing import rule_test


def headroom(*values):
    return {("", "optimizer", "headroom"): list(values) if len(values) > 1 else values[0]}


def late(values):
    """Ten steps in a row, then one in fifty."""
    return net(values, every=50)


DECAYED = {("group 0", "optimizer", "learning_rate"): [0.1] * 12 + [0.01] * 8}
SOLVED = {("", "loss", "value"): [1.3] * 3 + [0.1] * 17}

test_timid_steps = rule_test(
    TimidSteps(),
    fires={
        "a hundred times longer": (late(headroom(100.0)), {"headroom": 100.0, "first_step": 59}),
        "three measured steps in a row": (late(headroom(*[3.0] * 12, *[80.0] * 3, *[3.0] * 5)), {"headroom": 80.0}),
    },
    silent={
        "at the edge": late(headroom(1.1)),
        "two steps in a row": late(headroom(*[3.0] * 12, *[80.0] * 2, *[3.0] * 6)),
        "the first steps alone": net(headroom(*[100.0] * 10, *[3.0] * 10)),
        "all is learned": late(headroom(*[3.0] * 3, *[200.0] * 17) | SOLVED),
        "the rate has decayed": late(headroom(*[3.0] * 12, *[200.0] * 8) | DECAYED),
    },
    skipped={"not measured": (net(), "headroom=lambda"), "no network": BARE},
)


def test_the_rate_is_raised_ten_times_not_by_the_headroom():
    run = late(headroom(1000.0))
    finding = evaluate(run.at(run.n_rounds, final=True), [TimidSteps()]).findings[0]
    assert [(c.parameter, c.value) for c in finding.try_next] == [("lr", 1.0)]
