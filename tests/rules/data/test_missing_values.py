import numpy as np
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.data_sets import Between, Drift
from treedebug.core.findings import Severity
from treedebug.rules.data.missing_values import MissingValues
from treedebug.testing import data_sets, number, rule_test, table, text


def gaps(train, other, p=0.0):
    drift = Drift(column="a", kind="number", n_train=900, n_other=900, distance=0.0, psi=0.0, p_value=1.0,
                  missing_train=train, missing_other=other, missing_p_value=p)  # fmt: skip
    return data_sets(table(number("a")), valid=table(number("a")), between=Between(drifts=(drift,)))


test_missing_values = rule_test(
    MissingValues(),
    fires={
        "a third": (data_sets(table(number("a", n_missing=333), number("b"))), {"shares": {"a": 0.333}}),
        "blanks count": (data_sets(table(text("a", (500, 300), n_empty=200))), {"columns": ["a"]}),
        "everything": (data_sets(table(number("a", n_missing=1000, n_distinct=0))), {"shares": {"a": 1.0}}),
        "a rate that changes": (gaps(0.02, 0.2), {"shares": {"a": [0.02, 0.2]}}),
        "validation lacks a column": (
            data_sets(table(), valid=table(number("a")), between=Between(missing_columns=("b",))),
            {"columns": ["b"]},
        ),
    },
    silent={
        "a fifth, nearly": data_sets(table(number("a", n_missing=199))),
        "a rate that hardly changes": gaps(0.02, 0.06),
        "a rate that changes by chance": gaps(0.02, 0.2, p=0.01),
        "alike in both": gaps(0.15, 0.15),
    },
    skipped={"no rows": data_sets(table(number("a", n_rows=0)))},
)


def test_the_more_is_missing_the_more_it_matters():
    grave = [found(data_sets(table(number("a", n_missing=n))), MissingValues())[0].severity for n in (300, 500)]
    assert grave == [Severity.INFO, Severity.WARNING]
    lacks = data_sets(table(), valid=table(number("a")), between=Between(missing_columns=("b",)))
    assert found(lacks, MissingValues())[0].severity is Severity.ERROR


@pytest.mark.parametrize(("share", "expected"), [(0.5, True), (0.05, False)])
def test_a_real_table(share, expected):
    frame = people()
    frame.loc[np.random.default_rng(5).random(len(frame)) < share, "income"] = np.nan
    findings = found_in(MissingValues(), frame, target="paid")
    assert [f.evidence["columns"] for f in findings] == ([["income"]] if expected else [])
