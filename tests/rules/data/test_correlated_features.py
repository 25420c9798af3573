import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data.table_profile import Pair
from treedebug.rules.data.correlated_features import CorrelatedFeatures
from treedebug.testing import data_sets, number, rule_test, table

NAMES = "abcde"


def related(*pairs, **run):
    columns = [number(n) for n in NAMES]
    return data_sets(table(*columns, pairs=tuple(Pair(a, b, r) for a, b, r in pairs)), **run)


test_correlated_features = rule_test(
    CorrelatedFeatures(),
    fires={
        "a pair": (related(("a", "b", 0.96)), {"columns": ["a", "b"], "n_groups": 1}),
        "opposite": (related(("a", "b", -0.96)), {"n_pairs": 1}),
        "a chain of three is one group": (related(("a", "b", 0.97), ("b", "c", 0.95)), {"groups": [["a", "b", "c"]]}),
        "a network": related(("a", "b", 0.96), library="torch"),
        "a linear booster": related(("a", "b", 0.96), library="xgboost", booster="gblinear"),
        "two groups": (related(("a", "b", 0.97), ("c", "d", 0.95)), {"n_groups": 2, "n_columns": 4}),
    },
    silent={
        "just below": related(("a", "b", 0.899)),
        "the same order is another disease": related(("a", "b", 1.0)),
        "no pairs": data_sets(table()),
    },
    skipped={
        "no rows": data_sets(table(number("a", n_rows=0))),
        "trees": related(("a", "b", 0.96), library="xgboost", booster="gbtree"),
    },
)


@pytest.mark.parametrize(("noise", "expected"), [(0.1, True), (1.0, False)])
def test_a_real_table(noise, expected):
    frame = people()
    frame["age again"] = frame.age + noise * frame.age.std() * np.random.default_rng(1).normal(size=len(frame))
    assert bool(found_in(CorrelatedFeatures(), frame, target="paid")) is expected
