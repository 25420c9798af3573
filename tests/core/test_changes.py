"""What findings propose: kinds, ways, and text and back."""

from __future__ import annotations

import json

import pytest

from treedebug.core.changes import (
    DATA,
    EXPERIMENT,
    PARAMETER,
    QUESTION,
    Change,
    Effect,
    Plan,
    alternatives,
    experiment,
    first_way,
    question,
)
from treedebug.core.findings import Finding, Severity

SLOW = Change("eta", 0.1, "small steps", group="slow", effect=Effect("lower", "higher", "higher"))
MORE = Change("num_boost_round", 900, group="slow")
STOP = Change("early_stopping_rounds", 50, text="lgb.early_stopping(50)")
CUT = Change("num_boost_round", 30, group="cut")
ASK = question("Is age known when you predict?")
LOOK = experiment("train once without other callbacks")


@pytest.mark.parametrize("change", [SLOW, MORE, STOP, CUT, ASK, LOOK, Change("drop", ["a", "b"], kind=DATA)])
def test_round_trip_through_json(change):
    assert Change.from_dict(json.loads(json.dumps(change.to_dict()))) == change


def test_older_records_know_parameter_value_and_why():
    assert Change.from_dict({"parameter": "eta", "value": 0.1}) == Change("eta", 0.1)
    told = {"parameter": "eta", "value": 0.1, "why": "w", "kind": "parameter", "effect": {"loss": "lower", "new": 1}}
    assert Change.from_dict(told) == Change("eta", 0.1, "w", effect=Effect("lower"))
    stored = {"code": "CV101", "name": "n", "severity": "warning", "message": "m"}
    kept = Finding.from_dict(stored | {"try_next": [{"parameter": "eta", "value": 0.1, "why": "w"}], "basis": "guess"})
    assert kept.try_next == (Change("eta", 0.1, "w"),)
    assert kept.certainty == Finding(code="CV101", name="n", severity=Severity.WARNING, message="m").certainty


def test_it_reads_as_the_user_would_type_it():
    assert [str(c) for c in (SLOW, STOP, ASK)] == [
        "eta=0.1",
        "lgb.early_stopping(50)",
        "Is age known when you predict?",
    ]
    assert [c.kind for c in (SLOW, ASK, LOOK)] == [PARAMETER, QUESTION, EXPERIMENT]
    assert [c.is_followed for c in (SLOW, ASK, LOOK)] == [True, False, False]
    assert str(SLOW.effect) == "loss lower, size higher, time higher"


def test_groups_are_alternatives_and_the_rest_goes_with_each():
    assert alternatives([SLOW, MORE, STOP, CUT]) == [(SLOW, MORE, STOP), (STOP, CUT)]
    assert alternatives([STOP]) == [(STOP,)]
    assert first_way([ASK, SLOW, CUT, LOOK]) == (SLOW,)
    assert first_way([]) == ()


def test_a_plan_iterates_over_what_is_to_be_done():
    plan = Plan((SLOW, MORE), ((CUT,),), (ASK,), (LOOK,))
    assert list(plan) == [SLOW, MORE]
    assert plan.params == {"eta": 0.1, "num_boost_round": 900}
    assert (len(plan), bool(plan), bool(Plan()), bool(Plan(questions=(ASK,)))) == (2, True, False, True)
    assert json.loads(json.dumps(plan.to_dict()))["questions"] == ["Is age known when you predict?"]


def test_a_plan_prints_as_what_to_do():
    plan = Plan((SLOW, MORE), alternatives=((CUT,),), questions=(ASK,), experiments=(LOOK,))
    assert repr(plan).splitlines() == [
        "eta=0.1, num_boost_round=900",
        "or instead: num_boost_round=30",
        "ask: Is age known when you predict?",
        "find out: train once without other callbacks",
    ]
    assert repr(Plan()) == "nothing to change"
