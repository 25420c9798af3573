import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost
from treedebug.core.changes import EXPERIMENT
from treedebug.rules.params.thin_categories import ThinCategories
from treedebug.testing import header, rule_test, split, trees

SHOP = split(1, split(0, gain=1.0), gain=9.0)


def shops(n, tree=SHOP, *, n_rows=3000, **params):
    data = {"train": {"n_rows": n_rows, "is_training": True, "categories": {"shop": n}}}
    run = header(library="lightgbm", data=data, feature_names=["age", "shop"], n_features=2,
                 params={"objective": "binary", **params})  # fmt: skip
    return run if tree is None else trees([tree] * 10, run=run)


test_thin_categories = rule_test(
    ThinCategories(),
    fires={
        "ten rows each": (shops(300), {"n_categories": 300, "columns": ["shop"]}),
        "just under thirty": shops(101),
    },
    silent={
        "thirty rows each": shops(100),
        "few categories of few rows": shops(19, n_rows=190),
        "not split on": shops(300, split(0)),
        "next to no gain": shops(300, split(0, split(1, gain=0.1), gain=9.0)),
        "no tree yet": shops(300, None),
    },
    skipped={"no categories": header(data={"train": {"n_rows": 10, "is_training": True}}), "nothing known": header()},
)


def idle(n, n_rows, rounds=20, **params):
    run = shops(n, None, n_rows=n_rows, **params)
    return trees([split(0, gain=1.0)] * rounds, run=run)


test_idle_categories = rule_test(
    ThinCategories(),
    fires={"five of twenty-six rows": (idle(5, 130), {"n_categories": 5}), "ninety-nine rows": idle(5, 495)},
    silent={
        "a hundred rows": idle(5, 500),
        "a group may be small": idle(5, 130, min_data_per_group=20),
        "nineteen rounds": idle(5, 130, rounds=19),
        "one row each, an identifier": idle(130, 130),
        "split on": shops(5, n_rows=130),
    },
    skipped={"nothing known": header()},
)


def test_loosened_groups_are_to_be_tightened():
    (finding,) = found(shops(300, min_data_per_group=5), ThinCategories())
    assert [str(c) for c in finding.try_next] == ["min_data_per_group=100", "cat_smooth=100"]


@pytest.mark.parametrize("n", [300, 8])
def test_a_real_booster(n):
    rng = np.random.default_rng(0)
    shop = rng.integers(0, n, 3000)
    frame = pd.DataFrame({"age": rng.normal(size=3000), "shop": pd.Categorical(shop)})
    y = (rng.random(3000) < 1 / (1 + np.exp(-frame.age))).astype(int)
    params = {"objective": "binary", "min_data_per_group": 5, "cat_smooth": 1}
    run = record_lightgbm(params, lgb.Dataset(frame, y), n_rounds=15)
    assert [f.subject for f in found(run, ThinCategories())] == (["shop"] if n == 300 else [])


@pytest.mark.parametrize("n", [300, 8])
def test_a_real_booster_of_xgboost(n):
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=3000), rng.integers(0, n, 3000)])
    y = (rng.random(3000) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)
    data = xgb.DMatrix(x, y, feature_types=["q", "c"], enable_categorical=True)
    run = record_xgboost({"objective": "binary:logistic", "max_depth": 4}, data, n_rounds=15)
    findings = found(run, ThinCategories())
    assert [f.subject for f in findings] == (["f1"] if n == 300 else [])
    assert [c.kind for f in findings for c in f.try_next] == [EXPERIMENT] * len(findings)
