"""Findings as text and back."""

from __future__ import annotations

import json

import pytest

from treedebug.core.findings import Change, Finding, Severity, worst_first

FULL = Finding(
    code="CV102", name="overtraining", severity=Severity.ERROR, message="it is ü", rounds=(3, 9), subject="valid",
    evidence={"best_round": 3, "shares": [0.1, 0.2], "by": {"a": None}, "odd": float("inf")},
    try_next=(Change("n_estimators", 4, "cut"), Change("metric", ["auc"])), detected_at=10,
)  # fmt: skip
BARE = Finding(code="CV101", name="x", severity=Severity.INFO, message="m")


@pytest.mark.parametrize("finding", [FULL, BARE])
def test_round_trip_through_json(finding):
    assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding


@pytest.mark.parametrize("missing", ["code", "name", "severity", "message"])
def test_a_finding_without_the_necessary(missing):
    data = FULL.to_dict()
    del data[missing]
    with pytest.raises(KeyError):
        Finding.from_dict(data)


def test_older_records_may_lack_the_rest():
    data = {k: v for k, v in BARE.to_dict().items() if k in ("code", "name", "severity", "message")}
    assert Finding.from_dict(data) == BARE


def test_severities_are_ordered_and_have_words():
    assert Severity.INFO < Severity.WARNING < Severity.ERROR
    assert [s.label for s in Severity] == ["info", "warning", "error"]


def test_seen_is_a_copy_of_the_same_finding():
    seen = BARE.seen(5)
    assert (seen.detected_at, BARE.detected_at, seen.key == BARE.key) == (5, None, True)


def test_a_change_reads_as_the_user_would_type_it():
    assert str(Change("max_depth", 6)) == "max_depth=6"
    assert str(Change("objective", "multi:softprob")) == "objective='multi:softprob'"


def test_the_worst_comes_first():
    assert sorted([BARE, FULL], key=worst_first) == [FULL, BARE]
