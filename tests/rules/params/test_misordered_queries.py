import lightgbm as lgb
import numpy as np
import pytest

from tests.curves_of import found
from tests.recorded import record_lightgbm
from treedebug.rules.params.misordered_queries import MisorderedQueries
from treedebug.testing import header, rule_test


def queries(n, rises, falls, objective="lambdarank"):
    sizes = {"n_queries": n, "n_single": 0, "n_rises": rises, "n_falls": falls, "largest": 20}
    facts = {"n_rows": 1000, "is_training": True, "queries": sizes}
    return header(library="lightgbm", data={"train": facts}, params={"objective": objective})


test_misordered_queries = rule_test(
    MisorderedQueries(),
    fires={
        "each has fewer than the one before": (queries(100, 0, 99), {"n_queries": 100, "n_falls": 99}),
        "a few steps down": queries(20, 0, 5),
    },
    silent={
        "one has more": queries(100, 1, 98),
        "all have as many": queries(100, 0, 0),
        "four steps down": queries(100, 0, 4),
        "nineteen queries": queries(19, 0, 18),
    },
    skipped={
        "no ranking": queries(100, 0, 99, "binary"),
        "no queries recorded": header(library="lightgbm", params={"objective": "lambdarank"}),
        "nothing known": header(),
    },
)


@pytest.mark.parametrize("is_sorted", [True, False])
def test_a_real_booster(is_sorted):
    rng = np.random.default_rng(0)
    sizes = rng.integers(3, 12, 60)
    sizes = np.sort(sizes)[::-1] if is_sorted else sizes
    x = rng.normal(size=(int(sizes.sum()), 4))
    y = np.clip(np.round(x[:, 0] + rng.normal(size=len(x))), 0, 4).astype(int)
    run = record_lightgbm({"objective": "lambdarank"}, lgb.Dataset(x, y, group=sizes), n_rounds=5)
    assert len(found(run, MisorderedQueries())) == is_sorted
