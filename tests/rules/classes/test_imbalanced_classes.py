import numpy as np
import pytest

from tests.boosters import train_xgboost
from tests.curves_of import found
from treedebug.core.changes import QUESTION
from treedebug.core.findings import Severity
from treedebug.rules.classes.imbalanced_classes import ImbalancedClasses
from treedebug.testing import classes, curves, labels, rule_test

ERRORS = [0.1] * 10
RARE = labels([950, 50])

test_imbalanced_classes = rule_test(
    ImbalancedClasses(),
    fires={
        "only errors are counted": (curves(train=ERRORS, metric="error", data=RARE), {"ratio": 19.0}),
        "no metric is watched": (curves(data=RARE), {"ratio": 19.0}),
        "one of three": (curves(train=ERRORS, metric="merror", data=labels([500, 480, 20])), {"ratio": 25.0}),
        "labels known from the class balance": classes(
            [[[95, 0], [5, 0]]] * 5, dataset="train", run=curves(train=ERRORS, metric="error")
        ),
        "weights make it no better": curves(
            train=ERRORS, metric="error", data=labels([950, 50], weighted=[950.0, 50.0])
        ),
    },
    silent={
        "nine to one": curves(train=ERRORS, metric="error", data=labels([900, 100])),
        "a metric that sees it": curves(train=ERRORS, metric="aucpr", data=RARE),
        "scale_pos_weight answers": curves(train=ERRORS, metric="error", data=RARE, params={"scale_pos_weight": 19.0}),
        "is_unbalance answers": curves(
            train=ERRORS, metric="binary_error", data=RARE, library="lightgbm", params={"is_unbalance": True}
        ),
        "sample weights answer": curves(train=ERRORS, metric="error", data=labels([950, 50], weighted=[50.0, 50.0])),
        "a class without rows": curves(train=ERRORS, metric="merror", data=labels([500, 500, 0])),
    },
    skipped={
        "regression": curves(train=ERRORS, metric="rmse"),
        "labels not recorded": curves(train=ERRORS, metric="error", n_classes=2),
    },
)


def test_without_a_metric_it_is_only_worth_knowing():
    assert found(curves(data=RARE), ImbalancedClasses())[0].severity is Severity.INFO


def test_the_answers_are_spelled_for_the_library():
    xgboost = found(curves(train=ERRORS, metric="error", data=RARE), ImbalancedClasses())[0]
    metric, asked = xgboost.try_next
    assert str(metric) == "eval_metric='aucpr'"
    assert asked.kind == QUESTION  # what the weight costs stands beside it
    assert "scale_pos_weight=19" in str(asked)
    assert "log loss" in str(asked)
    run = curves(train=ERRORS, metric="binary_error", data=RARE, library="lightgbm")
    assert str(found(run, ImbalancedClasses())[0].try_next[0]) == "metric='binary_logloss'"


@pytest.mark.parametrize(("share", "expected"), [(0.03, True), (0.4, False)])
def test_a_real_booster(share, expected):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(600, 4))
    target = (features[:, 0] > np.quantile(features[:, 0], 1 - share)).astype(float)
    params = {"objective": "binary:logistic", "eval_metric": "error", "max_depth": 2}
    run = train_xgboost(params, (features[:300], target[:300]), (features[300:], target[300:]), 10)
    assert bool(found(run, ImbalancedClasses())) is expected
