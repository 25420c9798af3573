import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.rules.classes.overconfident_predictions import OverconfidentPredictions
from treedebug.testing import classes, curves, rule_test

MATRIX = [[400, 100], [100, 400]]  # two rows in ten are wrong: honest probabilities cost 0.5004 at most


def seen(train, valid, n=30, matrix=MATRIX, **fields):
    return classes([matrix] * n, run=curves(train=[train] * n, valid=[valid] * n, **fields))


test_overconfident_predictions = rule_test(
    OverconfidentPredictions(),
    fires={
        "surer than its hit rate": (seen(0.1, 0.9), {"mistakes": 0.2, "honest": 0.5004024235381879}),
        "three classes": seen(0.1, 1.5, metric="mlogloss", matrix=[[400, 50, 50], [50, 400, 50], [50, 50, 400]]),
    },
    silent={
        "honest": seen(0.3, 0.48),
        "a tenth over, not more": seen(0.1, 0.54),
        "not sure enough: still learning": seen(0.68, 0.69),
        "few rows": seen(0.1, 0.9, matrix=[[4, 1], [1, 4]]),
        "nineteen rounds": seen(0.1, 0.9, 19),
        "weights shift the odds": seen(0.1, 0.9, params={"scale_pos_weight": 10.0}),
    },
    skipped={
        "no log loss": seen(0.1, 0.2, metric="error"),
        "no training curve": classes([MATRIX] * 30, run=curves(valid=[0.9] * 30)),
        "no validation data": classes([MATRIX] * 30, dataset="train", run=curves(train=[0.9] * 30)),
        "regression": curves(valid=[0.5] * 20),
    },
)


@pytest.mark.parametrize("train", [train_xgboost, train_lightgbm])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(train, sick):
    features, target = noisy_classes(1000, noise=2.0)
    rate = 0.5 if sick else 0.05
    params = (
        {"objective": "binary:logistic", "eta": rate, "max_depth": 8 if sick else 2}
        if train is train_xgboost
        else {"objective": "binary", "learning_rate": rate, "num_leaves": 63 if sick else 4, "min_data_in_leaf": 2}
    )
    run = train(params, *halves(features, target), 80)
    assert bool(found(run, OverconfidentPredictions())) is sick
