import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from scipy import sparse

from tests.recorded import record_lightgbm, record_xgboost, smooth
from treedebug.recorders.class_counter import label_summary
from treedebug.recorders.data_facts import effective_rows, matrix_facts, mean_weight, prediction_facts, query_facts


def test_queries():
    told = {"n_queries": 3, "n_single": 2, "largest": 5, "n_rises": 1, "n_falls": 0}
    assert query_facts([1, 1, 5]) == told
    assert query_facts([1, 2, 2], [0, 1, 1, 0, 1])["n_alike"] == 1
    assert "n_alike" not in query_facts([1, 2], [0, 1])
    assert query_facts([]) is None
    assert query_facts(None) is None


def test_rows_of_equal_weight_that_tell_as_much():
    assert effective_rows([2.0, 2.0, 2.0, 0.0]) == 3.0
    assert effective_rows(None) is effective_rows([]) is effective_rows([np.nan, 1.0]) is None


def test_a_mean_weight_is_a_number_or_nothing():
    assert mean_weight([0.5, 1.5]) == 1.0
    assert mean_weight(None) is None
    assert mean_weight([np.nan, 1.0]) is None


def test_what_a_matrix_tells():
    dense = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 4.0]])
    facts = matrix_facts(xgb.DMatrix(sparse.csr_matrix(dense), [1.0, 2.0, 3.0], weight=[1, 2, 3]), 0, is_training=True)
    assert (facts["n_rows"], facts["n_features"], facts["is_training"]) == (3, 2, True)
    assert (facts["present"], facts["mean_weight"]) == (4 / 6, 2.0)
    assert "queries" not in facts
    assert "feature_weights" not in facts
    assert matrix_facts(xgb.DMatrix(dense, feature_weights=[1, 2]), 0, is_training=True)["feature_weights"]
    started = matrix_facts(xgb.DMatrix(dense, base_margin=[1, 2, 6]), 0, is_training=True)
    assert started["starts"] == {"mean": 3.0, "minimum": 1.0, "maximum": 6.0}
    assert "starts_given" not in facts
    assert matrix_facts(xgb.DMatrix(dense, base_margin=[1, 2, 3]), 0, is_training=True)["starts_given"]


def test_a_digest_tells_the_order_of_labels():
    digests = [matrix_facts(xgb.DMatrix(np.ones((3, 1)), y), 0, is_training=True)["label_digest"]
               for y in ([0, 1, 2], [0, 1, 2], [2, 1, 0])]  # fmt: skip
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("n", [3, 1000, 50_000])
def test_quantiles_stand_for_the_labels(n):
    values = np.random.default_rng(0).normal(size=n)
    told = np.array(label_summary(values, None, 0)["quantiles"])
    assert len(told) == 65
    assert (np.diff(told) >= 0).all()
    assert abs(np.median(told) - np.median(values)) < 0.05 or n == 3
    assert values.min() <= told[0] <= told[-1] <= values.max()


def test_predictions():
    facts = prediction_facts([-1.0, 2.0, 5.0], [0.0, 2.0, 4.0])
    assert (facts["mean"], facts["minimum"], facts["maximum"], facts["below_zero"]) == (2.0, -1.0, 5.0, 1 / 3)
    assert (facts["mean_error"], facts["sample"], facts["labels"]) == (0.0, [-1.0, 2.0, 5.0], [0.0, 2.0, 4.0])
    assert prediction_facts([np.nan, 1.0], [1.0, 1.0]) == {"n_not_finite": 1}
    assert prediction_facts(np.ones((3, 2)), np.ones(3)) == {}
    assert prediction_facts([], []) == {}
    assert len(prediction_facts(np.arange(2000.0), np.zeros(2000))["sample"]) == 500


def test_the_header_holds_the_last_predictions_of_the_validation_set():
    x, y = smooth()
    a, b = slice(0, 300), slice(300, 600)
    frame = pd.DataFrame(x).assign(shop=pd.Categorical(np.arange(600) % 7)).rename(columns=str)
    runs = (
        record_xgboost({}, xgb.DMatrix(x[a], y[a]), [xgb.DMatrix(x[b], y[b])], 7),
        record_lightgbm({}, lgb.Dataset(frame.iloc[a], y[a]), [lgb.Dataset(frame.iloc[b], y[b])], 7),
    )
    for run in runs:
        seen = run.header.extra["predicted"]["valid"]
        assert seen["round_index"] == 6
        assert seen["labels"][:3] == pytest.approx(y[300:303], rel=1e-5)
        rmse = float(np.sqrt(seen["std_error"] ** 2 + seen["mean_error"] ** 2))
        metric = run.evals.series("valid", run.evals.metrics()[0]).values[-1]
        assert rmse == pytest.approx(metric if metric < rmse * 1.01 else metric**0.5, rel=1e-4)
    train = next(d for d in runs[1].header.data.values() if d["is_training"])
    assert train["categories"] == {"shop": 7}
