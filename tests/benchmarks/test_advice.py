"""`benchmarks/advice.py` on one small table: what is said is followed, and judged on rows nothing has seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ONE = os.environ | {"OMP_NUM_THREADS": "1"}
FOLLOWING = """
import json
from _advice.follow import NotFollowedError, contradictions, followed, in_use
from _advice.edits import edited
from _advice.recipes import Edit, Recipe
from _advice.splits import split
from _advice.tables import HALVES, load
from treedebug import Change

xgb = Recipe("xgboost", {"learning_rate": 0.3, "objective": "reg:squarederror"}, 500)
lgb = Recipe("lightgbm", {"min_child_samples": 5}, 500)
try:
    followed(xgb, [Change("nfold", 5)])
    refused = False
except NotFollowedError:
    refused = True
rows = split(next(t for t in load(None)[0] if t.name == "diabetes"), 0)
less = edited(rows, (Edit("drop", ("x1",)),))
print(json.dumps({
    "aliases": dict(followed(xgb, [Change("eta", 0.1)]).params),
    "leaf": dict(followed(lgb, [Change("min_data_in_leaf", 20)]).params),
    "rounds": followed(lgb, [Change("num_iterations", 20), Change("early_stopping_round", 5)]).rounds,
    "patience": followed(lgb, [Change("num_iterations", 20), Change("early_stopping_round", 5)]).patience,
    "refused": refused,
    "in_use": [in_use(xgb, Change("eta", 0.3), {"learning_rate": "0.3"}), in_use(xgb, Change("eta", 0.1), {"learning_rate": 0.3})],
    "slower in no more rounds": contradictions(xgb, [Change("eta", 0.1), Change("num_boost_round", 22)], {"learning_rate": 0.3}),
    "slower in more rounds": contradictions(
        xgb, [Change("eta", 0.1), Change("num_boost_round", 1500), Change("early_stopping_rounds", 50)], {"learning_rate": 0.3}
    ),
    "columns": [list(rows.test.X.columns), list(less.test.X.columns)],
    "rows": [len(rows.train.y), len(rows.valid.y), len(rows.test.y)],
    "both": sorted(set(HALVES["design"]) & set(HALVES["report"])),
}))
"""  # noqa: E501 - a script


@pytest.fixture(scope="module")
def told():
    done = subprocess.run(
        [sys.executable, "-c", FOLLOWING], capture_output=True, text=True, check=True, cwd=BENCHMARKS, env=ONE
    )
    return json.loads(done.stdout)


def test_a_change_replaces_the_parameter_under_any_of_its_names(told):
    assert told["aliases"] == {"eta": 0.1, "objective": "reg:squarederror"}
    assert told["leaf"] == {"min_data_in_leaf": 20}
    assert (told["rounds"], told["patience"]) == (20, 5)


def test_what_no_training_follows_is_counted_and_what_is_in_use_is_seen(told):
    assert told["refused"]
    assert told["in_use"] == [True, False]


def test_smaller_steps_in_no_more_rounds_contradict(told):
    assert len(told["slower in no more rounds"]) == 1
    assert told["slower in more rounds"] == []


def test_a_dropped_column_is_gone_from_the_test_rows_and_no_table_is_in_both_halves(told):
    before, after = told["columns"]
    assert set(before) - set(after) == {"x1"}
    assert sum(told["rows"]) == 442
    assert told["both"] == []


@pytest.mark.slow
def test_the_figures_of_one_table_can_be_read(tmp_path):
    out = tmp_path / "advice.json"
    command = [sys.executable, "advice.py", "--tables", "diabetes", "--seeds", "1", "--library", "lightgbm", "--json"]
    done = subprocess.run([*command, str(out)], capture_output=True, text=True, check=True, cwd=BENCHMARKS, env=ONE)
    results = json.loads(out.read_text(encoding="utf-8"))["results"]
    assert "### The bars" in done.stdout
    cells = {c["config"]: c for c in results["cells"]}
    assert {"defaults", "slow", "tuned"} <= set(cells)
    assert all(c["user"]["loss"] > 0 for c in cells.values())
    said = [f["whole"] for c in cells.values() for f in c["findings"] if f["whole"]["changes"]]
    assert said
    judged = [w["user"] for w in said if "user" in w]
    assert all((j["verdict"] == "better") == (j["difference"] < -2 * j["error"]) for j in judged)
    assert any(j["difference"] != 0 for j in judged)
