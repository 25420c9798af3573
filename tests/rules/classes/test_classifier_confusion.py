import numpy as np
import pytest

from tests.boosters import train_lightgbm
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.rules.classes.classifier_confusion import ClassifierConfusion
from treedebug.testing import classes, curves, rule_test

MIXED = [[90, 5, 5], [5, 48, 47], [5, 47, 48]]
CLEAR = [[90, 5, 5], [5, 85, 10], [5, 10, 85]]

test_classifier_confusion = rule_test(
    ClassifierConfusion(),
    fires={
        "two of three": (classes([MIXED] * 50), {"pair": [1, 2], "mistaken": [0.47, 0.47]}),
        "one pair stands out, though better than guessing": (
            classes([[[150, 5, 5], [5, 98, 57], [5, 54, 101]]] * 50), {"pair": [1, 2]},
        ),
        "a coin for two classes": (classes([[[60, 40], [58, 42]]] * 50), {"pair": [0, 1]}),
        "the worse of two pairs": (
            classes([[[40, 60, 0, 0], [60, 40, 0, 0], [0, 0, 51, 49], [0, 0, 49, 51]]] * 50), {"n_pairs": 2},
        ),
        "only training data is known": classes([MIXED] * 50, dataset="train"),
    },
    silent={
        "as hard as the next pair": classes([[[100, 45, 15], [45, 70, 45], [15, 45, 100]]] * 50),
        "told apart": classes([CLEAR] * 50),
        "perfect": classes([np.diag([50, 60, 70])] * 50),
        "shares are uneven, hits are good": classes([[[900, 60], [10, 30]]] * 50),
        "never predicted: that is neglect": classes([[[90, 0], [30, 0]]] * 50),
        "forty-nine rounds": classes([MIXED] * 49),
        "better in the last looks": classes([*[MIXED] * 49, CLEAR]),
        "few rows": classes([[[9, 9], [9, 9]]] * 50),
        "validation is clear, training is not asked": classes([CLEAR] * 50, run=classes([MIXED] * 50, dataset="train")),
    },
    skipped={"regression": curves(valid=[0.5] * 50), "not recorded": curves(valid=[0.5] * 50, n_classes=3)},
)  # fmt: skip


@pytest.mark.parametrize("mixed", [True, False])
def test_a_real_booster(mixed):
    rng = np.random.default_rng(0)
    features = rng.normal(size=(1500, 4))
    target = np.digitize(features[:, 0], [-0.4, 0.4]).astype(float)
    if mixed:
        swap = (target > 0) & (rng.random(1500) < 0.5)
        target[swap] = 3 - target[swap]
    params = {"objective": "multiclass", "num_class": 3, "num_leaves": 4}
    run = train_lightgbm(params, (features[:700], target[:700]), (features[700:], target[700:]), 50)
    assert [f.evidence["pair"] for f in found(run, ClassifierConfusion())] == ([[1, 2]] if mixed else [])


@pytest.mark.parametrize(
    ("confusion", "severity"),
    [(MIXED, Severity.WARNING), ([[60, 40], [58, 42]], Severity.INFO), ([[40, 30, 30]] * 3, Severity.INFO)],
)
def test_a_warning_only_where_one_pair_stands_out(confusion, severity):
    finding = found(classes([confusion] * 50), ClassifierConfusion())[0]
    assert finding.severity is severity
    assert ("mixed up" in finding.message) is (severity is Severity.WARNING)
