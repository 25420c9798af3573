"""While a model trains, its trees are read without what no rule asks for; the rules see the same."""

import lightgbm as lgb
import numpy as np

from tests.recorded import smooth
from treedebug.core.run.records import TreeBatch
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.readers.library_readers import read_batch, read_live


def test_a_live_batch_is_summed_up_like_a_stored_one():
    x, y = smooth()
    booster = lgb.train({"verbosity": -1, "num_threads": 1}, lgb.Dataset(x, y), 12)
    batch = TreeBatch("lightgbm", booster.model_to_string().encode(), np.arange(12), 0)
    stored, live = (TreeSummary(5) for _ in range(2))
    stored.extend(read_batch(batch), 12)
    live.extend(read_live(batch), 12)
    for name in ("depth", "n_leaves", "splits_hash", "total_gain", "max_abs_leaf", "root_hessian"):
        np.testing.assert_array_equal(stored.column(name), live.column(name))
    assert (read_batch(batch).n_rows > 0).all()
    assert (read_live(batch).n_rows == -1).all()
