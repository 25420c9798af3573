import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import fall, found, noisy, turn
from treedebug.core.changes import alternatives
from treedebug.rules.curves.overfitting import Overfitting
from treedebug.testing import curves, ending, labels, rule_test

HALVES = labels([500, 500], dataset="valid")
BOTH = labels([500, 500]) | HALVES
AMOUNTS = {
    name: {"n_rows": 1000, "is_training": name == "train", "label": {"kind": "numbers", "mean": 0.0, "std": 50.0}}
    for name in ("train", "valid")
}
LN2 = float(np.log(2))
USELESS = LN2 * (1 + 0.002 * np.abs(np.arange(40) - 2))
LEARNED = LN2 * fall(40, top=1, floor=0.6)
TRAIN = fall(120, floor=0.05, tau=30)
WORSE = turn(120)

test_overfitting = rule_test(
    Overfitting(),
    fires={
        "validation turns up": (
            curves(train=TRAIN, valid=WORSE), {"best_round": int(WORSE.argmin()), "kind": "worse"},
        ),
        "mirrored metric": (
            curves(train=1 - TRAIN, valid=1 - WORSE, metric="auc"),
            {"best_round": int(WORSE.argmin()), "last_value": float(1 - WORSE[-3])},
        ),
        "validation stalls while training halves its loss": (
            curves(train=fall(200, tau=60, floor=0.0), valid=noisy(fall(200, tau=5), 0.0005)), {"kind": "stalled"},
        ),
        "validation worsens from the first round": (
            curves(train=TRAIN, valid=0.6 + 0.002 * fall(120, top=-1, floor=50)), {"best_round": 0},
        ),
        "patience of the library ran over": curves(train=TRAIN, valid=WORSE, early_stopping_rounds=20),
        "validation never beats a constant prediction": (
            curves(train=fall(60, floor=0.01), valid=fall(60, top=0.9, floor=0.8), data=HALVES), {"kind": "useless"},
        ),
        "nothing of it carries over, and early stopping waits": (
            curves(train=LEARNED, valid=USELESS, data=BOTH, early_stopping_rounds=50), {"kind": "useless"},
        ),
        "a loss without a bound": (
            curves(train=fall(40, top=1, floor=0.5), valid=2 + USELESS, metric="poisson-nloglik", data={
                "valid": {"n_rows": 5000}}), {"kind": "useless"},
        ),
        "one percent of the error": (
            curves(train=fall(40, top=50, floor=30), valid=49.5 * USELESS / LN2, metric="rmse", data=AMOUNTS,
                   early_stopping_rounds=99), {"kind": "useless"},
        ),
        "continued training": (
            curves(train=TRAIN, valid=WORSE, start_round=100), {"best_round": 100 + int(WORSE.argmin())},
        ),
    },
    silent={
        "training loss below validation loss": curves(train=TRAIN, valid=fall(120)),
        "validation beats a constant prediction": curves(
            train=fall(60, floor=0.01), valid=fall(60, top=0.9, floor=0.6), data=HALVES
        ),
        "a twentieth carries over": curves(train=LEARNED, valid=USELESS * 0.95, data=BOTH, early_stopping_rounds=50),
        "training has not learned much more": curves(
            train=1 - 0.1 * LEARNED / LN2, valid=USELESS, data=BOTH, early_stopping_rounds=50
        ),
        "too few rows to see what carries over": curves(
            train=LEARNED, valid=USELESS, data=labels([500, 500]) | labels([10, 10], dataset="valid"),
            early_stopping_rounds=50,
        ),
        "nine rounds since its best": curves(
            train=LEARNED[:12], valid=USELESS[:12], data=BOTH, early_stopping_rounds=50
        ),
        "weights shift the odds": curves(
            train=LEARNED, valid=USELESS, data=BOTH, early_stopping_rounds=50, params={"scale_pos_weight": 9.0}
        ),
        "training does not beat it either, yet": curves(
            train=fall(60, floor=0.5), valid=fall(60, top=0.9, floor=0.8), data=HALVES
        ),
        "one round short of patience": curves(train=TRAIN[: WORSE.argmin() + 10], valid=WORSE[: WORSE.argmin() + 10]),
        "training worsens too": curves(train=WORSE - 0.1, valid=WORSE),
        "a noisy plateau": curves(train=fall(120, tau=100, floor=0.2), valid=noisy(fall(120), 0.01)),
        "early stopping waits": curves(
            train=TRAIN[: WORSE.argmin() + 30], valid=WORSE[: WORSE.argmin() + 30], early_stopping_rounds=50
        ),
        "given back less than material": curves(train=TRAIN, valid=turn(120, slope=0.0001)),
        "perfect and constant": curves(train=[0.0] * 60, valid=[0.0] * 60, metric="error"),
    },
    skipped={
        "no validation set": curves(train=TRAIN),
        "no training curve": curves(valid=WORSE),
        "unknown direction": curves(valid=WORSE, metric="profit"),
    },
)  # fmt: skip


def test_stopped_by_the_library_is_not_overfitting():
    run = ending(curves(train=TRAIN[:80], valid=turn(80, slope=0.01), planned_rounds=500))
    assert not found(run, Overfitting())


def test_learned_direction_of_an_own_metric():
    run = curves(train=1 - TRAIN, valid=1 - WORSE, metric="profit")
    assert found(run, Overfitting())[0].evidence["best_round"] == WORSE.argmin()


@pytest.mark.parametrize(("depth", "eta", "rounds", "expected"), [(9, 0.5, 120, True), (2, 0.1, 40, False)])
def test_a_real_booster(depth, eta, rounds, expected):
    train, valid = halves(*noisy_classes())
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": depth, "eta": eta}
    run = train_xgboost(params, train, valid, rounds, classes=False)
    findings = found(run, Overfitting())
    assert bool(findings) is expected
    if findings:
        slower, cut = alternatives(findings[0].try_next)
        assert {c.parameter: c.value for c in slower} == {
            "eta": 0.12, "num_boost_round": 500, "early_stopping_rounds": 50, "subsample": 0.7,
        }  # fmt: skip
        assert {c.parameter: c.value for c in cut} == {"num_boost_round": findings[0].evidence["best_round"] + 1}


@pytest.mark.parametrize("shuffled", [True, False])
def test_labels_that_belong_to_other_rows(shuffled):
    features, target = noisy_classes(1600, noise=1.0)
    if shuffled:
        target = np.random.default_rng(1).permutation(target)
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": 4, "eta": 0.1}
    run = train_xgboost(params, *halves(features, target), 60, classes=False, early_stopping=20)
    findings = found(run, Overfitting())
    assert bool(findings) is shuffled
    if shuffled:
        assert findings[0].evidence["kind"] == "useless"
        assert "check that labels and rows still belong together" in findings[0].message
