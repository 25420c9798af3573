import pytest

from tests.rules.data.real import found_in, people
from treedebug.core.findings import Severity
from treedebug.engine.evaluate import evaluate
from treedebug.rules.data.unnormalized_features import UnnormalizedFeatures
from treedebug.testing import data_sets, flag, number, rule_test, table, text


def net(*columns, **fields):
    return data_sets(table(*columns), library="torch", **fields)


def scaled(name="x", **fields):
    mean, std = fields.get("mean", 0.0), fields.get("std", 1.0)
    ends = {"minimum": mean - 3.0 * std, "maximum": mean + 3.0 * std}
    return number(name, **{"mean": 0.0, "std": 1.0, **ends, **fields})


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
        "pixels scaled by their range": net(
            scaled(mean=0.2, std=0.3, minimum=0.0, maximum=1.0), scaled("border", std=0.01, minimum=0.0, maximum=0.9)
        ),
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


@pytest.mark.parametrize(
    ("columns", "severity"),
    [
        ([scaled(std=0.3, mean=0.5)], Severity.INFO),  # narrow, and beyond 1
        ([*(scaled(n, std=0.3, mean=0.5) for n in "abc"), scaled("border", std=0.01, mean=0.002)], Severity.INFO),
        ([*(scaled(n) for n in "abc"), scaled("border of scaled pixels", std=0.02, mean=-0.8)], Severity.INFO),
        ([scaled(n, std=0.01) for n in "abc"], Severity.WARNING),
        ([*(scaled(n) for n in "abc"), scaled("wide", std=40.0)], Severity.WARNING),
        ([*(scaled(n) for n in "abc"), scaled("year", std=0.5, mean=2020.0)], Severity.WARNING),
    ],
)
def test_what_hurts_is_a_warning_and_what_hardly_varies_is_not(columns, severity):
    run = net(*columns)
    (finding,) = evaluate(run.at(run.n_rounds), [UnnormalizedFeatures()]).findings
    assert finding.severity is severity
