"""Facts of the parts, joined, are those of the whole."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import xgboost as xgb

from treedebug.recorders.data_facts import matrix_facts
from treedebug.recorders.worker_facts import joined_facts, worker_share


def facts(X, y, n_classes, **kwargs):
    return matrix_facts(xgb.DMatrix(X, y, **kwargs), n_classes, is_training=True)


@pytest.mark.parametrize("n_classes", [0, 2, 3])
@pytest.mark.parametrize("cuts", [[100], [1, 150], [0, 100]])
def test_the_parts_make_the_whole(n_classes, cuts):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    X[rng.random(X.shape) < 0.2] = np.nan
    y = rng.normal(size=200) if not n_classes else rng.integers(0, n_classes, 200).astype(float)
    weight = rng.random(200)
    whole = facts(X, y, n_classes, weight=weight)
    bounds = [0, *cuts, 200]
    parts = [facts(X[a:b], y[a:b], n_classes, weight=weight[a:b]) for a, b in itertools.pairwise(bounds) if b > a]
    joined = joined_facts(parts)
    for name in ("n_rows", "n_features", "is_training"):
        assert joined[name] == whole[name]
    for name in ("present", "mean_weight"):
        assert joined[name] == pytest.approx(whole[name])
    for name, value in joined["label"].items():
        assert value == pytest.approx(whole["label"][name]), name
    assert set(whole["label"]) - set(joined["label"]) <= {"quantiles", "n_distinct"}


def test_queries_and_what_only_some_have():
    a = {"n_rows": 4, "n_features": 2, "label": None, "queries": {"n_queries": 2, "n_single": 1, "largest": 3}}
    b = {"n_rows": 5, "n_features": 2, "label": {"kind": "numbers", "n_missing": 5}, "queries": a["queries"]}
    joined = joined_facts([a, b])
    assert joined["queries"] == {"n_queries": 4, "n_single": 2, "largest": 3}
    assert joined["label"] is None
    assert joined_facts([{"n_rows": 0}, a])["n_rows"] == 4
    assert joined_facts([]) == {}


def test_a_share_names_the_worker():
    share = worker_share(1, {"train": {"n_rows": 7}, "odd": {}})
    assert (share["rank"], share["rows"]) == (1, {"train": 7})
