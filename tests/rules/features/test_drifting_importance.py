import pytest

from tests.boosters import halves, noisy_classes, train_xgboost
from tests.curves_of import fall, found, turn
from tests.rules.features.test_low_feature_importance import with_gains
from treedebug.core.findings import Severity
from treedebug.rules.features.drifting_importance import DriftingImportance
from treedebug.testing import curves, leaf, rule_test, trees

EARLY, LATE = with_gains([9.0, 6.0, 0.0, 0.0]), with_gains([1.0, 1.0, 3.0, 1.0])
WORSE, STOOD = turn(120, best=20, tau=6), turn(120, best=20, tau=6, slope=0.0001)


def drift(valid, *, at=60, late=LATE, **fields):
    n = len(valid)
    return trees([EARLY] * at + [late] * (n - at), run=curves(valid=valid, **fields))


test_drifting_importance = rule_test(
    DriftingImportance(),
    fires={
        "and validation worsens": (drift(WORSE), {"late_share": 4 / 6, "features": ["f2", "f3"]}),
        "and validation stands still": drift(STOOD),
        "continued training": drift(WORSE, start_round=100),
    },
    silent={
        "while validation improves": drift(fall(120, tau=60)),
        "the ranking stays": drift(WORSE, late=EARLY),
        "a fifth of the late gain": drift(WORSE, late=with_gains([4.0, 4.0, 1.0, 1.0])),
        "they mattered early": drift(WORSE, at=0),
        "early stopping waits": drift(STOOD[:60], at=20, early_stopping_rounds=50),
    },
    skipped={
        "no trees": curves(valid=WORSE), "no validation set": drift([], at=0, late=LATE),
        "nineteen rounds": drift(WORSE[:19], at=9), "no splits": trees([leaf()] * 60, run=curves(valid=fall(60))),
    },
)  # fmt: skip


@pytest.mark.parametrize(("valid", "severity"), [(WORSE, Severity.WARNING), (STOOD, Severity.INFO)])
def test_severity(valid, severity):
    assert found(drift(valid), DriftingImportance())[0].severity is severity


@pytest.mark.parametrize(("eta", "rounds", "expected"), [(0.3, 150, True), (0.1, 40, False)])
def test_a_real_booster(eta, rounds, expected):
    features, labels = noisy_classes(2000, n_features=30, noise=0.5)
    train, valid = halves(features, labels)
    params = {"objective": "binary:logistic", "eval_metric": "logloss", "max_depth": 4, "eta": eta}
    findings = found(train_xgboost(params, train, valid, rounds, classes=False), DriftingImportance())
    assert bool(findings) is expected
    if findings:
        assert not findings[0].try_next  # CV101 and CV102 say what to do
