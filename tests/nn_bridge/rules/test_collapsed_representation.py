from nn_bridge.rules.collapsed_representation import CollapsedRepresentation
from tests.nn_bridge.nets_of import BARE, PER_ROUND, net
from treedebug.testing import rule_test


def spread(layer, std, share, kind="activation"):
    """A run in which a layer was measured so, once a round."""
    values = {"row_std": std, "row_share": share}
    steps = {(layer, kind, name): [v for v in row for _ in range(PER_ROUND)] for name, row in values.items()}
    return net(steps, n_steps=PER_ROUND * len(std))


SAME = [0.9] * 6

test_collapsed_representation = rule_test(
    CollapsedRepresentation(),
    fires={
        "outputs shrink": (
            spread("fc2", [0.5, 0.3, 0.1, 0.02, 0.01, 0.01], SAME),
            {"layer": "fc2", "last_spread": 0.01},
        ),
        "one direction is left": spread("", [0.5] * 6, [0.9, 0.5, 0.2, 0.05, 0.02, 0.01], "output"),
    },
    silent={
        "they vary": spread("fc2", [0.5, 0.4, 0.6, 0.5, 0.7, 0.9], SAME),
        "it came back": spread("fc2", [0.5, 0.3, 0.1, 0.05, 0.02, 0.2], SAME),
        "never varied much": spread("fc2", [0.01] * 6, [0.01] * 6),
    },
    skipped={"no network": BARE, "three rounds": spread("fc2", [0.5, 0.01, 0.01], [0.9] * 3)},
)
