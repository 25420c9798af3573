import json

import numpy as np
import pytest
import xgboost as xgb

import treedebug
from tests.recorded import record_xgboost, smooth
from treedebug.core.run.run_data import Header, RunData
from treedebug.engine.resolve import Resolver
from treedebug.recorders.data_facts import matrix_facts
from treedebug.signals.params.split_scale import TrainingScale


def scale_of(run):
    return Resolver(run.at(run.n_rounds, final=True)).get(TrainingScale)


@pytest.mark.parametrize("slope", [1.0, 20.0, 300.0])
@pytest.mark.parametrize("level", [0.0, 150.0])
def test_the_hessian_of_pseudo_huber_before_training_is_that_of_the_first_root(slope, level):
    x, y = smooth(level=level, scale=30)
    params = {"objective": "reg:pseudohubererror", "huber_slope": slope}
    d = xgb.DMatrix(x, y)
    header = Header(library="xgboost", objective=params["objective"], params=params, params_given=params,
                    data={"train": matrix_facts(d, 0, is_training=True)})  # fmt: skip
    before, after = scale_of(RunData(header)), scale_of(record_xgboost(params, d, n_rounds=1))
    assert not before.is_measured
    assert after.is_measured
    assert (before.mass < 2) is (after.mass < 2)  # few rows near the start decide how small a small one is
    if after.mass > 10:
        assert before.mass == pytest.approx(after.mass, rel=0.5)


def test_it_is_silent_once_a_tree_splits():
    x, y = smooth(scale=20)
    assert scale_of(record_xgboost({"objective": "reg:pseudohubererror"}, xgb.DMatrix(x, y), n_rounds=2)).has_split


def test_a_table_of_diabetes_whose_trees_are_roots_alone():
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True)
    run = record_xgboost({"objective": "reg:pseudohubererror", "huber_slope": 20}, xgb.DMatrix(x, y), n_rounds=12)
    assert not scale_of(run).has_split
    report = treedebug.check_params({"objective": "reg:pseudohubererror", "huber_slope": 20}, xgb.DMatrix(x, y))
    assert [f.code for f in report.findings][:2] == ["HP511", "HP506"]
    assert json.dumps(run.header.data)
    assert np.isfinite(scale_of(run).mass)
