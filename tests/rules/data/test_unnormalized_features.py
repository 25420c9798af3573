import pytest

from tests.rules.data.real import found_in, people
from treedebug.rules.data.unnormalized_features import UnnormalizedFeatures
from treedebug.testing import data_sets, flag, number, rule_test, table, text


def net(*columns, **fields):
    return data_sets(table(*columns), library="torch", **fields)


def scaled(name="x", **fields):
    return number(name, **{"mean": 0.0, "std": 1.0, **fields})


test_unnormalized_features = rule_test(
    UnnormalizedFeatures(),
    fires={
        "off zero": (net(scaled(mean=2.0)), {"columns": ["x"], "means": {"x": 2.0}}),
        "wide": (net(scaled(std=4.0), scaled("y")), {"columns": ["x"], "n_columns": 1}),
        "narrow": net(scaled(std=0.01)),
        "a linear booster": data_sets(table(scaled(mean=9.0)), library="xgboost", booster="gblinear"),
        "two, the worse first": (net(scaled(mean=2.0), scaled("y", mean=5000.0)), {"columns": ["y", "x"]}),
    },
    silent={
        "scaled": net(scaled()),
        "scaled to twice": net(scaled(std=2.0, mean=0.9)),
        "flags and texts": net(flag("f"), text("t"), scaled("two values", n_distinct=2, mean=100.0)),
    },
    skipped={
        "trees": data_sets(table(scaled(mean=2.0)), library="lightgbm", booster="gbdt"),
        "a table before any model": data_sets(table(scaled(mean=3.0))),
    },
)


@pytest.mark.parametrize("scale", [False, True])
def test_a_real_table(scale):
    frame = people()[["age", "income"]]
    if scale:
        frame = (frame - frame.mean()) / frame.std()
    findings = found_in(UnnormalizedFeatures(always=True), frame)
    assert [f.evidence["columns"] for f in findings] == ([] if scale else [["income", "age"]])
