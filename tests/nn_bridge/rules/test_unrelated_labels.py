import numpy as np

from nn_bridge.record.tensor_streams import TensorKey, TensorLog
from nn_bridge.rules.unrelated_labels import UnrelatedLabels
from tests.nn_bridge.nets_of import BARE, facts, loss, net
from treedebug.testing import curves, ending, rounds, rule_test

GUESS = np.log(4)


def fitted(train, valid, **fields):
    """Curves in units of a guess."""
    run = net(n_steps=4, net_facts=facts(loss=loss(**fields)), ended=False)
    return curves(train=GUESS * np.array(train), valid=GUESS * np.array(valid), metric="loss", run=run)


def untrained():
    run = fitted(np.full(12, 1.01), np.full(12, 1.01))
    run.rounds.truncate(0)
    return ending(rounds(12, iterations=[0] * 11 + [1], run=run))


def few(run, n_rows):
    log = run.ensure_stream(TensorLog)
    log.append(99, 0, (TensorKey("", "mode", "evaluation_rows"),), np.array([n_rows]))
    return run


def accurate(run, share):
    for i in range(12):
        run.evals.append(i, "valid", "accuracy", share)
    return run


FALLING = np.linspace(1.0, 0.1, 12)
NOISY = np.linspace(1.0, 0.7, 12)
HARDLY_TURNING = np.concatenate([np.linspace(1.0, 0.4, 6), np.linspace(0.4, 0.45, 6)])
TURNING = np.concatenate([np.linspace(1.0, 0.4, 6), np.linspace(0.4, 0.55, 6)])

test_unrelated_labels = rule_test(
    UnrelatedLabels(),
    fires={
        "validation is never better than a guess": (fitted(FALLING, np.linspace(1.0, 2.5, 12)), {"kind": "chance"}),
        "training labels are noisier": (fitted(NOISY, np.linspace(0.9, 0.4, 12)), {"kind": "noise"}),
        "two classes": (fitted(FALLING, np.linspace(1.0, 2.5, 12), function="bce_with_logits"), {"kind": "chance"}),
        "validation turns up": (fitted(FALLING, TURNING), {"kind": "rise", "guess": GUESS}),
    },
    silent={
        "nothing is learned": fitted(np.full(12, 1.0), np.full(12, 1.01)),
        "mixup keeps the training loss high": fitted(NOISY, np.linspace(0.9, 0.4, 12), is_plain=False),
        "twenty rows of validation": few(fitted(FALLING, np.linspace(1.0, 2.5, 12)), 20.0),
        "classes are told, only the loss is high": accurate(fitted(FALLING, np.linspace(1.0, 2.5, 12)), 0.6),
        "accuracy does not fall": accurate(fitted(np.linspace(0.8, 0.05, 12), TURNING), 0.8),
        "both fall": fitted(FALLING, FALLING + 0.1),
        "one round short of a judgement": fitted(FALLING[:7], np.linspace(1.0, 2.5, 7)),
        "two bad rounds, and the best one since": fitted(FALLING, [*np.linspace(1.0, 0.4, 9), 0.8, 0.8, 0.3]),
        "dropout": fitted(FALLING + 0.1, FALLING),
        "one bad round": fitted(FALLING, [*FALLING[:11], 3.0]),
        "little of what was gained is lost": fitted(np.geomspace(1.0, 0.1, 12), HARDLY_TURNING),
        "validation turns up when all is learned": fitted(
            [1.0, 0.1, *np.linspace(0.1, 0.0, 10)], [1.0, 0.3, *np.linspace(0.3, 0.34, 10)]
        ),
    },
    skipped={
        "no network": BARE,
        "no validation": curves(train=FALLING, metric="loss", run=net(ended=False, n_steps=4)),
        "never trained": untrained(),
        "several labels a row": fitted(FALLING, TURNING, function="bce_with_logits", n_classes=0),
        "another loss": fitted(FALLING, TURNING, function="mse"),
        "summed": fitted(FALLING, TURNING, reduction="sum"),
    },
)
