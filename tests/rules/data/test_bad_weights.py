import numpy as np
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.findings import Severity
from treedebug.rules.data.bad_weights import BadWeights
from treedebug.testing import data_sets, rule_test, table, weights_of


def weighed(**fields):
    return data_sets(table(weight=weights_of(**fields)))


test_bad_weights = rule_test(
    BadWeights(),
    fires={
        "a negative one": (weighed(n_negative=1, minimum=-1.0), {"n_negative": 1, "columns": ["weight"]}),
        "missing ones": (weighed(n_missing=3), {"n_missing": 3}),
        "an infinite one": (weighed(n_infinite=1), {"n_infinite": 1}),
        "all zero": (weighed(n_zero=1000, maximum=0.0, mean=0.0, total=0.0), {"n_zero": 1000}),
        "one in ten is zero": (weighed(n_zero=100), {"n_zero": 100}),
        "one row weighs as much as the rest": (
            weighed(maximum=1000.0, mean=2.0, total=2000.0, effective_rows=4.0),
            {"ratio": 500.0, "effective_rows": 4.0},
        ),
    },
    silent={
        "between a half and one and a half": weighed(),
        "a few zeros": weighed(n_zero=10),
        "class weights as uneven as the classes": weighed(n_distinct=2, maximum=900.0, effective_rows=20.0),
        "a long tail": weighed(maximum=60.0, effective_rows=120.0),
    },
    skipped={"no weights": data_sets(table())},
)


def test_what_a_booster_refuses_is_an_error():
    assert found(weighed(n_negative=1), BadWeights())[0].severity is Severity.ERROR
    assert found(weighed(n_zero=100), BadWeights())[0].severity is Severity.WARNING


@pytest.mark.parametrize(("bad", "expected"), [(-1.0, True), (np.nan, True), (1e6, True), (2.0, False)])
def test_a_real_table(bad, expected):
    weight = np.random.default_rng(6).uniform(0.5, 1.5, 600)
    weight[10] = bad
    assert bool(found_in(BadWeights(), people(), target="paid", weight=weight)) is expected
