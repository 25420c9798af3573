import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.column_profile import ValueCount
from treedebug.core.data.table_profile import Pair
from treedebug.core.findings import Severity
from treedebug.rules.data.duplicate_columns import DuplicateColumns
from treedebug.testing import data_sets, flag, number, rule_test, table, text

ZEROS = {"top_values": (ValueCount(0, 970),)}


def pair(correlation, equal_share=0.0, **fields):
    columns = (number("a", **fields), number("b", **fields))
    return data_sets(table(*columns, pairs=(Pair("a", "b", correlation, equal_share),)))


test_duplicate_columns = rule_test(
    DuplicateColumns(),
    fires={
        "equal": (data_sets(table(number("a"), number("b"), equal_columns=(("a", "b"),))), {"groups": [["a", "b"]]}),
        "three of them": (
            data_sets(table(number("a"), number("b"), number("c"), equal_columns=(("a", "b", "c"),))),
            {"n_columns": 3},
        ),
        "in another unit": (pair(1.0), {"columns": ["a", "b"]}),
        "upside down": pair(-1.0),
        "equal flags, of a network": data_sets(
            table(flag("a"), flag("b"), equal_columns=(("a", "b"),)), library="torch"
        ),
        "but for one row in a hundred": pair(0.98, 0.99),
        "other names for the categories": (
            data_sets(table(text("a"), text("b"), recoded_columns=(("a", "b"),))),
            {"groups": [["a", "b"]]},
        ),
        "a name twice": (data_sets(table(doubled_names=("a",))), {"columns": ["a"]}),
    },
    silent={
        "equal flags, of trees": data_sets(
            table(flag("a"), flag("b"), equal_columns=(("a", "b"),)), library="lightgbm", booster="gbdt"
        ),
        "only correlated": pair(0.99, 0.3),
        "mostly zero, both": pair(0.9, 0.98, **ZEROS),
        "constant ones": data_sets(
            table(number("a", n_distinct=1), number("b", n_distinct=1), equal_columns=(("a", "b"),))
        ),
    },
    skipped={"no rows": data_sets(table(number("a", n_rows=0)))},
)


def test_flags_that_are_equal_are_worth_knowing_and_names_matter_most():
    flags = data_sets(table(flag("a"), flag("b"), equal_columns=(("a", "b"),)))
    assert found(flags, DuplicateColumns())[0].severity is Severity.INFO
    assert found(pair(1.0), DuplicateColumns())[0].severity is Severity.WARNING
    assert found(data_sets(table(doubled_names=("a",))), DuplicateColumns())[0].severity is Severity.ERROR


@pytest.mark.parametrize("kind", ["copy", "unit", "code", "none"])
def test_a_real_table(kind):
    frame = people()
    codes = frame.town.map({"Ashby": 3, "Brent": 1, "Colne": 4, "Derby": 2})
    made = {"copy": frame.age, "unit": 12 * frame.age, "code": codes, "none": frame.age.sample(frac=1.0).to_numpy()}
    findings = found_in(DuplicateColumns(), frame.assign(extra=made[kind]), target="paid")
    other = "town" if kind == "code" else "age"
    assert [sorted(f.evidence["columns"]) for f in findings] == ([] if kind == "none" else [sorted([other, "extra"])])
