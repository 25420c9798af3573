import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.boosters import halves, noisy_classes, train_lightgbm, train_xgboost
from tests.curves_of import found
from treedebug.rules.params.early_stopping_on_training_data import EarlyStoppingOnTrainingData
from treedebug.testing import curves, header, labels, rule_test

TRAIN, VALID = labels([50, 50]), labels([60, 40], dataset="valid")
NUMBERS = {"kind": "numbers", "mean": 3.25, "std": 1.5, "minimum": 0.5, "maximum": 9.0, "n_missing": 0}


def stopped(data, library="xgboost", metric=None, **fields):
    settings = {"early_stopping_rounds": 10, "params": {"eval_metric": metric or ["logloss"]}, **fields}
    return header(library=library, data=data, **settings)


def copies(mean):
    label = {"train": NUMBERS, "valid": {**NUMBERS, "mean": mean}}
    return {n: {"n_rows": 100, "label": v, "is_training": n == "train"} for n, v in label.items()}


test_early_stopping_on_training_data = rule_test(
    EarlyStoppingOnTrainingData(),
    fires={
        "training stands last": (stopped(VALID | TRAIN), {"kind": "training", "dataset": "train"}),
        "training alone": stopped(TRAIN),
        "LightGBM has training alone": stopped(TRAIN, "lightgbm"),
        "the same labels under another name": (stopped(copies(3.25)), {"kind": "copy"}),
        "minimizes what should grow": (stopped(TRAIN | VALID, metric=["accuracy"]), {"kind": "direction"}),
        "maximizes a loss": stopped(
            TRAIN | VALID, extra={"stopping": {"dataset": None, "metric": None, "maximize": True}}
        ),
        "told to go by training": stopped(
            TRAIN | VALID, extra={"stopping": {"dataset": "train", "metric": None, "maximize": None}}
        ),
        "LightGBM's own metric the wrong way": curves(
            valid=[0.5] * 9, metric="f1", higher_is_better=False, run=stopped(TRAIN | VALID, "lightgbm")
        ),
    },
    silent={
        "validation stands last": stopped(TRAIN | VALID),
        "no early stopping": stopped(VALID | TRAIN, early_stopping_rounds=None),
        "LightGBM leaves training out": stopped(VALID | TRAIN, "lightgbm"),
        "almost the same labels": stopped(copies(3.26)),
        "auc": stopped(TRAIN | VALID, metric=["auc"]),
        "mape is a loss": stopped(TRAIN | VALID, metric=["mape"]),
        "one's own, maximized": stopped(
            TRAIN | VALID, metric=["f1"], extra={"stopping": {"dataset": None, "metric": None, "maximize": True}}
        ),
        "a metric of unknown direction": stopped(TRAIN | VALID, metric=["profit"]),
    },
    skipped={"no datasets known": stopped({}), "nothing known": header()},
)  # fmt: skip


@pytest.mark.parametrize("sick", [True, False])
def test_a_real_booster(sick):
    train, valid = halves(*noisy_classes(200))
    run = train_xgboost({"objective": "binary:logistic", "max_depth": 2}, train, valid, 20, early_stopping=5)
    if sick:
        run.header.data = dict(reversed(run.header.data.items()))
    assert bool(found(run, EarlyStoppingOnTrainingData())) is sick
    run = train_lightgbm({"objective": "binary", "num_leaves": 4}, train, valid, 20, early_stopping=5)
    if sick:
        run.header.data.pop("valid")
    assert bool(found(run, EarlyStoppingOnTrainingData())) is sick


@pytest.mark.parametrize("maximize", [True, False])
def test_the_direction_comes_from_the_training_itself(maximize):
    train, valid = (xgb.DMatrix(*part) for part in halves(*noisy_classes(200)))
    callback = treedebug.XGBoostCallback(None, quiet=True, rules=[EarlyStoppingOnTrainingData])
    xgb.train(
        {"objective": "binary:logistic", "nthread": 1, "disable_default_eval_metric": 1}, train, 6,
        evals=[(train, "train"), (valid, "valid")], verbose_eval=False, early_stopping_rounds=5, maximize=maximize,
        custom_metric=lambda p, d: ("accuracy", float(np.mean((p > 0) == d.get_label()))), callbacks=[callback],
    )  # fmt: skip
    kinds = [f.evidence["kind"] for f in callback.run.findings if f.code == "HP504"]
    assert kinds == ([] if maximize else ["direction"])
