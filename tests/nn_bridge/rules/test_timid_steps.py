from nn_bridge.rules.timid_steps import TimidSteps
from tests.nn_bridge.nets_of import BARE, net
from treedebug.engine.evaluate import evaluate
from treedebug.testing import rule_test


def headroom(*values):
    return {("", "optimizer", "headroom"): list(values) if len(values) > 1 else values[0]}


SOLVED = {("", "loss", "value"): [1.3] * 3 + [0.1] * 17}

test_timid_steps = rule_test(
    TimidSteps(),
    fires={
        "a hundred times longer": (net(headroom(100.0)), {"headroom": 100.0, "first_step": 0}),
        "five steps in a row": (net(headroom(*[3.0] * 5, *[80.0] * 5, *[3.0] * 10)), {"headroom": 80.0}),
    },
    silent={
        "at the edge": net(headroom(1.1)),
        "four steps in a row": net(headroom(*[3.0] * 5, *[80.0] * 4, *[3.0] * 11)),
        "all is learned": net(headroom(*[3.0] * 3, *[200.0] * 17) | SOLVED),
    },
    skipped={"not measured": (net(), "headroom=lambda"), "no network": BARE},
)


def test_the_rate_is_raised_ten_times_not_by_the_headroom():
    run = net(headroom(1000.0))
    finding = evaluate(run.at(run.n_rounds, final=True), [TimidSteps()]).findings[0]
    assert [(c.parameter, c.value) for c in finding.try_next] == [("lr", 1.0)]
