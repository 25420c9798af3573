from typing import Any

import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import fall, found
from tests.rules.features.test_low_feature_importance import with_gains
from treedebug.core.data.data_sets import DataSets
from treedebug.core.findings import Severity
from treedebug.rules.curves.suspiciously_perfect import SuspiciouslyPerfect
from treedebug.testing import classes_of, curves, number, rule_test, table, trees

AT_ONCE = fall(40, top=0.6, floor=0.002, tau=3.5)
RATE: dict[str, Any] = {"params": {"learning_rate": 0.3}}


def auc_run():
    label = {"kind": "classes", "counts": [50, 50]}
    return curves(valid=[0.9995] * 30, metric="auc", data={"valid": {"n_rows": 100, "label": label}}, **RATE)


test_suspiciously_perfect = rule_test(
    SuspiciouslyPerfect(),
    fires={
        "log loss": curves(valid=AT_ONCE, **RATE),
        "AUC in the first round": (auc_run(), {"after_rounds": 1}),
        "a twentieth of the variance": (
            curves(valid=fall(40, top=60, floor=0.1, tau=6), metric="rmse", **RATE),
            {"after_rounds": 11},
        ),
        "at a slower rate": curves(valid=fall(80, top=0.6, floor=0.002, tau=10), params={"learning_rate": 0.1}),
    },
    silent={
        "a little late": curves(valid=fall(40, top=0.6, floor=0.002, tau=8), **RATE),
        "twelve percent left": curves(valid=fall(40, top=0.6, floor=0.072, tau=3), **RATE),
        "twelve percent of the variance": curves(valid=fall(40, top=60, floor=21, tau=3), metric="rmse", **RATE),
        "no such thing as perfect": curves(valid=AT_ONCE, metric="poisson-nloglik", **RATE),
        "training goes on from another": curves(valid=AT_ONCE, start_round=10, **RATE),
        "two rounds": curves(valid=[0.6, 0.001], **RATE),
    },
    skipped={
        "no validation set": curves(train=AT_ONCE),
        "unknown direction": curves(valid=AT_ONCE, metric="profit"),
        "a linear booster": curves(valid=AT_ONCE, booster="gblinear", **RATE),
        "epochs of a network": curves(valid=AT_ONCE, slow_rounds=True, **RATE),
    },
)


def test_a_warning_only_if_no_trees_tell_what_it_rests_on():
    """FT306 warns of one feature that stands alone."""
    assert (
        found(trees([with_gains([1, 99, 0.1])] * 30, run=auc_run()), SuspiciouslyPerfect())[0].severity is Severity.INFO
    )
    assert found(auc_run(), SuspiciouslyPerfect())[0].severity is Severity.WARNING


@pytest.mark.parametrize(("both", "expected"), [(True, 0), (False, 1)])
def test_what_the_check_of_both_tables_has_answered_is_not_asked_again(both, expected):
    run = trees([with_gains([1, 99, 0.1])] * 30, run=auc_run())
    label = classes_of({0: 500, 1: 500})
    others = {"valid": table(number("a"), label=label)} if both else {}
    run.add_stream(DataSets, DataSets(table(number("a"), label=label), others, {}))
    assert len(found(run, SuspiciouslyPerfect())) == expected


@pytest.mark.parametrize("leak", [True, False])
def test_a_real_booster(leak):
    features, labels = noisy_classes(noise=0.3)
    if leak:
        features = np.column_stack([features, labels])
    train, valid = halves(features, labels)
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "eta": 0.3}
    assert bool(found(train_xgboost(params, train, valid, 40, classes=False), SuspiciouslyPerfect())) is leak
