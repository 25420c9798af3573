import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.data_sets import Between, Unseen
from treedebug.core.findings import Severity
from treedebug.rules.data.unseen_categories import UnseenCategories
from treedebug.testing import classes_of, data_sets, number, rule_test, table, text

LABEL = classes_of({"x": 500, "y": 500})


def unseen(n_rows, n_values=1, column=None):
    column = column or text("a")
    found_new = Unseen(column="a", n_values=n_values, n_rows=n_rows, values=("new",))
    return data_sets(table(column), valid=table(column), between=Between(unseen=(found_new,)))


def labels():
    found_new = Unseen(column="y", n_values=1, n_rows=1, values=("z",))
    return data_sets(table(label=LABEL), valid=table(label=LABEL), between=Between(unseen_labels=found_new))


test_unseen_categories = rule_test(
    UnseenCategories(),
    fires={
        "two in a hundred": (unseen(20), {"n_rows": {"a": 20}, "values": {"a": ["new"]}}),
        "one row": (unseen(1), {"columns": ["a"]}),
        "a label": (labels(), {"columns": ["y"], "values": ["z"]}),
    },
    silent={
        "nothing new": data_sets(table(text("a")), valid=table(text("a"))),
        "an identifier, always new": unseen(900, 900, text("a", [1] * 1000)),
        "the column of groups": unseen(900, 30, text("a", role="group")),
    },
    skipped={"no validation set": data_sets(table(number("a")))},
)


def test_what_chance_explains_is_only_worth_knowing():
    rare = text("a", [2] * 500)  # so many that half of the other set's rows may well be new
    severe = {
        "a frequent one": found(unseen(20), UnseenCategories())[0].severity,
        "a row": found(unseen(1), UnseenCategories())[0].severity,
        "rare ones": found(unseen(60, 50, text("a", [4] * 250)), UnseenCategories())[0].severity,
        "a label": found(labels(), UnseenCategories())[0].severity,
    }
    assert severe == {
        "a frequent one": Severity.WARNING, "a row": Severity.INFO, "rare ones": Severity.INFO,
        "a label": Severity.ERROR,
    }  # fmt: skip
    assert found(unseen(100, 80, rare), UnseenCategories())[0].severity is Severity.INFO


@pytest.mark.parametrize(("town", "expected"), [("Ely", True), ("Derby", False)])
def test_a_real_table(town, expected):
    valid = people(200, seed=1)
    valid.loc[:9, "town"] = town
    findings = found_in(UnseenCategories(), people(), valid=valid, target="paid")
    assert [f.evidence["n_rows"] for f in findings] == ([{"town": 10}] if expected else [])
