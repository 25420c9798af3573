import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.rules.classes.constant_predictions import ConstantPredictions
from treedebug.testing import classes, curves, grown, leaf, rule_test, trees

ALL_ZERO = [[80, 0], [20, 0]]
STILL = [[0.8, 0.2]]
MOVING = [[0.8 - 0.01 * k, 0.2 + 0.01 * k] for k in range(10)]

test_constant_predictions = rule_test(
    ConstantPredictions(),
    fires={
        "no tree has a split": (trees([leaf()] * 10, run=classes([ALL_ZERO] * 10)), {"predicted_class": 0}),
        "an auc of one half": classes([ALL_ZERO] * 10, run=curves(valid=[0.5] * 10, metric="auc")),
        "the mean stands still": classes([ALL_ZERO] * 10, probability=STILL * 10),
    },
    silent={
        "a rare class, scores move": classes([ALL_ZERO] * 10, probability=MOVING),
        "trees split": trees([grown(2)] * 10, run=classes([ALL_ZERO] * 10, probability=MOVING)),
        "an auc over one half": classes([ALL_ZERO] * 10, run=curves(valid=[0.51] * 10, metric="auc")),
        "four records": classes([ALL_ZERO] * 4, probability=STILL * 4),
        "one other row": classes([[[80, 0], [19, 1]]] * 10, probability=STILL * 10),
        "one label": classes([[[80, 0], [0, 0]]] * 10, probability=STILL * 10),
    },
    skipped={"regression": curves(valid=[0.5] * 20)},
)


@pytest.mark.parametrize("train", [train_xgboost, train_lightgbm])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(train, sick):
    params = (
        {"objective": "binary:logistic", "min_child_weight": 1000 if sick else 1}
        if train is train_xgboost
        else {"objective": "binary", "min_data_in_leaf": 10_000 if sick else 20}
    )
    run = train(params, *halves(*noisy_classes(400)), 10)
    findings = found(run, ConstantPredictions())
    assert bool(findings) is sick
    if sick and train is train_xgboost:
        assert str(findings[0].try_next[0]) == "min_child_weight=1"
