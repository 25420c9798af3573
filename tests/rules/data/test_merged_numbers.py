import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.rules.data.merged_numbers import MergedNumbers
from treedebug.testing import data_sets, number, rule_test, table

HOUR = 3_600_000
SINCE_1970 = 1.53e12


def times(n_distinct, low=SINCE_1970, span=HOUR, **more):
    return data_sets(table(number("when", n_distinct=n_distinct, minimum=low, maximum=low + span, **more)))


test_merged_numbers = rule_test(
    MergedNumbers(),
    fires={
        "milliseconds of an hour": (times(3000), {"columns": ["when"]}),
        "before zero": times(3000, low=-SINCE_1970),
        "every number of nine digits": times(1000, low=400_000_000, span=1000),
    },
    silent={
        "as many as float32 has": times(25),
        "a tenth is not lost": times(30),
        "seconds of an hour": times(3000, low=1.0, span=3600),
        "numbers of seven digits": times(1000, low=4_000_000, span=1000),
        "around zero": times(3000, low=-1e12, span=2e12),
    },
    skipped={"no rows": data_sets(table(number("a", n_rows=0)))},
)


@pytest.mark.parametrize(("start", "expected"), [(SINCE_1970, True), (0.0, False)])
def test_a_real_table(start, expected):
    frame = people()
    frame["when"] = start + np.random.default_rng(0).permutation(len(frame)) * 100.0
    assert bool(found_in(MergedNumbers(), frame, target="paid")) is expected
