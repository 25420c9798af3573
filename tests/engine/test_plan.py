"""One plan that can be followed as it stands."""

from __future__ import annotations

import pytest

from treedebug.core.changes import DATA, Change, Effect, experiment, question
from treedebug.core.findings import Finding, Severity
from treedebug.core.run.run_data import Header
from treedebug.engine.plan import make_plan
from treedebug.engine.settle_changes import settle_changes, settled

XGB = Header(library="xgboost", params={"learning_rate": 0.3, "max_depth": 6}, planned_rounds=500)
LGB = Header(library="lightgbm", params={"learning_rate": 0.1, "n_estimators": 200}, planned_rounds=200)
ASK = question("Is age known when you predict?")
LOOK = experiment("train once without other callbacks")
ETA = Change("eta", 0.075, group="slow", effect=Effect("lower"))
CUT = Change("num_boost_round", 30, group="cut", effect=Effect("lower"))


def finding(*changes, code="CV101", severity=Severity.WARNING, **fields):
    return Finding(code=code, name="n", severity=severity, message="m", try_next=changes, **fields)


def said(*findings, header=XGB):
    return make_plan(settle_changes(findings, header), header)


def text(plan):
    return ", ".join(map(str, plan))


@pytest.mark.parametrize(
    ("header", "given", "kept"),
    [
        (XGB, [Change("eta", 0.3)], ""),
        (XGB, [Change("max_depth", 6.0)], ""),
        (XGB, [Change("min_child_weight", 1)], ""),  # the library's default
        (XGB, [Change("num_boost_round", 500)], ""),
        (XGB, [Change("num_leaves", 15)], ""),  # LightGBM's
        (LGB, [Change("scale_pos_weight", "balanced")], ""),  # a number is wanted
        (LGB, [Change("min_data_in_leaf", 20), Change("num_leaves", 15)], "num_leaves=15"),
        (LGB, [Change("lambda_l2", 5)], "lambda_l2=5"),
        (XGB, [Change("eta", 0.3), Change("gamma", 1), Change("gamma", 1)], "gamma=1"),
        (Header(), [Change("drop", ["a"]), Change("scale_pos_weight", 3)], "drop=['a'], scale_pos_weight=3"),
        (Header(library="torch"), [Change("weight_decay", 0.01)], "weight_decay=0.01"),
    ],
)
def test_nothing_in_use_and_nothing_that_is_refused(header, given, kept):
    assert text(settled(given, header)) == kept


def test_what_no_library_takes_is_done_to_the_data():
    assert settled([Change("drop", ["a"])], XGB)[0].kind == DATA


def test_a_lower_rate_takes_more_rounds_and_early_stopping():
    assert text(settled([ETA], XGB)) == "eta=0.075, num_boost_round=2000, early_stopping_rounds=50"
    stopping = Header(library="xgboost", params={"learning_rate": 0.3}, planned_rounds=500, early_stopping_rounds=20)
    assert text(settled([ETA], stopping)) == "eta=0.075, num_boost_round=2000"
    given = [ETA, Change("num_boost_round", 800, group="slow")]
    assert text(settled(given, stopping)) == "eta=0.075, num_boost_round=800"
    assert text(settled([Change("learning_rate", 0.02)], LGB)) == (
        "learning_rate=0.02, num_boost_round=1000, lgb.early_stopping(100)"
    )


def test_a_higher_rate_and_a_net_keep_their_rounds():
    assert text(settled([Change("eta", 0.5)], XGB)) == "eta=0.5"
    net = Header(library="torch", slow_rounds=True, params={"learning_rate": 0.1}, planned_rounds=30)
    assert text(settled([Change("learning_rate", 0.01)], net)) == "learning_rate=0.01"


def test_new_rounds_are_counted_where_training_was_continued():
    header = Header(library="xgboost", params={"learning_rate": 0.3}, planned_rounds=130, start_round=30)
    assert text(settled([Change("num_boost_round", 100)], header)) == ""
    assert "num_boost_round=400" in text(settled([ETA], header))


def test_the_cut_is_an_alternative_to_anything_else():
    plan = said(finding(ETA, CUT))
    assert text(plan) == "eta=0.075, num_boost_round=2000, early_stopping_rounds=50"
    assert [text(way) for way in plan.alternatives] == ["num_boost_round=30"]
    first = said(finding(CUT, code="CV102"), finding(ETA, CUT, code="CV103"))
    assert text(first) == text(plan)
    assert [text(way) for way in first.alternatives] == ["num_boost_round=30"]


def test_the_cut_alone_is_the_plan():
    assert text(said(finding(CUT), finding(Change("num_boost_round", 20), code="CV102"))) == "num_boost_round=20"


@pytest.mark.parametrize(
    ("proposals", "kept"),
    [
        ([{"max_depth": 4}, {"max_depth": 3}], "max_depth=4"),
        ([{"max_depth": 4}, {"max_depth": 3, "gamma": 1}], "max_depth=4"),  # half of a way may do harm
        ([{"eta": 0.5}, {"learning_rate": 0.6}], "eta=0.5"),
        (
            [{"early_stopping_rounds": 10}, {"early_stopping_rounds": 50, "gamma": 1}],
            "early_stopping_rounds=50, gamma=1",
        ),
        ([{"drop": ["a"]}, {"drop": ["b", "a"]}], "drop=['a', 'b']"),
        ([], ""),
    ],
)
def test_each_parameter_has_one_value(proposals, kept):
    found = [
        finding(*(Change(name, value) for name, value in given.items()), code=f"CV10{i}")
        for i, given in enumerate(proposals)
    ]
    assert text(said(*found)) == kept


def test_a_symptom_speaks_where_its_cause_only_says_when_to_stop():
    cause = finding(Change("early_stopping_rounds", 50), code="HP503", explains=("CV101",))
    assert text(said(cause, finding(ETA))) == "early_stopping_rounds=50, eta=0.075, num_boost_round=2000"
    deeper = finding(Change("max_depth", 4), code="HP502", explains=("CV101",))
    assert text(said(deeper, finding(ETA))) == "max_depth=4"


def test_what_is_worth_knowing_changes_only_what_it_improves():
    info = Severity.INFO
    assert text(said(finding(Change("max_depth", 4), severity=info))) == ""
    assert text(said(finding(Change("max_depth", 8, effect=Effect("lower")), severity=info))) == "max_depth=8"
    assert "num_boost_round=2000" in text(said(finding(ETA, severity=info)))  # with all that goes with it


def test_questions_and_experiments_are_asked_once_and_change_nothing():
    plan = said(finding(ASK, LOOK), finding(ASK, code="FT302"))
    assert not plan.changes
    assert (plan.questions, plan.experiments) == ((ASK,), (LOOK,))


def test_facts_come_before_suspicions_and_symptoms():
    fact = finding(Change("max_depth", 3), code="HP502")
    guess = finding(Change("max_depth", 4), code="FT302", basis="suspicion")
    symptom = finding(Change("max_depth", 5))
    assert text(said(symptom, guess, fact)) == "max_depth=3"
    assert text(said(symptom, guess)) == "max_depth=4"
