import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.rules.params.distorted_metric import DistortedMetric
from treedebug.testing import header, labels, rule_test

VALID = labels([90, 10], dataset="valid")
BOTH = labels([900, 100]) | VALID
WEIGHED = labels([900, 100], weighted=[900.0, 900.0])


def weighed(metric="logloss", *, data=BOTH, patience=10, **params):
    params = {"objective": "binary:logistic", "eval_metric": [metric], **params}
    return header(data=data, params=params, early_stopping_rounds=patience)


def started(*, train, valid, library="xgboost", objective="count:poisson"):
    facts = {"n_rows": 100, "label": {"kind": "numbers", "mean": 3.0, "std": 1.0}}
    data = {"train": {**facts, "is_training": True, **train}, "valid": {**facts, **valid}}
    return header(library=library, data=data, params={"objective": objective})


def lightgbm(metric, **params):
    return header(library="lightgbm", data=BOTH, params={"objective": "binary", "metric": metric, **params})


test_distorted_metric = rule_test(
    DistortedMetric(),
    fires={
        "scale_pos_weight and log loss": (weighed(scale_pos_weight=9), {"factor": 9.0, "metric": "logloss"}),
        "weighed down": weighed(scale_pos_weight=0.2),
        "weights that validation lacks": (weighed(data=WEIGHED | VALID), {"factor": 9.0}),
        "is_unbalance": (lightgbm("binary_logloss", is_unbalance=True), {"factor": 9.0}),
        "the default metric": (lightgbm("", is_unbalance=True), {"metric": "binary_logloss"}),
        "a margin of the training rows only": (started(train={"starts_given": True}, valid={}), {"dataset": "valid"}),
        "an init_score of the training rows only": started(
            train={"starts_given": True}, valid={}, library="lightgbm", objective="poisson"
        ),
    },
    silent={
        "auc": weighed("auc", scale_pos_weight=9),
        "a small weight": weighed(scale_pos_weight=1.5),
        "no weight": weighed(),
        "weights that validation shares": weighed(
            data=WEIGHED | labels([90, 10], dataset="valid", weighted=[90.0, 90.0])
        ),
        "weights of rows, not of classes": weighed(data=labels([900, 100], weighted=[1800.0, 200.0]) | VALID),
        "no validation set": weighed(scale_pos_weight=9, data=labels([900, 100])),
        "LightGBM's auc": lightgbm("auc", is_unbalance=True),
        "margins in both sets": started(train={"starts_given": True}, valid={"starts_given": True}),
        "no margins": started(train={}, valid={}),
        "multi-class": weighed(scale_pos_weight=9, objective="multi:softprob", num_class=2),
    },
    skipped={"nothing known": header()},
)


def test_it_matters_if_early_stopping_goes_by_it():
    assert found(weighed(scale_pos_weight=9), DistortedMetric())[0].severity is Severity.WARNING
    assert found(weighed(scale_pos_weight=9, patience=None), DistortedMetric())[0].severity is Severity.INFO


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    table = halves(*noisy_classes(200))
    weight = {"scale_pos_weight": 8.0} if sick else {}
    for run in (
        train_xgboost({"objective": "binary:logistic", "eval_metric": "logloss", **weight}, *table, 3),
        train_lightgbm({"objective": "binary", "metric": "binary_logloss", **weight}, *table, 3),
    ):
        assert bool(found(run, DistortedMetric())) is sick
