import numpy as np
import pytest

from tests.boosters import train_xgboost
from tests.curves_of import fall, found, noisy, turn
from treedebug.rules.curves.second_descent import SecondDescent
from treedebug.signals.curves.patience import kept_at
from treedebug.testing import curves, rule_test


def double(*, peak=0.1, later=0.1, width=60):
    """Falls to 0.3, rises by `peak`, and falls to `later` below the first valley."""
    up = np.linspace(0.0, peak, width // 2)
    return np.concatenate([fall(60, tau=8), 0.3 + up, 0.3 + peak - np.linspace(0.0, peak + later, width)])


LATE = np.concatenate([fall(60, tau=8), np.full(30, 0.301), fall(60, top=0.3, floor=0.1)])

test_second_descent = rule_test(
    SecondDescent(),
    fires={
        "double descent": (curves(valid=double()), {"kept_round": 60, "best_round": 149, "too_short": 50}),
        "mirrored metric": (curves(valid=1 - double(), metric="auc"), {"best_round": 149}),
        "however small the peak": curves(valid=double(peak=0.01)),
        "a plateau, then more": curves(
            valid=np.concatenate([fall(60, tau=8), np.full(30, 0.301), fall(60, top=0.3, floor=0.1)])
        ),
        "the training's own patience": (
            curves(valid=double(width=160), early_stopping_rounds=80),
            {"too_short": 80, "best_round": 299},
        ),
        "its own patience is a round too short": curves(valid=double(), early_stopping_rounds=59),
        "in noise": curves(valid=noisy(double(), 0.002)),
        "continued training": (curves(valid=double(), start_round=100), {"best_round": 249}),
    },
    silent={
        "its own patience is long enough": curves(valid=double(), early_stopping_rounds=60),
        "a single descent": curves(valid=fall(200)),
        "overfitting": curves(valid=turn(200)),
        "the second valley is no deeper": curves(valid=double(later=-0.01)),
        "the way over the peak is shorter than any patience": curves(valid=double(width=8)),
        "less than material is lost": curves(valid=double(later=0.015)),
        "noise alone": curves(valid=noisy(fall(200), 0.02)),
        "one bad round": curves(valid=np.where(np.arange(200) == 50, 0.6, fall(200, tau=40))),
    },
    skipped={"no validation set": curves(train=double())},
)


def test_the_patience_reaches_the_best_round():
    finding = found(curves(valid=double()), SecondDescent())[0]
    patience = finding.try_next[0].value
    assert kept_at(double(), patience) == (149, None)
    assert kept_at(double(), finding.evidence["needed"]) == (149, None)
    assert kept_at(double(), finding.evidence["needed"] - 1)[0] == 60


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(800, 4))
    target = features[:, 0] + 0.1 * rng.normal(size=800)
    train, valid = (features[:400], target[:400]), (features[400:], target[400:])
    run = train_xgboost({"max_depth": 3, "eta": 0.1, "eval_metric": "rmse"}, train, valid, 100, classes=False)
    if sick:  # boosters descend twice only rarely: the recorded curve is bent by hand
        column = run.evals._columns["valid", "rmse"][1]
        for k in range(100):
            column[k] += 0.5 * np.exp(-(((k - 40) / 12) ** 2)) - 0.05 * (k > 70)
    assert bool(found(run, SecondDescent())) is sick
