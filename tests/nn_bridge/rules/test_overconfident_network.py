from nn_bridge.rules.overconfident_network import OverconfidentNetwork
from tests.nn_bridge.nets_of import BARE, net
from treedebug.testing import rule_test

RISING = [0.7, 0.6, 0.52, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1]
STEADY = [0.6, 0.7, 0.79, 0.79, 0.8, 0.79, 0.79, 0.79, 0.8, 0.79]


def trained(losses, accuracies, dataset="valid"):
    run = net(n_steps=4 * len(losses))
    for i, (loss, accuracy) in enumerate(zip(losses, accuracies, strict=True)):
        run.evals.append(i, dataset, "loss", loss)
        if accuracy is not None:
            run.evals.append(i, dataset, "accuracy", accuracy)
    return run


test_overconfident_network = rule_test(
    OverconfidentNetwork(),
    fires={"loss doubles, accuracy stays": (trained(RISING, STEADY), {"best_loss": 0.52, "last_loss": 1.0})},
    silent={
        "accuracy falls too": trained(RISING, [0.6, 0.7, 0.79, 0.78, 0.77, 0.76, 0.74, 0.72, 0.7, 0.7]),
        "loss hardly rises": trained([0.7, 0.6, 0.52] + [0.55] * 7, STEADY),
        "five rounds since the best": trained(RISING[:8], STEADY[:8]),
    },
    skipped={
        "no network": BARE,
        "no accuracy": trained(RISING, [None] * 10),
        "training data only": trained(RISING, STEADY, "train"),
    },
)
