"""A saved model alone: every rule that needs only trees and parameters runs, and each other says what it lacks."""

import lightgbm as lgb
import pytest
import xgboost as xgb

import treedebug
from nn_bridge.rules import RULES
from tests.boosters import noisy_classes
from treedebug.core.run.run_data import Header
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.resolve import reads_only
from treedebug.rules import BUILTIN

TREES = {
    "FT301", "FT302", "FT303", "FT304", "TR201", "TR202", "TR203", "TR205", "TR207", "TR208", "TR210",
}  # fmt: skip
PARAMETERS = {"HP502", "HP504", "HP505", "HP508", "HP513", "HP521", "HP523"}
LACKS = {
    "CL401": "training labels",
    "CL402": "class balance", "CL403": "class balance", "CL404": "class records", "CL405": "class balance",
    "CL406": "class balance",
    "CV101": "validation set", "CV102": "validation set", "CV103": "validation set", "CV104": "metric",
    "CV105": "metric", "CV106": "validation set", "CV107": "validation set", "CV108": "metric",
    "CV109": "validation set", "CV110": "validation set", "CV111": "metric", "CV112": "validation set",
    "CV115": "validation set", "CV116": "no single quantile",
    "FT305": "validation set", "FT306": "validation set", "FT307": "looks at new rows",
    "HP501": "as they were given", "HP503": "rounds is not known", "HP506": "training rows", "HP507": "rounds is not",
    "SY801": "time of two rounds", "SY802": "CPU time", "SY803": "memory", "SY804": "time of the evaluation",
    "SY805": "while it trains", "SY806": "as they were given",
    "CL407": "predictions of amounts", "CL408": "class balance", "CL409": "training labels",
    "CV117": "validation set", "CV118": "training labels", "CV119": "five runs",
    "HP509": "the library's own", "HP510": "training labels", "HP511": "training labels", "HP512": "the library's own",
    "HP514": "not a ranking", "HP515": "labels of training", "HP516": "categories", "HP517": "missing entries",
    "HP518": "sample weights", "HP519": "no categories were seen", "HP520": "not a ranking", "HP522": "own objective",
    "HP530": "two outputs", "HP531": "not a ranking", "HP532": "validation set", "HP533": "the library's own",
    **dict.fromkeys(("SC001", "SC002", "SC003", "SC004", "SC005", "SC006"), "judges a schedule"), "SY807": "worker",
    "TR204": "metric", "TR206": "training rows", "TR209": "validation set",
}  # fmt: skip
LACKS |= {f"DA{number}": "needs the data" for number in range(601, 639)} | {"DA622": "row_margins=True"}
LACKS |= {rule.code: "network" for rule in RULES} | dict.fromkeys(("NN933", "NN934"), "judges a schedule")
"""What each rule lacks here, in words that its reason must hold."""


def judged(path):
    return treedebug.check(path, config=treedebug.Config(preview=True)).verdict


def ran(verdict):
    return set(verdict.silent) | {f.code for f in verdict.findings}


@pytest.mark.parametrize("ending", ["json", "ubj"])
def test_a_model_of_xgboost_holds_trees_and_no_parameters(tmp_path, ending):
    booster = xgb.train(
        {"objective": "binary:logistic", "max_depth": 4, "nthread": 1}, xgb.DMatrix(*noisy_classes(400)), 25
    )
    booster.save_model(tmp_path / f"model.{ending}")
    verdict = judged(tmp_path / f"model.{ending}")
    reasons = {s.code: s.reason for s in verdict.skipped}
    assert not verdict.crashed
    assert ran(verdict) == TREES
    without = {c for c, reason in reasons.items() if "no parameters are recorded" in reason}
    assert without >= PARAMETERS
    assert not {c: r for c, r in reasons.items() if c not in without and LACKS.get(c, "?") not in r}


def test_a_model_of_lightgbm_holds_its_parameters_too(tmp_path):
    params = {"objective": "binary", "num_leaves": 15, "verbosity": -1, "num_threads": 1}
    lgb.train(params, lgb.Dataset(*noisy_classes(400)), 25).save_model(tmp_path / "model.txt")
    verdict = judged(tmp_path / "model.txt")
    assert not verdict.crashed
    assert ran(verdict) == TREES | PARAMETERS
    assert not {s.code: s.reason for s in verdict.skipped if LACKS.get(s.code, "?") not in s.reason}


def test_what_needs_trees_and_header_only_is_what_runs():
    alone = {rule.code for rule in BUILTIN if reads_only(rule.check, {TreeSummary, Header})}
    # What else they need of the header, or one of several streams, is not in a model.
    lacking = {code for code in LACKS if code.startswith(("HP", "DA622", "SY806", "SY807", "CL409", "CV118"))} - {
        "HP509", "HP512", "HP532", "HP533",
    }  # fmt: skip
    assert alone - TREES - PARAMETERS == lacking
