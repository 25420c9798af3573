"""`benchmarks/situations.py`: how an answer is judged, and a situation from beginning to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ONE = os.environ | {"OMP_NUM_THREADS": "1"}
QUESTIONS = ("stackoverflow", "stats.stackexchange", "datascience.stackexchange")
JUDGING = """
import json, re, sys
from _situations.core import Said
from _situations.judging import all_situations, outcome

found = all_situations()
sick = found["huber-alpha-beside-large-labels"]
cause = Said("warning", "XX1", "clipped-gradients : alpha=0.9 clips every gradient")
wrong = Said("error", "XX2", "some-name : nothing is learned | try max_depth=3 (smaller trees)")
else_ = Said("warning", "XX3", "slow-rounds : rounds take long")
info = Said("info", "XX4", "note : alpha is used")
told = {
    "first": [cause, wrong], "behind": [else_, cause], "misleading": [wrong, cause], "other": [else_, info],
    "nothing": [info],
}
json.dump({
    "outcomes": {name: outcome(sick, said) for name, said in told.items()},
    "threads": [s.thread for s in found.values()],
    "asked": sorted({s.asked for s in found.values()}),
    "halves": {half: sum(s.half == half and not s.is_healthy for s in found.values()) for half in ("tune", "report")},
    "patterns": [bool(re.compile(s.cause) and re.compile(s.misleading)) for s in found.values()],
    "healthy": sum(s.is_healthy for s in found.values()),
}, sys.stdout)
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=BENCHMARKS, env=ONE, check=False
    )


@pytest.fixture(scope="module")
def facts():
    done = python("-c", JUDGING)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_answer_is_judged_by_what_stands_first(facts):
    assert facts["outcomes"] == {name: name for name in ("first", "behind", "misleading", "other", "nothing")}


def test_there_are_enough_of_both_halves_and_of_the_healthy(facts):
    assert sum(facts["halves"].values()) >= 60
    assert min(facts["halves"].values()) >= 25
    assert facts["healthy"] >= 10


def test_every_situation_names_a_thread_and_a_place_that_exists(facts):
    assert set(facts["asked"]) <= {"run", "params", "table", "compare"}
    for thread in facts["threads"]:
        repository, number = thread.split(" #")
        assert repository.count("/") == 1 or repository in QUESTIONS
        assert number.isdigit()


def test_a_fault_does_harm_and_is_written_with_the_machine(tmp_path):
    target = tmp_path / "one.json"
    done = python("situations.py", "--only", "n-estimators-in-xgb-train", "--json", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads(target.read_text(encoding="utf-8"))
    (one,) = written["results"]
    assert one["loss"] > 2 * one["mended_loss"]  # 10 rounds in place of 500
    assert one["outcome"] in ("first", "behind")
    assert written["machine"]["versions"]["xgboost"]


def test_an_unknown_name_and_half_a_page_are_refused():
    assert "no situation is named" in python("situations.py", "--only", "no-such-thing").stderr
    assert "--docs needs all" in python("situations.py", "--docs", "page.md", "--half", "tune").stderr
