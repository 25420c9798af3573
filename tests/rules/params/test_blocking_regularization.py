import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.rules.params.blocking_regularization import BlockingRegularization
from treedebug.rules.trees.splitless_rounds import SplitlessRounds
from treedebug.testing import header, labels, rule_test

BINARY = labels([500, 500])  # a hessian of 250 in all
NUMBERS = {"train": {"n_rows": 1000, "is_training": True, "label": {"kind": "numbers", "mean": 0.0, "std": 0.01}}}


def binary(library="xgboost", *, data=BINARY, **params):
    goal = "binary:logistic" if library == "xgboost" else "binary"
    return header(library=library, data=data, params={"objective": goal, **params})


def regression(**params):
    return header(data=NUMBERS, params={"objective": "reg:squarederror", **params})


test_blocking_regularization = rule_test(
    BlockingRegularization(),
    fires={
        "more than all the hessian": (binary(min_child_weight=300), {"available": 250.0, "share": 1.2}),
        "a quarter of the hessian": binary(min_child_weight=63),
        "rare positives have little hessian": binary(min_child_weight=5, data=labels([985, 15])),
        "half of the rows": (binary("lightgbm", min_child_samples=501), {"available": 1000.0}),
        "few rows and LightGBM's default": binary("lightgbm", data=labels([30, 30])),
        "rows drawn": binary("lightgbm", min_child_samples=60, subsample=0.2, subsample_freq=1),
        "more gain than there is": regression(gamma=1.0),
        "more gradient than there is": regression(reg_alpha=10),
        "lambda over the hessian": binary(reg_lambda=1000),
        "hardly a row drawn": (binary(subsample=0.03), {"available": 30.0}),
        "residuals far over the slope": header(
            data={"train": {"n_rows": 1000, "is_training": True, "label": {"kind": "numbers", "mean": 0, "std": 100}}},
            params={"objective": "reg:pseudohubererror"},
        ),
    },
    silent={
        "the default": binary(),
        "a tenth of the hessian": binary(min_child_weight=25),
        "a fifth of the rows": binary("lightgbm", min_child_samples=200),
        "bagging that is not on": binary("lightgbm", min_child_samples=60, subsample=0.2),
        "gamma of a usual size": binary(gamma=5),
        "a small gamma on small labels": regression(gamma=0.001),
        "a hundred rows drawn": binary(subsample=0.1),
        "gblinear": binary(booster="gblinear", reg_lambda=1000),
        "one's own objective": binary(min_child_weight=300, objective="custom"),
    },
    skipped={"rows unknown": header(params={"min_child_weight": 10}), "nothing known": header()},
)


def test_no_split_at_all_is_an_error():
    assert found(binary(min_child_weight=300), BlockingRegularization())[0].severity is Severity.ERROR
    assert found(binary(min_child_weight=63), BlockingRegularization())[0].severity is Severity.WARNING


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    table = halves(*noisy_classes(800))
    for run in (
        train_xgboost({"objective": "binary:logistic", "min_child_weight": 60 if sick else 2}, *table, 8),
        train_lightgbm({"objective": "binary", "min_data_in_leaf": 210 if sick else 20}, *table, 8),
    ):
        findings = found(run, BlockingRegularization())
        assert bool(findings) is sick
        certain = any(f.severity is Severity.ERROR for f in findings)
        assert bool(found(run, SplitlessRounds())) is certain, "what is said to be impossible does not happen"
