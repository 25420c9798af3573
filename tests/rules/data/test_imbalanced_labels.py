from dataclasses import replace

import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.findings import Severity
from treedebug.rules.data.imbalanced_labels import ImbalancedLabels
from treedebug.testing import classes_of, data_sets, numbers_of, rule_test, table

RARE = {0: 950, 1: 50}


def labelled(counts, **fields):
    return data_sets(table(label=classes_of(counts, **fields)))


test_imbalanced_labels = rule_test(
    ImbalancedLabels(),
    fires={
        "one in twenty": (labelled(RARE), {"ratio": 19.0, "shares": {"0": 0.95, "1": 0.05}}),
        "one of three": (labelled({"a": 500, "b": 450, "c": 50}), {"ratio": 10.0, "n_classes": 3}),
        "weights half way": labelled(RARE, weights={0: 950.0, 1: 90.0}),
    },
    silent={
        "one in ten": labelled({0: 900, 1: 100}),
        "ten even classes": labelled(dict.fromkeys(range(10), 100)),
        "ten classes, one a quarter of the others": labelled({**dict.fromkeys(range(9), 100), 9: 25}),
        "weights even it out": labelled(RARE, weights={0: 500.0, 1: 500.0}),
    },
    skipped={
        "numbers": data_sets(table(label=numbers_of())),
        "no label": data_sets(table()),
        "no row has a label": labelled({}),
    },
)


def test_what_would_balance_it():
    finding = found(labelled(RARE), ImbalancedLabels())[0]
    assert not finding.try_next[0].is_followed
    assert "scale_pos_weight=19 does much the same at 0.5, and makes the probabilities" in str(finding.try_next[0])
    assert finding.evidence["class_weight"] == pytest.approx({"0": 0.53, "1": 10.0})
    many = found(labelled({"a": 500, "b": 450, "c": 50}), ImbalancedLabels())[0]
    assert "class_weight='balanced'" in str(many.try_next[0])


def test_many_rows_of_a_rare_class_are_worth_knowing():
    assert found(labelled({0: 19_000, 1: 1000}), ImbalancedLabels())[0].severity is Severity.INFO
    assert found(labelled({0: 200_000, 1: 2000}), ImbalancedLabels())[0].severity is Severity.WARNING
    assert replace(ImbalancedLabels(), few_rows=0).few_rows == 0


@pytest.mark.parametrize(("share", "expected"), [(0.03, True), (0.4, False)])
def test_a_real_table(share, expected):
    frame = people()
    frame["paid"] = (frame.age > frame.age.quantile(1 - share)).astype(int)
    assert bool(found_in(ImbalancedLabels(), frame, target="paid")) is expected
