import numpy as np
import pytest

from tests.rules.data.real import found_in
from treedebug.rules.data.sparse_and_dense import SparseAndDense
from treedebug.testing import data_sets, number, rule_test, table

SPARSE, FULL = table(number("a", n_zero=700), n_absent=700), table(number("a"), n_absent=0)
DENSE, POSITIVE = table(number("a", n_zero=700)), table(number("a"))

test_sparse_and_dense = rule_test(
    SparseAndDense(),
    fires={
        "trained on a sparse matrix": data_sets(SPARSE, valid=DENSE),
        "validated on one": data_sets(DENSE, valid=SPARSE),
    },
    silent={
        "both sparse": data_sets(SPARSE, valid=SPARSE),
        "both dense": data_sets(DENSE, valid=DENSE),
        "no zero in the dense one": data_sets(SPARSE, valid=POSITIVE),
        "a sparse matrix that holds all": data_sets(FULL, valid=DENSE),
    },
    skipped={"no validation set": data_sets(SPARSE)},
)


@pytest.mark.parametrize("both", [True, False])
def test_a_real_table(both):
    sparse = pytest.importorskip("scipy.sparse")
    x = np.random.default_rng(0).poisson(0.3, (300, 6)).astype(float)
    train, valid = sparse.csr_matrix(x[:200]), x[200:]
    assert bool(found_in(SparseAndDense(), train, valid=sparse.csr_matrix(valid) if both else valid)) is not both
