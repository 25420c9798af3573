import numpy as np
import pytest

from tests.boosters import noisy_classes, train_lightgbm
from tests.curves_of import fall, found, noisy, turn
from treedebug.engine.evaluate import evaluate
from treedebug.rules.curves.noisy_validation import NoisyValidation
from treedebug.rules.curves.overfitting import Overfitting
from treedebug.testing import curves, labels, rule_test

JUMPY = noisy(fall(120), 0.02)


def counted(n_rows, values):
    """The share of wrong rows, as that many rows can show it."""
    return curves(valid=np.round(values * n_rows) / n_rows, metric="error", data=labels([n_rows, 0], dataset="valid"))


def ranked(counts):
    """A ranking metric on these many rows of each class."""
    return curves(valid=1 - fall(20), metric="auc", data=labels(counts, dataset="valid"))


test_noisy_validation = rule_test(
    NoisyValidation(),
    fires={
        "the noise is a twentieth of the gain": curves(valid=JUMPY),
        "mirrored metric": curves(valid=1 - JUMPY, metric="auc"),
        "fifty rows, counted right or wrong": (counted(50, fall(80, floor=0.2, top=0.5)), {"n_rows": 50}),
        "thirty rows, at once": (
            curves(valid=[0.6], data=labels([18, 12], dataset="valid")), {"n_rows": 30, "rows_behind": 30.0},
        ),
        "fifteen rows of the rarer class, ranked": (ranked([400, 15]), {"rows_behind": 30.0}),
    },
    silent={
        "the noise is a hundredth of the gain": curves(valid=noisy(fall(120), 0.004)),
        "a smooth curve": curves(valid=fall(120)),
        "thirty-one rows": curves(valid=fall(20), data=labels([16, 15], dataset="valid")),
        "sixteen rows of the rarer class, ranked": ranked([400, 16]),
        "fifteen rows of the rarer class, not ranked": curves(
            valid=fall(20), metric="logloss", data=labels([400, 15], dataset="valid")
        ),
        "many rows, counted right or wrong": counted(3000, fall(80, floor=0.2, top=0.5)),
        "twenty-nine rounds": curves(valid=JUMPY[:29]),
        "the best round stands out": curves(valid=noisy(fall(120), 0.02) + 0.02 * np.abs(np.arange(120) - 60)),
        "constant": curves(valid=[0.5] * 120),
    },
    skipped={"no validation set": curves(train=JUMPY), "unknown direction": curves(valid=JUMPY, metric="profit")},
)  # fmt: skip


@pytest.mark.parametrize(("n_rows", "expected"), [(30, True), (2000, False)])
def test_a_real_booster(n_rows, expected):
    features, labels_of = noisy_classes(3000, noise=2.0)
    train, valid = (features[:900], labels_of[:900]), (features[900 : 900 + n_rows], labels_of[900 : 900 + n_rows])
    params = {"objective": "binary", "metric": "binary_error", "learning_rate": 0.1, "num_leaves": 7}
    findings = found(train_lightgbm(params, train, valid, 100, classes=False), NoisyValidation())
    assert bool(findings) is expected
    if findings:
        assert findings[0].evidence["n_rows"] == n_rows


def test_what_a_few_rows_show_is_their_symptom():
    few = labels([6, 4], dataset="valid")
    turned = curves(train=fall(60, floor=0.01), valid=turn(60, best=20, slope=0.02), data=few)
    verdict = evaluate(turned.at(turned.n_rounds, final=True), [Overfitting(), NoisyValidation()])
    assert [f.code for f in verdict.findings] == ["CV107", "CV101"]
    assert "10 rows" in verdict.findings[0].message
