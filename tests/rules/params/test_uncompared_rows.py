import numpy as np
import pytest
import xgboost as xgb

from tests.curves_of import found
from tests.recorded import record_xgboost
from treedebug.rules.params.uncompared_rows import UncomparedRows
from treedebug.testing import header, rule_test


def ranking(given, library="xgboost", *, size=50, metric="ndcg"):
    facts = {"n_rows": 40 * size, "is_training": True, "queries": {"n_queries": 40, "n_single": 0, "largest": size}}
    objective = "rank:pairwise" if library == "xgboost" else "lambdarank"
    params = {"objective": objective, "eval_metric" if library == "xgboost" else "metric": metric, **given}
    return header(library=library, data={"train": facts, "valid": {"n_rows": 9}}, params=params, params_given=params)


test_uncompared_rows = rule_test(
    UncomparedRows(),
    fires={
        "the first place only": (ranking({"lambdarank_num_pair_per_sample": 1}), {"places": 1.0}),
        "topk said": ranking({"lambdarank_num_pair_per_sample": 3, "lambdarank_pair_method": "topk"}),
        "LightGBM cuts at two": ranking({"lambdarank_truncation_level": 2}, "lightgbm"),
        "the metric looks further down": ranking({"lambdarank_num_pair_per_sample": 1}, metric="ndcg@10"),
    },
    silent={
        "drawn pairs": ranking({"lambdarank_num_pair_per_sample": 1, "lambdarank_pair_method": "mean"}),
        "the default": ranking({}),
        "only the first place is judged": ranking({"lambdarank_num_pair_per_sample": 1}, metric="ndcg@1"),
        "small queries": ranking({"lambdarank_num_pair_per_sample": 1}, size=6),
        "LightGBM's default": ranking({"lambdarank_truncation_level": 30}, "lightgbm"),
    },
    skipped={"no ranking": header(params={"objective": "reg:squarederror"}), "nothing known": header()},
)


@pytest.mark.parametrize("method", ["topk", "mean"])
def test_a_real_booster(method):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    data = xgb.DMatrix(x, np.clip(np.round(x[:, 0] + 2), 0, 4), qid=np.arange(400) // 40)
    params = {"objective": "rank:ndcg", "lambdarank_num_pair_per_sample": 1, "lambdarank_pair_method": method}
    assert bool(found(record_xgboost(params, data, n_rounds=3), UncomparedRows())) == (method == "topk")
