import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.rules.data.high_cardinality import HighCardinality
from treedebug.testing import data_sets, number, rule_test, table, text


def spread(n_distinct, **fields):
    return data_sets(table(text("a", [1] * 20, n_rows=1000, **{"n_missing": 0, "n_distinct": n_distinct, **fields})))


test_high_cardinality = rule_test(
    HighCardinality(),
    fires={
        "ten rows each": (spread(100), {"n_distinct": {"a": 100}, "rows_per_value": {"a": 10.0}}),
        "two rows each": spread(500),
        "codes of digits": spread(500, n_numeric_texts=1000),
    },
    silent={
        "fifty categories": spread(50),
        "enough rows for each": data_sets(table(text("a", [40] * 60))),
        "almost never the same": spread(950),
        "free text": spread(700, mean_length=90.0),
        "numbers with words among them": spread(300, n_numeric_texts=950),
        "amounts as text": data_sets(
            table(
                text(
                    "a",
                    {f"{i}.5e+03": 1 for i in range(20)},
                    n_rows=1000,
                    n_missing=0,
                    n_distinct=500,
                    n_numeric_texts=1000,
                )
            )
        ),
        "numbers": data_sets(table(number("a"))),
        "the column of groups": spread(300, role="group"),
    },
    skipped={"no rows": data_sets(table(number("a", n_rows=0)))},
)


@pytest.mark.parametrize(("n", "expected"), [(120, True), (8, False)])
def test_a_real_table(n, expected):
    codes = np.random.default_rng(4).integers(0, n, 600)
    findings = found_in(HighCardinality(), people().assign(post=[f"P{c:03d}" for c in codes]), target="paid")
    assert [f.evidence["columns"] for f in findings] == ([["post"]] if expected else [])
