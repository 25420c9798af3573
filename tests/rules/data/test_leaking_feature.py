import numpy as np
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.findings import Severity
from treedebug.core.profile import Dependence
from treedebug.rules.data.leaking_feature import LeakingFeature
from treedebug.testing import classes_of, data_sets, number, rule_test, table


def scoring(*scores, error=0.0):
    columns = [number(n, dependence=Dependence("auc", s, error, 800)) for n, s in zip("abcdefgh", scores, strict=False)]
    return data_sets(table(*columns, label=classes_of({0: 500, 1: 500})))


test_leaking_feature = rule_test(
    LeakingFeature(),
    fires={
        "perfect": (scoring(0.3, 1.0, 0.5), {"columns": ["b"], "next_best": 0.5}),
        "nearly, and far above the next": (scoring(0.95, 0.6), {"scores": {"a": 0.95}}),
        "two together": (scoring(0.99, 0.995, 0.4), {"columns": ["b", "a"]}),
        "nearly perfect, and above others that are good": (scoring(0.965, 0.93), {"columns": ["a"]}),
        "the only feature": (scoring(0.93), {"next_best": None}),
    },
    silent={
        "good, but not perfect": scoring(0.84, 0.2),
        "others are nearly as good": scoring(0.95, 0.93, 0.9),
        "two good ones of an easy task": scoring(0.96, 0.95, 0.7),
        "the best of a good many": scoring(0.928, 0.84),
        "not sure": scoring(0.93, 0.1, error=0.09),
    },
    skipped={"no label": data_sets(table()), "not measured": data_sets(table(label=classes_of({0: 9, 1: 9})))},
)


def test_a_sure_leak_is_an_error():
    assert found(scoring(1.0, 0.5), LeakingFeature())[0].severity is Severity.ERROR
    assert found(scoring(0.94, 0.5), LeakingFeature())[0].severity is Severity.WARNING


@pytest.mark.parametrize(("wrong", "expected"), [(0.02, True), (0.3, False)])
def test_a_real_table(wrong, expected):
    frame, rng = people(), np.random.default_rng(3)
    frame["reminder"] = np.where(rng.random(len(frame)) < wrong, rng.permutation(frame.paid), frame.paid).astype(str)
    findings = found_in(LeakingFeature(), frame, target="paid")
    assert [f.subject for f in findings] == (["reminder"] if expected else [])
