"""Findings as text and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treedebug.core.finding_order import in_order, related
from treedebug.core.findings import Change, Finding, Severity, worst_first

FULL = Finding(
    code="CV102", name="overtraining", severity=Severity.ERROR, message="it is ü", rounds=(3, 9), subject="valid",
    evidence={"best_round": 3, "shares": [0.1, 0.2], "by": {"a": None}, "odd": float("inf")},
    try_next=(Change("n_estimators", 4, "cut"), Change("metric", ["auc"])), explains=("CV104", "CL403"), detected_at=10,
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


def one(code, severity=Severity.WARNING, *, subject="", explains=()):
    return Finding(code=code, name="n", severity=severity, message="m", subject=subject, explains=explains)


def shown(*findings):
    return [(f.code + f.subject, depth) for f, depth in related(findings)]


@pytest.mark.parametrize(
    ("findings", "order"),
    [
        ([one("B1"), one("A1")], [("A1", 0), ("B1", 0)]),
        ([one("A1"), one("B1", explains=("A1",))], [("B1", 0), ("A1", 1)]),
        # as severe as the worst of the family
        ([one("A1"), one("C1", Severity.ERROR), one("D1", explains=("C1",))], [("D1", 0), ("C1", 1), ("A1", 0)]),
        ([one("A1"), one("B1", explains=("A1",)), one("C1", explains=("B1",))], [("C1", 0), ("B1", 1), ("A1", 2)]),
        # circles have a first member
        ([one("B1", explains=("A1",)), one("A1", explains=("B1",))], [("A1", 0), ("B1", 1)]),
        ([one("A1", explains=("A1",))], [("A1", 0)]),
        # a symptom of two causes stands under the first
        ([one("A1", explains=("C1",)), one("B1", explains=("C1",)), one("C1")], [("A1", 0), ("C1", 1), ("B1", 0)]),
        (
            [one("A1", subject="x", explains=("C1",)), one("A1", subject="y", explains=("C1",)), one("C1", subject="p"),
             one("C1", subject="q")],
            [("A1x", 0), ("C1p", 1), ("C1q", 1), ("A1y", 0)],
        ),
    ],
)  # fmt: skip
def test_causes_come_before_their_symptoms(findings, order):
    assert shown(*findings) == order
    assert shown(*reversed(findings)) == order


@given(st.data())
def test_every_finding_is_shown_once_whatever_explains_what(data):
    codes = [f"A{i}" for i in range(data.draw(st.integers(0, 7)))]
    explains = st.lists(st.sampled_from(codes), max_size=3).map(tuple) if codes else st.just(())
    made = [one(c, data.draw(st.sampled_from(list(Severity))), explains=data.draw(explains)) for c in codes]
    order = in_order(made)
    assert sorted(f.code for f in order) == codes
    assert in_order(data.draw(st.permutations(made))) == order
    depths = [d for _, d in related(made)]
    assert all(d == 0 or any(e == d - 1 for e in depths[:i]) for i, d in enumerate(depths))
