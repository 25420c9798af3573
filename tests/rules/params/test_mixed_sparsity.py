import numpy as np
import pytest
import xgboost as xgb
from scipy import sparse

from tests.curves_of import found
from tests.recorded import record_xgboost
from treedebug.rules.params.mixed_sparsity import MixedSparsity
from treedebug.testing import header, rule_test


def entries(train, valid):
    return header(
        data={"train": {"n_rows": 9, "is_training": True, "present": train}, "valid": {"n_rows": 9, "present": valid}}
    )


test_mixed_sparsity = rule_test(
    MixedSparsity(),
    fires={
        "sparse and dense": (entries(0.14, 1.0), {"trained": 0.14, "validated": 1.0}),
        "dense and sparse": entries(1.0, 0.14),
        "a fifth is not there": entries(0.79, 1.0),
    },
    silent={
        "sparse in both": entries(0.14, 0.15),
        "dense in both": entries(1.0, 1.0),
        "a few missing values": entries(0.81, 1.0),
        "missing in both, more in one": entries(0.5, 0.99),
    },
    skipped={"not recorded": header(data={"train": {"n_rows": 9, "is_training": True}}), "nothing known": header()},
)


@pytest.mark.parametrize("other", [np.asarray, sparse.csr_matrix])
def test_a_real_booster(other):
    rng = np.random.default_rng(0)
    dense = rng.poisson(0.2, size=(600, 10)) * rng.normal(size=(600, 10))
    y = (dense[:, 0] > 0).astype(int)
    d = xgb.DMatrix(sparse.csr_matrix(dense[:300]), y[:300])
    run = record_xgboost({"objective": "binary:logistic"}, d, [xgb.DMatrix(other(dense[300:]), y[300:])], 5)
    assert bool(found(run, MixedSparsity())) is (other is np.asarray)
