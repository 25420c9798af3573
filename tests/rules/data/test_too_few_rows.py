import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.findings import Severity
from treedebug.rules.data.too_few_rows import TooFewRows
from treedebug.testing import classes_of, curves, data_sets, number, numbers_of, rule_test, table


def sized(n_rows, n_columns=2, label=None):
    return table(*(number(f"x{i}", n_rows=n_rows) for i in range(n_columns)), label=label)


test_too_few_rows = rule_test(
    TooFewRows(),
    fires={
        "forty rows": (data_sets(sized(40)), {"n_rows": 40, "n_columns": 2}),
        "as many columns as rows": (data_sets(sized(60, 40)), {"n_columns": 40}),
        "no rows": (data_sets(DataProfile()), {"n_rows": 0}),
        "a class of six": (data_sets(sized(1000, label=classes_of({0: 500, 1: 494, 2: 6}))), {"counts": {"2": 6}}),
        "fewer positives than features": data_sets(sized(1000, 30, label=classes_of({0: 980, 1: 20}))),
        "ten rows of validation": (data_sets(sized(1000), valid=sized(10)), {"n_rows": 10}),
    },
    silent={
        "fifty rows": data_sets(sized(50)),
        "ten of each class": data_sets(sized(1000, label=classes_of({0: 500, 1: 490, 2: 10}))),
        "numbers": data_sets(sized(1000, label=numbers_of())),
        "twenty rows of validation": data_sets(sized(1000), valid=sized(20)),
    },
    skipped={
        "no data": curves(train=[0.5] * 3),
        "a few rows of who knows how many": data_sets(table(number("a", n_rows=40), is_partial=True)),
    },
)


def test_no_row_is_an_error_and_few_positives_worth_knowing():
    assert found(data_sets(DataProfile()), TooFewRows())[0].severity is Severity.ERROR
    few = data_sets(sized(1000, 30, label=classes_of({0: 980, 1: 20})))
    assert found(few, TooFewRows())[0].severity is Severity.INFO


@pytest.mark.parametrize(("n", "expected"), [(30, True), (300, False)])
def test_a_real_table(n, expected):
    assert bool(found_in(TooFewRows(), people(n), target="paid")) is expected
