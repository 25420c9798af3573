import numpy as np
import pytest

from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.core.findings import Severity
from treedebug.rules.classes.shifted_predictions import ShiftedPredictions
from treedebug.testing import classes, curves, header, labels, rule_test

MATRIX = [[800, 0], [150, 50]]


def told(share, n=50, **fields):
    return classes([MATRIX] * n, probability=[[1 - share, share]] * n, **fields)


def numbers(mean, n_rows, *, dataset="valid"):
    label = {"kind": "numbers", "mean": mean, "std": 10.0}
    return {dataset: {"n_rows": n_rows, "label": label, "is_training": dataset == "train"}}


def called(on_train, on_valid, *, n=2):
    """Two classes, how many of 1000 training and 400 validation rows are called the second, in check rounds."""
    run = classes([[[500 - k // 2, k // 2], [500 - k // 2, k // 2]] for k in [on_train] * n], dataset="train",
                  rounds_at=[0, 9, 19][:n])  # fmt: skip
    return classes([[[200 - k // 2, k // 2], [200 - k // 2, k // 2]] for k in [on_valid] * n], run=run,
                   rounds_at=[0, 9, 19][:n], probability=[[0.5, 0.5]] * n)  # fmt: skip


test_shifted_predictions = rule_test(
    ShiftedPredictions(),
    fires={
        "far too many": (told(0.45, data=labels([800, 200])), {"class_index": 1, "predicted": 0.45}),
        "far too few": (told(0.05), {"labelled": 0.2}),
        "a little more, in many rows": told(0.27),
        "early, with steps large enough": told(0.45, 20, params={"learning_rate": 0.1}),
        "off for a while, and seen": classes(
            [MATRIX] * 60, probability=[*[[0.55, 0.45]] * 55, *[[0.8, 0.2]] * 5], data=labels([800, 200])
        ),
        "another label share": (
            header(data=labels([500, 500]) | labels([320, 80], dataset="valid"), n_classes=2),
            {"validated": 0.2},
        ),
        "amounts of another size": (
            header(data=numbers(50.0, 1000, dataset="train") | numbers(54.5, 400)),
            {"trained": 50.0, "validated": 54.5},
        ),
        "called twice as often": (called(300, 240), {"predicted": 0.6, "trained": 0.3}),
        "one of three": classes([np.diag([500, 400, 100])] * 50, probability=[[0.5, 0.2, 0.3]] * 50),
    },
    silent={
        "as the labels": told(0.2),
        "a little more": told(0.235),
        "much more, but only in two records": classes(
            [MATRIX] * 60, probability=[*[[0.8, 0.2]] * 58, *[[0.5, 0.5]] * 2], data=labels([800, 200])
        ),
        "early, with small steps": told(0.45, 20, params={"learning_rate": 0.05}),
        "labels a little apart": header(data=labels([500, 500]) | labels([250, 150], dataset="valid"), n_classes=2),
        "few labels far apart": header(data=labels([500, 500]) | labels([16, 4], dataset="valid"), n_classes=2),
        "amounts a little apart": header(data=numbers(50.0, 1000, dataset="train") | numbers(52.0, 400)),
        "few amounts far apart": header(data=numbers(50.0, 1000, dataset="train") | numbers(58.0, 20)),
        "weights make up for the labels": header(
            data=labels([500, 500], weighted=[800.0, 200.0]) | labels([320, 80], dataset="valid"), n_classes=2
        ),
        "called a little more often": called(300, 150),
        "called more often once": called(300, 240, n=1),
        "forty-nine rounds": told(0.45, 49),
        "few rows": classes([[[8, 0], [1, 1]]] * 50, probability=[[0.5, 0.5]] * 50),
        "a class without rows": classes([np.diag([50, 50, 0])] * 50, probability=[[0.5, 0.49, 0.01]] * 50),
    },
    skipped={
        "no labels": curves(valid=[0.5] * 20),
        "no probabilities": classes([MATRIX] * 50),
    },
)


@pytest.mark.parametrize(
    ("fields", "severity", "words"),
    [
        ({"params": {"scale_pos_weight": 4.0}}, Severity.INFO, "weights set in the parameters"),
        ({"data": labels([800, 200], weighted=[800.0, 800.0])}, Severity.INFO, "sample weights"),
        ({"data": labels([500, 500])}, Severity.WARNING, "in the training data it is 50 %"),
        ({"params": {"learning_rate": 0.01}}, Severity.WARNING, "have not brought the mean there"),
    ],
)
def test_the_cause_is_named(fields, severity, words):
    finding = found(told(0.45, **fields), ShiftedPredictions())[0]
    assert finding.severity is severity
    assert words in finding.message


@pytest.mark.parametrize("train", [train_xgboost, train_lightgbm])
@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(train, sick):
    features, target = noisy_classes(2000)
    learned, kept = halves(features, target)
    if sick:  # validation has few positives
        keep = (kept[1] == 0) | (np.arange(1000) % 8 == 0)
        kept = kept[0][keep], kept[1][keep]
        learned = (np.random.default_rng(0).permutation(learned[0]), learned[1])  # nothing but the share to learn
    objective = "binary:logistic" if train is train_xgboost else "binary"
    depth = {"max_depth": 2, "eta": 0.1}
    run = train({"objective": objective, **depth}, learned, kept, 50)
    assert bool(found(run, ShiftedPredictions())) is sick
