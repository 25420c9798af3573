"""rule_test refuses tables that prove nothing, and notices rules that do not do what their table says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from treedebug.core.findings import Finding
from treedebug.core.run.class_log import ClassLog
from treedebug.core.run.eval_log import EvalLog
from treedebug.engine.rule import Rule, param
from treedebug.testing import curves, rule_test
from treedebug.testing.builders import classes
from treedebug.testing.rule_test import judge
from treedebug.testing.same_runs import frozen

FALLING = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
RISING = FALLING[::-1]


@dataclass(frozen=True, kw_only=True)
class Risen(Rule):
    """The last value of a curve is above the first."""

    code = "MY001"
    name = "risen"

    least: float = param(0.0, "rise that counts", ge=0.0)

    def check(self, log: EvalLog) -> Iterator[Finding]:
        for series in log:
            rise = float(series.values[-1] - series.values[0])
            if rise > self.least:
                yield self.finding(f"{series.dataset} rose", subject=series.dataset, rise=rise)


test_risen = rule_test(
    Risen(),
    fires={"up": (curves(valid=RISING), {"rise": 0.9})},
    silent={"down": curves(valid=FALLING)},
    skipped="it only needs an EvalLog, which every run has",
)


@pytest.mark.parametrize(
    ("fires", "silent", "skipped", "message"),
    [
        ({}, {"down": curves(valid=FALLING)}, "never skipped", "no case under 'fires'"),
        ({"up": curves(valid=RISING)}, {}, "never skipped", "no case under 'silent'"),
        ({"up": curves(valid=RISING)}, {"down": curves(valid=FALLING)}, {}, "no case under 'skipped'"),
        ({"up": curves(valid=RISING)}, {"down": curves(valid=FALLING)}, " ", "say why"),
        ({"up": curves(valid=RISING)}, {"same": curves(valid=RISING)}, "never skipped", "same run"),
    ],
)
def test_a_table_that_proves_nothing_is_refused(fires, silent, skipped, message):
    with pytest.raises(ValueError, match=message):
        rule_test(Risen(), fires=fires, silent=silent, skipped=skipped)


@pytest.mark.parametrize(("side", "values"), [("fires", FALLING), ("silent", RISING), ("skipped", FALLING)])
def test_a_rule_on_the_wrong_side_fails(side, values):
    with pytest.raises(AssertionError):
        judge(Risen(), side, curves(valid=values), {})


def test_wrong_evidence_fails():
    with pytest.raises(AssertionError, match="rise"):
        judge(Risen(), "fires", curves(valid=RISING), {"rise": 0.5})


def test_a_crash_is_not_silence():
    class Broken(Risen):
        def check(self, log: EvalLog) -> Iterator[Finding]:
            raise ZeroDivisionError(len(log))

    with pytest.raises(AssertionError, match="crashed"):
        judge(Broken(), "silent", curves(valid=FALLING), {})


def test_a_rule_that_changes_its_input_fails():
    class Meddling(Risen):
        def check(self, log: ClassLog) -> Iterator[Finding]:
            for record in log:
                record.confusion[0, 0] = 0
            yield from ()

    with pytest.raises(AssertionError, match="crashed"):
        judge(Meddling(), "silent", frozen(classes([np.diag([5, 5])])), {})
