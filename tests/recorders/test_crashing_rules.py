"""A rule that crashes is said live, once, and stands in the record: it never passes for silent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pytest
import xgboost as xgb

import treedebug
from treedebug.core.findings import Finding
from treedebug.core.run.eval_log import EvalLog
from treedebug.engine.config import Config
from treedebug.engine.rule import Rule

X = np.random.default_rng(0).normal(size=(200, 4))
Y = (X[:, 0] > 0).astype(int)


@dataclass(frozen=True, kw_only=True)
class Exits(Rule):
    """A rule that ends the process."""

    code = "ZX001"
    name = "exits"

    def check(self, log: EvalLog) -> Iterator[Finding]:
        sys.exit("no more")


@dataclass(frozen=True, kw_only=True)
class Raises(Rule):
    """A rule that raises."""

    code = "ZX002"
    name = "raises"

    def check(self, log: EvalLog) -> Iterator[Finding]:
        raise ZeroDivisionError("by zero")


def train_xgboost(callback, rounds=12):
    data = xgb.DMatrix(X, Y)
    params = {"objective": "binary:logistic", "nthread": 1}
    return xgb.train(params, data, rounds, evals=[(data, "train")], callbacks=[callback], verbose_eval=False)


def train_lightgbm(callback, rounds=12):
    params = {"objective": "binary", "num_threads": 1, "verbosity": -1}
    data = lgb.Dataset(X, Y)
    return lgb.train(params, data, rounds, valid_sets=[data], callbacks=[callback])


TRAIN = {
    "xgboost": (treedebug.XGBoostCallback, train_xgboost),
    "lightgbm": (treedebug.LightGBMCallback, train_lightgbm),
}


@pytest.mark.parametrize("library", TRAIN)
@pytest.mark.parametrize(("rule", "words"), [(Exits, "SystemExit: no more"), (Raises, "ZeroDivisionError: by zero")])
def test_it_is_said_once_and_recorded(tmp_path, capfd, library, rule, words):
    kind, train = TRAIN[library]
    actions = [treedebug.StopTraining(on=[rule.code]), treedebug.StopTraining(on=["CV102"])]
    train(kind(tmp_path / "run", rules=[rule], config=Config(), actions=actions))
    said = [line for line in capfd.readouterr().err.splitlines() if rule.code in line]
    assert len(said) == 1
    assert words in said[0]
    assert f"StopTraining(on=['{rule.code}']) waits for it in vain" in said[0]
    assert "CV102" not in said[0]
    run = treedebug.load(tmp_path / "run")
    assert (run.n_rounds, run.state) == (12, "finished")
    (note,) = [n for n in run.data.notes if n.topic == "rules"]
    assert words in note.message
    report = treedebug.check(run)
    assert any(words in line for line in report.notes), "also where the rule is not installed"
