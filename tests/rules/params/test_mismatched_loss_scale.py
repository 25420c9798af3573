import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost, smooth
from treedebug.rules.params.mismatched_loss_scale import MismatchedLossScale
from treedebug.testing import grown, header, leaf, rule_test, trees


def amounts(objective, *, std=1000.0, mean=5000.0, library="lightgbm", rounds=100, run=None, **params):
    label = {"kind": "numbers", "mean": mean, "std": std, "minimum": mean - 3 * std, "maximum": mean + 3 * std}
    data = {"train": {"n_rows": 1000, "is_training": True, "label": label}}
    params = {"objective": objective, "learning_rate": 0.1, **params}
    return header(run=run, library=library, objective=objective, data=data, params=params, planned_rounds=rounds)


def huber(*, run=None, std=1000.0, **params):
    params = {"min_child_weight": 1, **params}
    return amounts("reg:pseudohubererror", library="xgboost", run=run, std=std, **params)


def capped(step):
    run = amounts("count:poisson", library="xgboost", std=2.0, mean=5.0, max_delta_step=step)
    return header(run=run, params_given={"max_delta_step": step})


test_mismatched_loss_scale = rule_test(
    MismatchedLossScale(),
    fires={
        "a cap under a log link": capped(0.02),
        "huber's default": (amounts("huber"), {"value": 0.9}),
        "alpha reaches half a deviation, nearly": amounts("huber", alpha=49),
        "a cap on the leaves": (amounts("regression", max_delta_step=0.5), {"value": 0.5}),
        "of XGBoost": amounts("reg:squarederror", library="xgboost", max_delta_step=1),
        "fair_c": (amounts("fair"), {"value": 1.0}),
        "a squared log error that cannot reach the labels": (
            amounts("reg:squaredlogerror", library="xgboost", min_child_weight=1),
            {"value": 30.6227766},
        ),
        "pseudo-Huber from afar": (huber(huber_slope=20), {"value": 20}),
        "labels below XGBoost's least gain": (
            amounts("reg:squarederror", std=1e-5, mean=0.0, library="xgboost"),
            {"value": 1e-7},
        ),
        "just below": amounts("reg:squarederror", std=0.0022, mean=0.0, library="xgboost"),
        "its roots alone": trees([leaf(hessian=1e-6)] * 5, run=huber()),
    },
    silent={
        "a squared log error that reaches them": amounts(
            "reg:squaredlogerror", mean=10.0, std=2.0, library="xgboost", min_child_weight=1
        ),
        "and with no least weight": amounts("reg:squaredlogerror", library="xgboost", min_child_weight=0),
        "small labels with enough to gain": amounts("reg:squarederror", std=0.0023, mean=0.0, library="xgboost"),
        "small labels of LightGBM": amounts("regression", std=1e-5, mean=0.0),
        "Poisson's own cap, as given": capped(0.7),
        "alpha on the scale of the labels": amounts("huber", alpha=2000),
        "half a deviation": amounts("huber", alpha=51),
        "labels of the scale of 1": amounts("huber", std=2.0, mean=0.0),
        "alpha of another objective": amounts("regression", alpha=0.9),
        "no cap": amounts("regression", max_delta_step=0),
        "Poisson's own cap": amounts("count:poisson", library="xgboost", max_delta_step=0.7),
        "a fair_c of a tenth": amounts("fair", fair_c=100),
        "a slope among the labels": huber(std=2.0, mean=0.0),
        "a tree has split": trees([grown(2, hessian=1e-9)] * 5, run=huber()),
    },
    skipped={"no labels": header(params={"objective": "huber"}), "nothing known": header()},
)


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_a_real_booster(scale):
    x, y = smooth(level=5 * scale, scale=scale)
    for objective in ("huber", "fair"):
        run = record_lightgbm({"objective": objective, "metric": "l1"}, lgb.Dataset(x, y), n_rounds=30)
        assert bool(found(run, MismatchedLossScale())) is (scale > 1)
    start = {} if scale > 1 else {"base_score": float(np.median(y))}
    run = record_xgboost({"objective": "reg:pseudohubererror", **start}, xgb.DMatrix(x, y), n_rounds=10)
    assert bool(found(run, MismatchedLossScale())) is (scale > 1)


def test_its_advice_helps_on_labels_far_from_zero():
    x, y = smooth(level=5000, scale=1000)
    d, params = xgb.DMatrix(x, y), {"objective": "reg:pseudohubererror", "nthread": 1}
    (finding,) = found(record_xgboost(params, d, n_rounds=30), MismatchedLossScale())
    better = params | {c.parameter: c.value for c in finding.try_next}
    errors = [float(np.abs(xgb.train(p, d, 30).predict(d) - y).mean()) for p in (params, better)]
    assert errors[1] < 0.2 * errors[0]
