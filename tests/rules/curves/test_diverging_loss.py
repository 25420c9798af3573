import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import fall, found, noisy, turn
from treedebug.core.findings import Severity
from treedebug.rules.curves.diverging_loss import DivergingLoss
from treedebug.testing import curves, rule_test

NAN = float("nan")

test_diverging_loss = rule_test(
    DivergingLoss(),
    fires={
        "turns nan": (curves(train=[0.6, 0.5, NAN, NAN]), {"first_round": 2, "n_rounds": 2}),
        "nan on validation": (curves(train=[0.6, 0.5], valid=[0.6, NAN]), {"first_round": 1}),
        "one infinite round": (curves(train=[0.6, float("inf"), 0.5]), {"n_rounds": 1}),
        "training rises": (curves(train=turn(60, best=20, slope=0.02)), {"best_round": 20}),
        "training auc falls": curves(train=1 - turn(60, best=20, slope=0.02), metric="auc"),
        "explodes": curves(train=10.0 ** np.arange(20)),
    },
    silent={
        "validation rises: that is overfitting": curves(train=fall(60), valid=turn(60, best=20, slope=0.02)),
        "rises within its noise": curves(train=noisy(fall(60), 0.02)),
        "levels off": curves(train=fall(60)),
        "constant": curves(train=[0.5] * 60),
        "rises by less than a tenth": curves(train=turn(60, best=20, slope=0.001)),
        "training aims at weighted rows": curves(
            train=turn(60, best=20, slope=0.02), params={"scale_pos_weight": 30.0}
        ),
        "direction not known": curves(train=turn(60, best=20, slope=0.02), metric="profit"),
    },
    skipped={"no metric": curves()},
)


def test_a_nan_is_an_error_and_a_rise_a_warning():
    assert found(curves(train=[0.5, NAN]), DivergingLoss())[0].severity is Severity.ERROR
    assert found(curves(train=turn(60, best=20, slope=0.02)), DivergingLoss())[0].severity is Severity.WARNING


@pytest.mark.parametrize(("eta", "expected"), [(6.0, True), (0.3, False)])
def test_a_real_booster(eta, expected):
    train, valid = halves(*noisy_classes(noise=2.0))
    params = {"objective": "reg:squarederror", "eval_metric": "rmse", "max_depth": 2, "eta": eta}
    assert bool(found(train_xgboost(params, train, valid, 30, classes=False), DivergingLoss())) is expected
