"""Every rule's evidence has a place in a picture that exists."""

import re

import pytest

from tests.pictures.real_runs import binary
from treedebug.core.findings import Change, Finding, Severity
from treedebug.pictures.evidence_marks import PLACES, marks, marks_in
from treedebug.pictures.gallery import OF_A_RUN, OF_SEVERAL
from treedebug.pictures.time_by_round import time_by_round
from treedebug.pictures.tree_anatomy import tree_anatomy
from treedebug.rules import BUILTIN

PICTURES = {*OF_A_RUN, *OF_SEVERAL, "parameters", "data_profile"}


def finding(code="CV101", name="overfitting", **more):
    return Finding(code=code, name=name, severity=Severity.WARNING, message="m", **more)


@pytest.mark.parametrize("rule", BUILTIN, ids=lambda r: r.code)
def test_every_rule_has_a_place(rule):
    found = marks(finding(rule.code, rule.name, subject="x", rounds=(1, 2)))
    assert found
    assert {m.picture for m in found} <= PICTURES


def test_every_place_is_of_a_rule_or_a_family():
    names, families = {r.name for r in BUILTIN}, {r.code[:2] for r in BUILTIN}
    assert set(PLACES) - names == families


def test_panels_exist():
    panels = {p.panel for places in PLACES.values() for p in places if p.picture == "tree_anatomy"}
    assert panels <= {"depth", "leaves", "gain", "leaf_values", "sum_hessian"}
    assert not isinstance(tree_anatomy(binary()[0]), str)
    assert {p.panel for places in PLACES.values() for p in places if p.picture == "time_by_round"} <= {
        "seconds", "evaluation", "memory", "cores",
    }  # fmt: skip
    assert time_by_round(binary()[0]).total_seconds > 0


def test_rounds_features_classes_and_parameters_are_named():
    (mark,) = marks(finding(rounds=(7, 59)))
    assert (mark.picture, mark.rounds, mark.heading, mark.severity) == (
        "learning_curves", (7, 59), "overfitting", "warning",
    )  # fmt: skip
    assert marks(finding("FT302", "dominant-feature", subject="age"))[0].names == ("age",)
    confused = finding("CL402", "classifier-confusion", subject="classes 3 and 8", evidence={"pair": [3, 8]})
    assert marks(confused)[0].names == ("3", "8")
    assert marks(finding("CL403", "neglected-class", subject="class 4"))[0].names == ("4",)
    blamed = finding("HP507", "unbalanced-learning-rate", try_next=(Change("eta", 0.1), Change("x", 1, kind="data")))
    assert marks(blamed)[0].names == ("eta",)


def test_the_worst_comes_first_in_a_picture():
    mild, bad = finding(), Finding(code="CV105", name="diverging-loss", severity=Severity.ERROR, message="m")
    assert [m.code for m in marks_in("learning_curves", [mild, bad])] == ["CV105", "CV101"]
    assert marks_in("roc", [mild, bad]) == ()


def test_a_rule_of_somebody_else_has_no_place():
    assert marks(finding("ZZ100", "own-rule")) == ()


def test_findings_of_a_real_run_are_marked():
    run = binary()[0]
    assert run.findings
    for found in run.findings:
        assert all(re.fullmatch(r"[a-z_]+", m.picture) for m in marks(found))
