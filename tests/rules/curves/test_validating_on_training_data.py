import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import fall, found
from treedebug.core.findings import Severity
from treedebug.rules.curves.validating_on_training_data import ValidatingOnTrainingData
from treedebug.testing import curves, rule_test

CURVE = fall(40)


def extra(values, *, dataset="other", metric="logloss", run=None):
    """The run with one more validation set."""
    run = run if run is not None else curves(valid=CURVE + 0.01)
    for k, value in enumerate(values):
        run.evals.append(k, dataset, metric, float(value))
    return run


test_validating_on_training_data = rule_test(
    ValidatingOnTrainingData(),
    fires={
        "the same curve twice": (curves(train=CURVE, valid=CURVE), {"n_rounds": 40, "datasets": ["train", "valid"]}),
        "but for rounding": curves(train=CURVE, valid=CURVE * (1 + 1e-8)),
        "two metrics": (
            curves(train=1 - CURVE, valid=1 - CURVE, metric="auc", run=curves(train=CURVE, valid=CURVE)),
            {"metrics": ["logloss", "auc"]},
        ),
        "two validation sets": extra(CURVE + 0.01),
        "ten rounds": curves(train=CURVE[:10], valid=CURVE[:10]),
    },
    silent={
        "close": curves(train=CURVE, valid=CURVE * (1 + 1e-5)),
        "one metric of two": curves(
            train=1 - CURVE, valid=1 - CURVE, metric="auc", run=curves(train=CURVE, valid=CURVE**2)
        ),
        "nine rounds": curves(train=CURVE[:9], valid=CURVE[:9]),
        "both perfect": curves(train=[0.2, 0.1, *[0.0] * 40], valid=[0.2, 0.1, *[0.0] * 40], metric="error"),
        "an early round differs": curves(train=CURVE, valid=[*CURVE[:4], 0.9, *CURVE[5:]]),
        "other metrics": extra(CURVE + 0.01, metric="brier"),
        "no validation set": curves(train=CURVE),
    },
    skipped={"no metric": curves()},
)


def test_only_training_data_makes_it_an_error():
    assert found(curves(train=CURVE, valid=CURVE), ValidatingOnTrainingData())[0].severity is Severity.ERROR
    assert found(extra(CURVE + 0.01), ValidatingOnTrainingData())[0].severity is Severity.INFO


@pytest.mark.parametrize("same", [True, False])
@pytest.mark.parametrize("train_it", [train_xgboost, train_lightgbm])
def test_a_real_booster(train_it, same):
    train, valid = halves(*noisy_classes())
    params = {"objective": "binary:logistic" if train_it is train_xgboost else "binary"}
    run = train_it(params, train, train if same else valid, 20, classes=False)
    assert bool(found(run, ValidatingOnTrainingData())) is same
