from nn_bridge.rules.unscaled_targets import UnscaledTargets
from tests.nn_bridge.nets_of import BARE, facts, loss, net
from treedebug.testing import rule_test


def first(mean, std, output_std=0.3, function="mse"):
    known = {"function": function, "target_mean": mean, "target_std": std, "output_std": output_std}
    return net(net_facts=facts(loss=loss(**known)))


test_unscaled_targets = rule_test(
    UnscaledTargets(),
    fires={
        "prices": (first(200_000.0, 80_000.0), {"target_mean": 200_000.0}),
        "wide around zero": first(0.0, 50.0),
        "years": first(2000.0, 10.0, function="huber"),
    },
    silent={
        "scaled": first(0.0, 1.0),
        "hardly larger": first(5.0, 12.0),
        "the last layer starts as large": first(60.0, 5.0, output_std=4.0),
    },
    skipped={"no network": BARE, "classes": net(), "targets not seen": first(float("nan"), float("nan"))},
)
