"""Trainings on real clusters of two worker processes: one run, by one worker, of the whole, and stopped as a whole."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import treedebug

SCRIPT = Path(__file__).with_name("cluster_trainings.py")
NEEDS = {"xgboost": "distributed", "lightgbm": "distributed", "spark": "pyspark", "ray": "ray"}

pytestmark = pytest.mark.slow


def train(kind, path, stop_on=None):
    return int(re.search(r"rounds=(\d+)", printed(kind, path, stop_on))[1])


def printed(kind, path, stop_on=None):
    if importlib.util.find_spec(NEEDS[kind]) is None:
        pytest.skip(f"{NEEDS[kind]} is not installed")
    if kind == "spark" and shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    command = [sys.executable, "-W", "ignore", str(SCRIPT), kind, str(path), *([stop_on] if stop_on else [])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert "rounds=" in done.stdout, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("kind", ["xgboost", "spark", "ray"])
def test_one_run_of_the_whole(kind, tmp_path):
    rounds = train(kind, tmp_path / "run")
    ((place, run),) = treedebug.runs(tmp_path / "run").items()
    assert (place, run.state, run.n_rounds, rounds) == (".", "finished", 30, 30)
    assert run.booster().num_boosted_rounds() == 30
    (facts,) = run.header.data.values()
    assert facts["n_rows"] == 400
    assert sum(facts["label"]["counts"]) == 400
    workers = run.header.extra["workers"]
    assert [w["rank"] for w in workers] == [0, 1]
    assert sum(n for w in workers for n in w["rows"].values()) == 400
    assert (run.header.extra["n_workers"], run.header.extra["rank"]) == (2, 0)
    report = treedebug.check(tmp_path / "run")
    if kind == "xgboost":
        assert "SY807" in [f.code for f in report.findings]
    skipped = {s.code: s.reason for s in report.verdict.skipped}
    assert "several workers" in skipped["CL403"]


@pytest.mark.parametrize("kind", ["xgboost", "lightgbm", "spark", "ray"])
def test_the_run_comes_back_to_where_fit_was_called(kind):
    assert "returned=30 trees=30 state=finished" in printed(kind, "return")


@pytest.mark.parametrize("kind", ["xgboost", "spark", "ray"])
def test_all_workers_stop_together(kind, tmp_path):
    assert train(kind, tmp_path / "run", "HP507") == 1
    assert treedebug.load(tmp_path / "run").state == "stopped"


def test_lightgbm_says_what_one_machine_sees(tmp_path):
    rounds = train("lightgbm", tmp_path / "run", "HP507")
    ((place, run),) = treedebug.runs(tmp_path / "run").items()
    assert (place, run.n_rounds, rounds) == (".", 30, 30)
    assert run.header.data == {}
    assert run.header.extra["n_workers"] == 2
    said = " ".join(n.message for n in run.notes)
    assert "sees its own rows only" in said
    assert said.count("StopTraining is refused") == 1
    assert "use early_stopping_round" in said
    skipped = {s.code: s.reason for s in treedebug.check(run).verdict.skipped}
    assert "LightGBM tells a machine only of its own" in skipped["SY807"]
