import numpy as np
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.column_profile import ValueCount, Variants
from treedebug.core.findings import Severity
from treedebug.rules.data.invalid_labels import InvalidLabels
from treedebug.testing import classes_of, data_sets, numbers_of, rule_test, table

SPELT = (Variants((ValueCount("yes", 400), ValueCount("Yes", 100))),)


def labelled(label, **fields):
    return data_sets(table(label=label), **fields)


test_invalid_labels = rule_test(
    InvalidLabels(),
    fires={
        "a row without one": (labelled(classes_of({0: 500, 1: 499}, n_missing=1)), {"n_missing": 1}),
        "an infinite one": (labelled(numbers_of(n_infinite=2)), {"n_infinite": 2}),
        "one class": (labelled(classes_of({"a": 1000})), {"n_rows": 1000}),
        "from one on": (labelled(classes_of({1: 300, 2: 300, 3: 400})), {"classes": [1, 2, 3], "gaps": [0]}),
        "a gap": (labelled(classes_of({0: 300, 1: 300, 3: 400})), {"gaps": [2]}),
        "minus one and one": (labelled(classes_of({-1: 500, 1: 500})), {"n_classes": 2}),
        "two spellings": (
            labelled(classes_of({"no": 500, "yes": 400, "Yes": 100}, variants=SPELT, n_variants=1)),
            {"values": ["yes", "Yes"]},
        ),
        "outside the objective": (
            labelled(numbers_of(minimum=-2.0), objective="count:poisson", library="xgboost"),
            {"minimum": -2.0},
        ),
        "amounts for a binary objective": labelled(numbers_of(maximum=7.0), objective="binary", library="lightgbm"),
    },
    silent={
        "0 and 1": labelled(classes_of({0: 500, 1: 500})),
        "texts": labelled(classes_of({"a": 500, "b": 500})),
        "counts with a gap at the rare end": labelled(classes_of({0: 900, 1: 90, 2: 9, 4: 1})),
        "a class that only validation has": data_sets(
            table(label=classes_of({0: 500, 2: 500})), valid=table(label=classes_of({0: 300, 1: 300, 2: 400}))
        ),
        "numbers below zero": labelled(numbers_of(minimum=-2.0)),
        "shares for a binary objective": labelled(numbers_of(), objective="binary:logistic", library="xgboost"),
    },
    skipped={"no label": data_sets(table())},
)


def test_every_set_is_looked_at():
    run = data_sets(table(label=numbers_of()), valid=table(label=numbers_of(n_missing=3)))
    finding = found(run, InvalidLabels())[0]
    assert (finding.subject, finding.severity) == ("missing in valid", Severity.ERROR)


def test_how_to_number_them():
    finding = found(labelled(classes_of({1: 300, 2: 700})), InvalidLabels())[0]
    assert str(finding.try_next[0]) == "relabel={'1': 0, '2': 1}"


@pytest.mark.parametrize(("missing", "shift", "expected"), [(1, 0, "missing"), (0, 1, "numbering"), (0, 0, None)])
def test_a_real_table(missing, shift, expected):
    frame = people()
    frame["paid"] = (frame.paid + shift).astype(float)
    frame.loc[: missing - 1, "paid"] = np.nan
    findings = found_in(InvalidLabels(), frame, target="paid")
    assert [f.subject.split(" in ")[0] for f in findings] == ([expected] if expected else [])
