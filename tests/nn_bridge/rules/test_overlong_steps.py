from nn_bridge.rules.overlong_steps import OverlongSteps
from tests.nn_bridge.nets_of import BARE, net
from tests.nn_bridge.rules.test_timid_steps import headroom
from treedebug.testing import rule_test

BLOWN = {("", "loss", "value"): [1.3, 20.0] + [1.0] * 18}

test_overlong_steps = rule_test(
    OverlongSteps(),
    fires={
        "three steps in a row": (net(headroom(0.19, 0.06, 0.1, *[2.0] * 17)), {"headroom": 0.19, "first_step": 0}),
        "one, and the loss has blown up": (
            net(headroom(2.0, 0.2, *[2.0] * 18) | BLOWN),
            {"headroom": 0.2, "first_step": 1},
        ),
    },
    silent={
        "at the edge": net(headroom(1.0)),
        "two steps, as Adam makes them at times": net(headroom(0.19, 0.02, 1.2, 0.06, *[9.0] * 16)),
        "late, when little is left to gain": net(headroom(*[2.0] * 12, *[0.06] * 8), every=50),
        "far from the edge": net(headroom(100.0)),
    },
    skipped={"not measured": (net(), "headroom=lambda"), "no network": BARE},
)
