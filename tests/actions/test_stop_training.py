"""StopTraining."""

from __future__ import annotations

import pytest

from treedebug import StopTraining
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding, Severity
from treedebug.testing.builders import curves, rounds


class Knobs:
    def __init__(self):
        self.stops = []

    def stop(self, *, best_round, reason):
        self.stops.append((best_round, reason))


def stops(on, code="CV102", name="overtraining", run=None):
    knobs = Knobs()
    found = [Finding(code="TR203", name="splitless-rounds", severity=Severity.INFO, message="m")]
    found.append(Finding(code=code, name=name, severity=Severity.WARNING, message="m"))
    run = run or curves(valid=[0.5, 0.4, 0.3, 0.6, 0.7])
    StopTraining(on=on).on_findings(run, found, knobs)
    return knobs.stops


@pytest.mark.parametrize("on", [["CV102"], ["cv102"], ["CV"], ["overtraining"], ["Overtraining"], ["TR1", "CV1"]])
def test_stops_on(on):
    assert stops(on) == [(2, "CV102 overtraining")]


@pytest.mark.parametrize("on", [["CV101"], ["overfitting"], ["over"], ["TR1"]])
def test_goes_on(on):
    assert stops(on) == []


def test_stops_once_for_the_first_of_several():
    assert stops(["TR", "CV"]) == [(2, "TR203 splitless-rounds")]


def test_without_a_validation_set_there_is_no_best_round():
    assert stops(["CV102"], run=rounds(5)) == [(None, "CV102 overtraining")]


@pytest.mark.parametrize("wrong", ["CV102", [], [1], [""], None])
def test_what_to_stop_on(wrong):
    with pytest.raises(ConfigError, match="list of rule codes"):
        StopTraining(on=wrong)


def test_reads_as_it_was_made():
    assert repr(StopTraining(on=["CV102"])) == "StopTraining(on=['CV102'])"
