import lightgbm as lgb
import numpy as np
import pytest

from tests.curves_of import found
from tests.recorded import record_lightgbm
from treedebug.rules.params.unsplittable_columns import UnsplittableColumns
from treedebug.testing import header, rule_test


def dropped(n, of=12, least=420, library="lightgbm"):
    kinds = ["none"] * n + ["q"] * (of - n)
    return header(
        library=library, n_features=of, feature_types=kinds, params={"min_child_samples": least},
        params_given={"min_data_in_leaf": least},
    )  # fmt: skip


test_unsplittable_columns = rule_test(
    UnsplittableColumns(),
    fires={"eight of twelve": (dropped(8), {"n_dropped": 8}), "three of thirty": dropped(3, of=30)},
    silent={
        "two": dropped(2),
        "three of thirty-one": dropped(3, of=31),
        "leaves of forty-nine rows": dropped(8, least=49),
        "XGBoost drops none": dropped(8, library="xgboost"),
        "none dropped": dropped(0),
    },
    skipped={"nothing known": header()},
)


@pytest.mark.parametrize("least", [20, 200])
def test_a_real_booster(least):
    rng = np.random.default_rng(0)
    flags = (rng.random((1000, 4)) < 0.08).astype(float)
    x = np.c_[rng.normal(size=(1000, 2)), flags]
    y = x[:, 0] + flags.sum(axis=1)
    run = record_lightgbm({"min_data_in_leaf": least}, lgb.Dataset(x, y), n_rounds=5)
    findings = found(run, UnsplittableColumns())
    assert [[str(c) for c in f.try_next] for f in findings] == ([] if least == 20 else [["min_data_in_leaf=20"]])
