import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_lightgbm, record_xgboost
from treedebug.core.findings import Severity
from treedebug.rules.params.single_row_queries import SingleRowQueries
from treedebug.testing import header, rule_test


def queries(n, single, objective="rank:ndcg", alike=0):
    sizes = {"n_queries": n, "n_single": single, "n_alike": alike, "largest": 9}
    facts = {"n_rows": 1000, "is_training": True, "queries": sizes}
    return header(data={"train": facts}, params={"objective": objective})


test_single_row_queries = rule_test(
    SingleRowQueries(),
    fires={
        "all of them": (queries(1000, 1000), {"n_queries": 1000, "n_single": 1000}),
        "four in five": queries(100, 80),
        "half": queries(100, 50),
        "rows of one label": (queries(100, 0, alike=80), {"n_alike": 80}),
        "most of one label, some of one row": queries(100, 20, alike=45),
        "all rows in one query": (queries(1, 0), {"n_queries": 1, "n_single": 0}),
    },
    silent={
        "just under half": queries(100, 49),
        "none": queries(100, 0),
        "just under three in five of one label": queries(100, 0, alike=59),
        "one query of one row": queries(1, 1),
    },
    skipped={
        "no ranking": queries(1000, 1000, "reg:squarederror"),
        "no queries recorded": header(params={"objective": "rank:ndcg"}),
        "nothing known": header(),
    },
)


@pytest.mark.parametrize("size", [1, 8])
def test_a_real_booster(size):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(800, 4))
    y = np.clip(np.round(x[:, 0] + rng.normal(size=800)), 0, 4).astype(int)
    runs = (
        record_xgboost({"objective": "rank:ndcg"}, xgb.DMatrix(x, y, qid=np.arange(800) // size), n_rounds=5),
        record_lightgbm({"objective": "lambdarank"}, lgb.Dataset(x, y, group=np.full(800 // size, size)), n_rounds=5),
    )
    for run in runs:
        assert [f.severity for f in found(run, SingleRowQueries())] == ([Severity.ERROR] if size == 1 else [])
