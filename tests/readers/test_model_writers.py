"""Models whose trees are written anew: each library loads them and predicts what it did."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.readers import lightgbm_boosters, xgboost_boosters
from treedebug.core.errors import ConfigError
from treedebug.core.run.tree_table import TreeTable
from treedebug.readers.lightgbm import lightgbm_reader, lightgbm_writer
from treedebug.readers.xgboost import xgboost_reader, xgboost_writer
from treedebug.readers.xgboost.xgboost_steps import steps_of

_REFUSED_XGBOOST = {"dart", "dart classes", "categories, dart", "vector leaves", "vector roots"}
_REFUSED_LIGHTGBM = {"linear", "linear with missing values", "linear without a split"}


def same_trees(found: TreeTable, expected: TreeTable) -> None:
    for name in ("offsets", "round_index", "class_index", "feature", "threshold", "left", "right", "default_left",
                 "missing_type", "leaf_value"):  # fmt: skip
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    assert found.categories.keys() == expected.categories.keys()
    for node, values in expected.categories.items():
        np.testing.assert_array_equal(np.sort(found.categories[node]), np.sort(values))


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("name", sorted(set(xgboost_boosters.CASES) - _REFUSED_XGBOOST))
def test_xgboost_predicts_the_same_from_trees_written_anew(name: str, *, as_json: bool) -> None:
    case = xgboost_boosters.case(name)
    raw = bytes(case.booster.save_raw("ubj"))
    table = xgboost_reader.read(raw)
    written = xgboost_writer.with_trees(raw, table, np.nan_to_num(table.leaf_value), as_json=as_json)
    same_trees(xgboost_reader.read(written), table)
    again = xgb.Booster(model_file=bytearray(written))
    np.testing.assert_array_equal(again.predict(case.data, output_margin=True).reshape(case.margins.shape),
                                  case.margins)  # fmt: skip


@pytest.mark.parametrize("name", sorted(_REFUSED_XGBOOST))
def test_xgboost_models_that_are_not_rewritten_are_refused(name: str) -> None:
    raw = bytes(xgboost_boosters.case(name).booster.save_raw("ubj"))
    table = xgboost_reader.read(raw)
    with pytest.raises(ConfigError, match="rewritten"):
        xgboost_writer.with_trees(raw, table, np.zeros(len(table.feature)))


@pytest.mark.parametrize("name", sorted(set(lightgbm_boosters.CASES) - _REFUSED_LIGHTGBM))
def test_lightgbm_predicts_the_same_from_trees_written_anew(name: str) -> None:
    booster, _, given = lightgbm_boosters.train(name)
    raw = booster.model_to_string(num_iteration=-1).encode()
    table = lightgbm_reader.read(raw)
    written = lightgbm_writer.with_trees(raw, table, np.nan_to_num(table.leaf_value))
    same_trees(lightgbm_reader.read(written), table)
    again = lgb.Booster(model_str=written.decode())
    np.testing.assert_array_equal(again.predict(given, raw_score=True), booster.predict(given, raw_score=True))


@pytest.mark.parametrize("name", sorted(_REFUSED_LIGHTGBM))
def test_linear_trees_are_refused(name: str) -> None:
    booster, _, _ = lightgbm_boosters.train(name)
    raw = booster.model_to_string(num_iteration=-1).encode()
    table = lightgbm_reader.read(raw)
    if table.linear:
        with pytest.raises(ConfigError, match="linear"):
            lightgbm_writer.with_trees(raw, table, np.zeros(len(table.feature)))


@pytest.mark.parametrize(("eta", "penalty"), [(0.3, 1.0), (0.07, 0.0), (0.5, 5.0)])
def test_rate_and_penalty_are_read_out_of_the_trees(eta: float, penalty: float) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    data = xgb.DMatrix(X, X[:, 0] + rng.normal(size=300) > 0)
    params = {"objective": "binary:logistic", "eta": eta, "lambda": penalty, "max_depth": 4, "subsample": 0.7}
    booster = xgb.train({**params, "nthread": 1}, data, 5)
    found = steps_of(bytes(booster.save_raw("ubj")))
    assert found is not None
    assert found.rate == pytest.approx(eta, rel=1e-3)
    assert found.penalty == penalty
