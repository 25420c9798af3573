import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import fall, found
from treedebug.core.findings import Severity
from treedebug.rules.curves.validating_on_training_data import ValidatingOnTrainingData
from treedebug.testing import curves, grown, labels, rule_test, trees

CURVE = fall(40)


def extra(values, *, dataset="other", metric="logloss", run=None):
    """The run with one more validation set."""
    run = run if run is not None else curves(valid=CURVE + 0.01)
    for k, value in enumerate(values):
        run.evals.append(k, dataset, metric, float(value))
    return run


LEARNED = fall(120, top=0.69, floor=0.03, tau=30)
FACTS = labels([120, 80]) | labels([90, 60], dataset="valid")


def nearly(valid, *, learned=LEARNED, deep=2, **fields):
    """The training curve, another beside it, and trees of four leaves (`deep=2`) for 200 training rows."""
    params = {"params": {"learning_rate": 0.1}, "data": FACTS} | fields
    return trees([grown(deep)] * len(learned), run=curves(train=learned, valid=valid, **params))


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
        "nearly the same curve, of rows learned by heart": (
            nearly(LEARNED + 0.004 * np.sin(np.arange(120) / 9)),
            {"leaves_per_row": 2.4},
        ),
        "other rows at first, and rows learned by heart": nearly(LEARNED + 0.03 * fall(120, top=1, floor=0, tau=8)),
        "a little further off, and no worse in the end": nearly(LEARNED - 0.01),
        "ten rounds": curves(train=CURVE[:10], valid=CURVE[:10]),
    },
    silent={
        "near, but as far as new rows of an easy task": nearly(
            LEARNED + 0.01 * (1 - fall(120, top=1, floor=0, tau=30))
        ),
        "near, with few leaves": nearly(LEARNED + 0.001, deep=1, data=FACTS | labels([150, 100])),
        "near, and learned at once": nearly(
            fall(120, top=0.69, floor=0.03, tau=8) + 0.001, learned=fall(120, top=0.69, floor=0.03, tau=8)
        ),
        "near, and hardly learned": nearly(LEARNED[:30] + 0.001, learned=LEARNED[:30], deep=4),
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


@pytest.mark.parametrize("shared", [0.9, 0.0])
def test_most_validation_rows_stand_in_training(shared):
    features, target = noisy_classes(1500, noise=1.0)
    train, other = (features[:800], target[:800]), (features[800:], target[800:])
    n = int(shared * 800)
    valid = (train[0][:n], train[1][:n]) if n else other
    run = train_lightgbm({"objective": "binary", "num_leaves": 31, "learning_rate": 0.1}, train, valid, 80)
    findings = found(run, ValidatingOnTrainingData())
    assert bool(findings) is bool(n)
    if n:
        assert findings[0].severity is Severity.WARNING
        assert "stand in the training data" in findings[0].message
