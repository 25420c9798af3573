import lightgbm as lgb
import numpy as np

from tests.curves_of import found
from tests.recorded import record_lightgbm
from treedebug.rules.params.unusable_categories import UnusableCategories
from treedebug.testing import header, rule_test


def odd(n_rows=1000, **counts):
    facts = {"n_rows": n_rows, "is_training": True}
    known = {"c": {"negative": 0, "fractions": 0, "n_rows": n_rows, **counts}}
    return header(library="lightgbm", data={"train": {**facts, "odd_categories": known}})


test_unusable_categories = rule_test(
    UnusableCategories(),
    fires={
        "half of the codes are negative": (odd(negative=500), {"kind": "negative", "share": 0.5}),
        "an amount": (odd(fractions=990), {"kind": "fractions"}),
    },
    silent={"-1 for a few missing ones": odd(negative=99), "a slip": odd(fractions=3)},
    skipped={"nothing odd": header(library="lightgbm", data={"train": {"is_training": True}}), "no data": header()},
)


def test_real_codes_from_minus_six_and_from_zero():
    rng = np.random.default_rng(0)
    codes, y = rng.integers(-6, 6, 400), rng.normal(size=400)
    told = []
    for shift in (0, 6):
        data = lgb.Dataset(np.c_[codes + shift, y], y, categorical_feature=[0], free_raw_data=False)
        told.append([f.subject for f in found(record_lightgbm({}, data, n_rounds=3), UnusableCategories())])
    assert told == [["Column_0"], []]
