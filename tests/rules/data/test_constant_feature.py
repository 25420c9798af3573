import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.column_profile import ValueCount
from treedebug.core.findings import Severity
from treedebug.rules.data.constant_feature import ConstantFeature
from treedebug.testing import data_sets, number, rule_test, table, text


def flat(name, **fields):
    return number(name, **{"n_distinct": 1, "std": 0.0, "top_values": (ValueCount(3.0, 1000),), **fields})


def mostly(name, count):
    return number(name, n_distinct=7, top_values=(ValueCount(0, count), ValueCount(1, 1000 - count)))


test_constant_feature = rule_test(
    ConstantFeature(),
    fires={
        "one value": (data_sets(table(flat("a"), number("b"))), {"columns": ["a"], "n_columns": 1}),
        "one text": (data_sets(table(text("a", (1000,)))), {"columns": ["a"]}),
        "all but ten rows": (data_sets(table(mostly("a", 990))), {"shares": {"a": 0.99}}),
        "varies in validation": (
            data_sets(table(flat("a"), flat("b")), valid=table(number("a"), flat("b"))),
            {"columns": ["a"]},
        ),
        "varies in validation, and trees are trained": (
            data_sets(table(flat("a"), flat("b")), valid=table(number("a"), flat("b")), library="lightgbm"),
            {"columns": ["a"]},
        ),
        "one value, of a network": data_sets(table(flat("a"), number("b")), library="torch"),
    },
    silent={
        "one value, or nearly, of trees": data_sets(table(flat("a"), mostly("b", 990)), library="xgboost"),
        "mostly one value": data_sets(table(mostly("a", 989))),
        "one value, or missing": data_sets(table(flat("a", n_missing=400, top_values=(ValueCount(3.0, 600),)))),
        "nothing but missing": data_sets(table(number("a", n_missing=1000, n_distinct=0))),
        "few rows": data_sets(table(number("a", n_rows=19, n_distinct=1))),
        "named as group": data_sets(table(flat("a", role="group"))),
    },
    skipped={
        "no rows": data_sets(table(number("a", n_rows=0))),
        "a few rows of who knows how many": data_sets(table(flat("a"), number("b"), is_partial=True)),
    },
)


def test_what_varies_only_later_matters_more():
    run = data_sets(table(flat("a"), flat("b")), valid=table(number("a"), flat("b")))
    assert [(f.severity, f.evidence["columns"]) for f in found(run, ConstantFeature())] == [
        (Severity.WARNING, ["a"]),
        (Severity.INFO, ["b"]),
    ]


@pytest.mark.parametrize("constant", [True, False])
def test_a_real_table(constant):
    frame = people().assign(country="GB" if constant else people().town)
    findings = found_in(ConstantFeature(), frame, target="paid")
    assert [f.evidence["columns"] for f in findings] == ([["country"]] if constant else [])
