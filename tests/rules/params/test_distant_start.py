import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost, smooth
from treedebug.core.findings import Severity
from treedebug.rules.params.distant_start import DistantStart
from treedebug.testing import header, labels, rule_test


def amounts(mean=100.0, std=2.0, *, library="lightgbm", objective="custom", rounds=20, given=None, **facts):
    label = {"kind": "numbers", "mean": mean, "std": std, "minimum": mean - 3 * std, "maximum": mean + 3 * std}
    data = {"train": {"n_rows": 1000, "is_training": True, "label": label, **facts}}
    params = {"objective": objective, "learning_rate": 0.1, **(given or {})}
    return header(library=library, objective=objective, data=data, params=params, params_given=given or {},
                  planned_rounds=rounds)  # fmt: skip


def binary(share=0.1, *, start=None, rounds=50, base_score=0.5, **params):
    facts = labels([1000 - int(1000 * share), int(1000 * share)])
    if start:
        told = dict(zip(("minimum", "mean", "maximum"), start, strict=True))
        facts["train"] |= {"starts_given": True, "start": None, "starts": told}
    given = params | ({} if base_score is None else {"base_score": base_score})
    params = {"objective": "binary:logistic", "learning_rate": 0.03, **given}
    return header(data=facts, params=params, params_given=given, planned_rounds=rounds)


def stepping(largest, least_hessian=1.0, **shape):
    told = {"gradient": {"n_rounds": 5, "largest": largest, "least_hessian": least_hessian}}
    return header(run=amounts(30.0, 15.0, rounds=150, **shape), extra=told)


test_distant_start = rule_test(
    DistantStart(),
    fires={
        "an own objective of LightGBM": (amounts(), {"start": 0.0, "mean": 100.0}),
        "steps of signs": stepping(1.0),
        "of XGBoost": (amounts(library="xgboost"), {"start": 0.5}),
        "a base_score that was given": amounts(
            library="xgboost", objective="reg:squarederror", given={"base_score": 0}
        ),
        "no average": amounts(objective="regression", given={"boost_from_average": False}),
        "a log link, and 20 rounds from 0.5 to 100": (
            amounts(library="xgboost", objective="count:poisson", given={"base_score": 0.5}),
            {"end": 2.027599983},
        ),
        "an offset that does not know the mean": (
            amounts(
                0.05,
                0.2,
                library="xgboost",
                objective="count:poisson",
                starts_given=True,
                start=None,
                starts={"mean": -0.1, "minimum": -2.0, "maximum": 0.7},
            ),
            {"start": 0.904837418},
        ),
        "a half, where one in ten is positive": (binary(), {"start": 0.5, "mean": 0.1}),
        "probabilities as margins": (binary(0.1, start=[0.02, 0.12, 0.5], base_score=None), {"dataset": "train"}),
        "amounts as logarithms": amounts(
            20.0,
            5.0,
            library="xgboost",
            objective="count:poisson",
            starts_given=True,
            start=None,
            starts={"mean": 19.0, "minimum": 3.0, "maximum": 60.0},
        ),
    },
    silent={
        "an offset that knows it": amounts(
            0.05,
            0.2,
            library="xgboost",
            objective="count:poisson",
            starts_given=True,
            start=None,
            starts={"mean": -3.1, "minimum": -5.0, "maximum": -2.3},
        ),
        "steps that reach": stepping(2.1),
        "steps of a small hessian": stepping(1.0, 0.1),
        "steps from labels around 0": header(
            run=amounts(5.0, 15.0), extra={"gradient": {"largest": 0.1, "least_hessian": 1.0}}
        ),
        "labels around 0": amounts(0.5),
        "three deviations, nearly": amounts(5.9),
        "a start of each row's own": amounts(starts_given=True),
        "the library estimates it": amounts(library="xgboost", objective="reg:squarederror"),
        "LightGBM averages": amounts(objective="regression"),
        "a base_score among the labels": amounts(
            library="xgboost", objective="reg:squarederror", given={"base_score": 99}
        ),
        "a log link, and rounds enough": amounts(
            library="xgboost", objective="count:poisson", given={"base_score": 0.5}, rounds=200
        ),
        "a log link from where the library sees it": amounts(library="xgboost", objective="count:poisson"),
        "a half, and rounds enough": binary(rounds=300),
        "a half, and the odds off by less than half": binary(0.46),
        "a half, and rare positives that weigh more": binary(scale_pos_weight=9),
        "log odds as margins": binary(0.1, start=[-4.0, -2.2, 1.0], base_score=None),
        "margins between 0 and 1 that mean what they say": binary(0.6, start=[0.1, 0.4, 0.9], base_score=None),
        "logarithms as margins": amounts(
            20.0,
            5.0,
            library="xgboost",
            objective="count:poisson",
            starts_given=True,
            start=None,
            starts={"mean": 3.0, "minimum": 1.0, "maximum": 4.0},
        ),
        "labels that are all alike": amounts(std=0.0),
    },
    skipped={"no labels": header(objective="custom", params={"objective": "custom"})},
)


def test_rounds_enough_to_get_there_make_it_an_info():
    assert found(amounts(rounds=20), DistantStart())[0].severity is Severity.WARNING
    assert found(amounts(rounds=200), DistantStart())[0].severity is Severity.INFO


@pytest.mark.parametrize("level", [0.0, 1000.0])
def test_a_real_booster(level):
    x, y = smooth(level=level)

    def squared(p, d):
        return p - d.get_label(), np.ones(p.size)

    for run in (
        record_xgboost({}, xgb.DMatrix(x, y), n_rounds=8, obj=squared),
        record_xgboost({"base_score": 0.5}, xgb.DMatrix(x, y), n_rounds=8),
        record_lightgbm({"objective": squared, "metric": "l2"}, lgb.Dataset(x, y), n_rounds=8),
    ):
        assert bool(found(run, DistantStart())) is bool(level)
    centred = lgb.Dataset(x, y, init_score=np.full(len(y), level))
    assert not found(record_lightgbm({"objective": squared, "metric": "l2"}, centred, n_rounds=8), DistantStart())
