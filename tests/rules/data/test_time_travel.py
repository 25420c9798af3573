import numpy as np
import pandas as pd
import pytest

from tests.curves_of import found
from tests.rules.data.real import found_in, people
from treedebug.core.data.data_sets import Between, TimeOrder
from treedebug.core.findings import Severity
from treedebug.rules.data.time_travel import TimeTravel
from treedebug.testing import data_sets, date, rule_test, table

START, END = 1_704_067_200.0, 1_735_603_200.0


def mixed(n_not_after, *, named=True, order="", n_before=0, **more):
    columns = table(date("at", order=order, role="time" if named else ""), time="at", time_was_named=named, **more)
    time = TimeOrder(column="at", train_start=START, train_end=END, other_start=START, other_end=END + 9e6,
                     n_not_after=n_not_after, n_before=n_before, n_rows=500)  # fmt: skip
    return data_sets(columns, valid=columns, between=Between(time=time))


test_time_travel = rule_test(
    TimeTravel(),
    fires={
        "split at random": (mixed(490), {"share": 0.98, "n_rows": 490, "columns": ["at"]}),
        "a few rows": mixed(5),
        "validated on the past": (mixed(500, n_before=500), {"n_before": 500}),
    },
    silent={"all later": mixed(0), "hardly a row": mixed(4)},
    skipped={"no time": data_sets(table(), valid=table()), "no validation set": data_sets(table())},
)


def test_dates_that_may_be_a_feature_are_only_worth_knowing():
    assert found(mixed(490), TimeTravel())[0].severity is Severity.WARNING
    assert found(mixed(490, named=False, order="increasing"), TimeTravel())[0].severity is Severity.WARNING
    assert found(mixed(490, named=False), TimeTravel())[0].severity is Severity.INFO
    assert "2024-12-31" in found(mixed(490), TimeTravel())[0].message


@pytest.mark.parametrize(("memory", "severity"), [(0.3, Severity.WARNING), (0.09, Severity.INFO)])
def test_dates_of_a_series_need_no_name(memory, severity):
    def told(**more):
        (finding,) = found(mixed(490, named=False, **more), TimeTravel())
        return finding.severity

    assert told(time_memory=memory, sample_size=5000) is severity
    assert told(time_memory=memory, sample_size=300) is Severity.INFO


@pytest.mark.parametrize(("kind", "expected"), [("a walk", True), ("by age", False), ("none", False)])
def test_how_labels_follow_each_other(kind, expected):
    rng, n = np.random.default_rng(0), 900
    walk = np.zeros(n)
    for i in range(1, n):
        walk[i] = 0.9 * walk[i - 1] + rng.normal()
    label = {"a walk": walk, "by age": 2 * np.sin(np.arange(n) / 300) + rng.normal(size=n), "none": rng.normal(size=n)}
    frame = pd.DataFrame({"on": pd.date_range("2020-01-01", periods=n), "x": rng.normal(size=n), "y": label[kind]})
    frame = frame.sample(frac=1, random_state=0)
    findings = found_in(TimeTravel(), frame.iloc[:600], valid=frame.iloc[600:], target="y")
    assert [f.severity is Severity.WARNING for f in findings] == [expected]


@pytest.mark.parametrize("at_random", [True, False])
def test_a_real_table(at_random):
    frame = people().assign(at=pd.date_range("2024-01-01", periods=600, freq="h"))
    rows = np.random.default_rng(1).permutation(600) if at_random else np.arange(600)
    train, valid = (frame.iloc[np.sort(part)].reset_index(drop=True) for part in (rows[:450], rows[450:]))
    assert bool(found_in(TimeTravel(), train, valid=valid, target="paid", time="at")) is at_random
