import numpy as np
import pandas as pd
import pytest

import treedebug
from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.column_profile import Sentinel
from treedebug.core.findings import Severity
from treedebug.rules.data.sentinel_values import SentinelValues, is_code
from treedebug.testing import data_sets, number, rule_test, table, text


def posing(value, *, count=40, gap=2.0, side="low", name="a"):
    column = text(name) if side == "text" else number(name)
    return data_sets(table(type(column)(**{**vars(column), "sentinels": (Sentinel(value, count, gap, side),)})))


test_sentinel_values = rule_test(
    SentinelValues(),
    fires={
        "-999": (posing(-999), {"value": -999, "counts": {"a": 40}, "columns": ["a"]}),
        "-1, below all others": posing(-1, gap=0.6),
        "99999": posing(99999.0, side="high"),
        "any number, far out": posing(-4000.5, gap=12.0),
        "N/A": (posing("N/A", side="text"), {"value": "N/A"}),
    },
    silent={
        "zero beside amounts": posing(0, gap=0.35),
        "a code among the others": posing(99, side="inside"),
        "a code next to the others": posing(99, gap=0.4, side="high"),
        "twice": posing(-999, count=2),
        "a repeated extreme that is no code": posing(120.0, gap=3.0, side="high"),
    },
    skipped={"no rows": data_sets(table(number("a", n_rows=0)))},
)


def test_zero_below_whole_numbers_that_is_there_most_often():
    rng = np.random.default_rng(0)
    ages = np.where(rng.random(2000) < 0.05, 0, rng.integers(18, 90, 2000))
    frame = pd.DataFrame({"age": ages, "visits": rng.integers(0, 40, 2000), "label": rng.integers(0, 2, 2000)})
    report = treedebug.check(frame, target="label", select=["DA623"])
    assert [f.evidence["columns"] for f in report.findings] == [["age"]]


def test_a_negative_code_says_why():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"visits": np.where(rng.random(900) < 0.1, -1, rng.poisson(6, 900)), "label": 1})
    (finding,) = treedebug.check(frame, target="label", select=["DA623"]).findings
    assert "no other value is negative" in finding.message


def test_words_are_worth_knowing():
    assert found(posing("N/A", side="text"), SentinelValues())[0].severity is Severity.INFO
    assert found(posing(-999), SentinelValues())[0].severity is Severity.WARNING


@pytest.mark.parametrize("value", [-1, -999, 9999, 99999.0, 88, 777, -9999, 2**31 - 1])
def test_codes(value):
    assert is_code(value)


@pytest.mark.parametrize("value", [0, 1, 9, 100, 1234, 98, 0.5, float("nan"), float("inf"), "999", 89])
def test_not_codes(value):
    assert not is_code(value)


@pytest.mark.parametrize("value", [-999.0, 44.0])
def test_a_real_table(value):
    frame = people()
    frame.loc[:20, "age"] = value
    findings = found_in(SentinelValues(), frame, target="paid")
    assert [f.evidence["counts"] for f in findings] == ([{"age": 21}] if value < 0 else [])
