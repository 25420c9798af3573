import numpy as np
import pytest

from tests.boosters import train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.rules.classes.neglected_class import NeglectedClass
from treedebug.testing import classes, curves, rule_test

NEVER = [[95, 0], [20, 0]]

test_neglected_class = rule_test(
    NeglectedClass(),
    fires={
        "never predicted": (classes([NEVER] * 50), {"n_predicted": 0, "n_rows": 20, "recall": 0.0}),
        "almost never": (classes([[[950, 0], [98, 2]]] * 50), {"n_predicted": 2}),
        "two of four": (
            classes([[[90, 10, 0, 0], [5, 80, 0, 0], [30, 20, 0, 0], [40, 0, 0, 0]]] * 50), {"n_neglected": 2},
        ),
    },
    silent={
        "predicted too seldom, but predicted": classes([[[95, 0], [18, 2]]] * 50),
        "nine rows": classes([[[95, 0], [9, 0]]] * 50),
        "forty-nine rounds": classes([NEVER] * 49),
        "predicted in the last record": classes([*[NEVER] * 49, [[95, 0], [10, 10]]]),
        "perfect": classes([np.diag([90, 20])] * 50),
    },
    skipped={"regression": curves(valid=[0.5] * 20)},
)  # fmt: skip


def test_a_rare_class_of_many_is_only_worth_knowing():
    matrix = np.diag([2000, 2000, 2000, 0])
    matrix[3, 0] = 12
    assert found(classes([matrix] * 50), NeglectedClass())[0].severity is Severity.INFO
    assert found(classes([NEVER] * 50), NeglectedClass())[0].severity is Severity.WARNING


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(800, 3))
    target = (features[:, 0] + rng.normal(size=800) * (3.0 if sick else 0.3) > (4.5 if sick else 0.5)).astype(float)
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": 1, "eta": 0.05}
    run = train_xgboost(params, (features[:400], target[:400]), (features[400:], target[400:]), 60)
    assert [f.subject for f in found(run, NeglectedClass())] == (["class 1"] if sick else [])


@pytest.mark.parametrize(("told", "metric", "severity"), [
    (0.1, "logloss", Severity.INFO), (0.02, "logloss", Severity.WARNING), (0.1, "error", Severity.WARNING),
])  # fmt: skip
def test_a_rare_class_with_the_right_probability_is_seldom_over_a_half(told, metric, severity):
    record = [[900, 0], [98, 2]]
    run = classes(
        [record] * 50, probability=[[1.0 - told, told]] * 50,
        data={"valid": {"n_rows": 1000}}, params={"objective": "binary:logistic", "eval_metric": metric},
    )  # fmt: skip
    assert found(run, NeglectedClass())[0].severity is severity
