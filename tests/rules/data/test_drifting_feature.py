import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.data.data_sets import Between, Drift
from treedebug.rules.data.drifting_feature import DriftingFeature
from treedebug.testing import data_sets, number, rule_test, table, text


def drift(column="a", *, distance=0.3, p=0.0, n=900, kind="number", **fields):
    usual = {"psi": 0.2, "shift": 0.5}
    return Drift(column=column, kind=kind, n_train=n, n_other=n, distance=distance, p_value=p, **{**usual, **fields})


def drifts(*found, columns=None):
    columns = columns or [number("a"), number("b")]
    return data_sets(table(*columns), valid=table(*columns), between=Between(drifts=found))


test_drifting_feature = rule_test(
    DriftingFeature(),
    fires={
        "a column moved": (drifts(drift(), drift("b", distance=0.01, p=0.9)), {"columns": ["a"], "n_columns": 1}),
        "the worse first": (drifts(drift(distance=0.2), drift("b")), {"columns": ["b", "a"]}),
        "a category that grew": (
            drifts(drift(kind="text", value="x", share_train=0.1, share_other=0.4), columns=[text("a")]),
            {"distances": {"a": 0.3}},
        ),
    },
    silent={
        "sure, but small": drifts(drift(distance=0.09)),
        "large, but by chance": drifts(drift(p=0.02)),
        "not so sure over two columns": drifts(drift(p=0.006), drift("b", distance=0.0, p=1.0)),
        "what samples of forty rows differ by": drifts(drift(distance=0.2, n=40)),
        "many rare categories": drifts(drift(kind="text", distance=0.35, n=1000), columns=[text("a", [2] * 500)]),
        "a row number": drifts(drift(distance=1.0), columns=[number("a", order="increasing")]),
        "a key in no order": drifts(
            drift(distance=1.0), columns=[number("a", whole_numbers=True, n_distinct=1000, minimum=0.0, maximum=2e3)]
        ),
        "named as group": drifts(drift(distance=1.0), columns=[number("a", role="group")]),
    },
    skipped={"no validation set": data_sets(table())},
)


@pytest.mark.parametrize(("shift", "expected"), [(8.0, True), (0.0, False)])
def test_a_real_table(shift, expected):
    train, valid = people(), people(300, seed=1)
    valid["age"] += shift
    findings = found_in(DriftingFeature(), train, valid=valid, target="paid")
    assert [f.evidence["columns"] for f in findings] == ([["age"]] if expected else [])
