import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm
from tests.curves_of import fall, found, noisy, turn
from treedebug.rules.curves.contradicting_metrics import ContradictingMetrics
from treedebug.testing import curves, rule_test

LOSS = turn(120, best=20, tau=6, slope=0.003)
AUC = 1 - fall(120, tau=40)


def two(loss, auc, **fields):
    return curves(valid=auc, metric="auc", run=curves(valid=loss, **fields))


test_contradicting_metrics = rule_test(
    ContradictingMetrics(),
    fires={
        "log loss worsens while AUC improves": (
            two(LOSS, AUC), {"best_rounds": {"logloss": int(LOSS.argmin()), "auc": 119}},
        ),
        "the other way round": curves(valid=LOSS, run=curves(valid=AUC, metric="auc")),
        "in noise": two(noisy(LOSS, 0.002), noisy(AUC, 0.002, seed=1)),
        "continued training": two(LOSS, AUC, start_round=50),
    },
    silent={
        "they agree": two(LOSS, 1 - LOSS),
        "one stands still": two(LOSS, 1 - fall(120, tau=5)),
        "AUC falls back a little": two(turn(120, best=60, slope=0.0001), AUC),
        "best rounds nineteen apart": two(turn(40, best=20, tau=3, slope=0.01), 1 - fall(40, tau=40)),
        "only noise": two(noisy(fall(120, tau=5), 0.02), noisy(1 - fall(120, tau=5), 0.02, seed=1)),
    },
    skipped={
        "one metric": curves(valid=LOSS), "no validation set": curves(train=LOSS),
        "one of unknown direction": curves(valid=AUC, metric="profit", run=curves(valid=LOSS)),
    },
)  # fmt: skip


def test_few_rows_counted_cannot_contradict():
    few = {"valid": {"n_rows": 30}}
    error = np.round(turn(120, best=20, tau=6, slope=0.001) * 30) / 30
    assert not found(
        curves(valid=error, metric="error", run=two(fall(120, tau=40), AUC, data=few)), ContradictingMetrics()
    )


@pytest.mark.parametrize(("leaves", "rate", "expected"), [(127, 0.4, True), (7, 0.05, False)])
def test_a_real_booster(leaves, rate, expected):
    train, valid = halves(*noisy_classes(3000, n_features=20))
    params = {
        "objective": "binary", "metric": ["auc", "binary_logloss"], "num_leaves": leaves, "learning_rate": rate,
        "min_data_in_leaf": 5,
    }  # fmt: skip
    run = train_lightgbm(params, train, valid, 100, classes=False)
    findings = found(run, ContradictingMetrics())
    assert bool(findings) is expected
    if findings:
        best = findings[0].evidence["best_rounds"]
        assert best["binary_logloss"] < best["auc"]
