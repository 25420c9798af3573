import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.column_profile import ValueCount, Variants
from treedebug.core.data.data_sets import Between
from treedebug.core.findings import Severity
from treedebug.rules.data.mixed_types import MixedTypes
from treedebug.testing import data_sets, number, rule_test, table, text

YES = Variants((ValueCount("yes", 590), ValueCount("Yes ", 10)))


def spelt(**fields):
    return data_sets(table(text("a", {"yes": 590, "Yes ": 10, "no": 400}, variants=(YES,), n_variants=1, **fields)))


def numeric(n):
    return data_sets(table(text("a", n_numeric_texts=n)))


test_mixed_types = rule_test(
    MixedTypes(),
    fires={
        "numbers and a few words": (numeric(990), {"shares": {"a": 0.99}}),
        "words and a few numbers": (numeric(20), {"shares": {"a": 0.02}}),
        "all numbers, stored as text": (numeric(1000), {"shares": {"a": 1.0}}),
        "two spellings": (spelt(), {"n_variants": {"a": 1}, "values": {"a": [["yes", 590], ["Yes ", 10]]}}),
        "another kind in validation": (
            data_sets(table(), valid=table(), between=Between(changed_kinds=(("a", "number", "text"),))),
            {"columns": ["a"]},
        ),
    },
    silent={"words": numeric(0), "words and hardly a number": numeric(19), "numbers": data_sets(table(number("a")))},
    skipped={"no rows": data_sets(table(number("a", n_rows=0)))},
)


def test_what_is_only_worth_knowing():
    runs = {990: Severity.WARNING, 20: Severity.INFO, 1000: Severity.INFO}
    assert {n: found(numeric(n), MixedTypes())[0].severity for n in runs} == runs
    assert found(spelt(), MixedTypes())[0].severity is Severity.WARNING
    assert found(spelt(n_distinct=1001), MixedTypes())[0].severity is Severity.INFO


@pytest.mark.parametrize(("value", "expected"), [(" Derby", True), ("Ely", False)])
def test_spellings_of_a_real_table(value, expected):
    frame = people()
    frame.loc[[3, 9], "town"] = value
    assert bool(found_in(MixedTypes(), frame, target="paid")) is expected


def test_words_among_the_numbers_of_a_real_table():
    frame = people()
    frame["age"] = frame.age.astype(object)
    frame.loc[5, "age"] = "unknown"
    assert found_in(MixedTypes(), frame, target="paid")[0].evidence["shares"]["age"] == pytest.approx(599 / 600)
