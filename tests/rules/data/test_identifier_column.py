import numpy as np
import pytest

from tests.rules.data.real import found_in, people
from treedebug.rules.data.identifier_column import IdentifierColumn
from treedebug.testing import data_sets, date, number, rule_test, table, text


def whole(name="a", **fields):
    usual = {"whole_numbers": True, "n_distinct": 1000, "minimum": 1.0, "maximum": 5000.0}
    return number(name, **{**usual, **fields})


def texts(name="a", *, n_distinct=1000, **fields):
    usual = {"n_distinct": n_distinct, "mean_length": 9.0, "max_length": 9, "n_missing": 0}
    return text(name, (1,) * 20, n_rows=1000, **{**usual, **fields})


test_identifier_column = rule_test(
    IdentifierColumn(),
    fires={
        "a row number": (
            data_sets(table(whole(order="increasing", steps_by_one=True))),
            {"reasons": {"a": "counts the rows"}},
        ),
        "rises from row to row": (
            data_sets(table(number("a", order="increasing", n_distinct=1000))),
            {"reasons": {"a": "increasing from row to row"}},
        ),
        "whole numbers that never repeat": (data_sets(table(whole(), number("b"))), {"columns": ["a"]}),
        "the same, by an estimate": (
            data_sets(table(whole(n_distinct=995, maximum=1500.0, distinct_is_exact=False))),
            {"reasons": {"a": "995 whole numbers, in 1000 rows"}},
        ),
        "two, of which each may be chance": (
            data_sets(table(whole("a", maximum=1e5), whole("b", maximum=1e5), number("c"))),
            {"columns": ["a", "b"]},
        ),
        "keys of one length": (data_sets(table(texts())), {"n_columns": 1}),
        "short names": data_sets(table(texts(max_length=30))),
        "named like one": data_sets(table(whole("customerId", maximum=1e9))),
        "hashes of one length": data_sets(table(texts(mean_length=64.0, max_length=64))),
    },
    silent={
        "amounts, all different": data_sets(table(number("a", n_distinct=1000))),
        "one that may be chance": data_sets(table(whole(maximum=1e5))),
        "large whole amounts that happen to differ": data_sets(table(whole(maximum=1e9))),
        "whole numbers that repeat once": data_sets(table(whole(n_distinct=999))),
        "many whole amounts, by an estimate": data_sets(
            table(whole(n_distinct=995, maximum=2e4, distinct_is_exact=False))
        ),
        "postcodes that repeat as chance has it": data_sets(table(texts(n_distinct=985, n_numeric_texts=1000))),
        "free text": data_sets(table(texts(mean_length=80.0, max_length=400))),
        "categories named id": data_sets(table(texts("shop_id", n_distinct=40))),
        "dates in order": data_sets(table(date("at", order="increasing"))),
        "the column of time": data_sets(table(number("a", order="increasing", role="time"), time="a")),
        "the column of groups": data_sets(table(texts(role="group"))),
    },
    skipped={"few rows": data_sets(table(whole(n_rows=49, n_distinct=49)))},
)


@pytest.mark.parametrize(("kind", "expected"), [("ids", True), ("keys", True), ("amounts", False)])
def test_a_real_table(kind, expected):
    rng = np.random.default_rng(2)
    values = {
        "ids": rng.permutation(3000)[:600],
        "keys": [f"K{i:06d}" for i in rng.permutation(600)],
        "amounts": rng.normal(size=600),
    }
    findings = found_in(IdentifierColumn(), people().assign(extra=values[kind]), target="paid")
    assert [f.evidence["columns"] for f in findings] == ([["extra"]] if expected else [])
