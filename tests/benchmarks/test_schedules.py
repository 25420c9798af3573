"""`benchmarks/schedules.py --quick` runs every part, and goes on where it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "schedules.py"
pytest.importorskip("torch")


def run(*arguments):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(BENCHMARK), *arguments],
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_quick_runs_everything(tmp_path):
    text = run("--quick", "--place", str(tmp_path))
    for mark in ("schedules-both", "schedules-nets", "schedules-nmf", "schedules-claims"):
        assert f"\n{mark}\n" in text
    assert len((tmp_path / "boosters.jsonl").read_text().splitlines()) == 2 * 2 * 2 * 19


@pytest.mark.slow
def test_a_chunk_goes_on_where_the_last_one_ended(tmp_path):
    chunk = ("boosters", "--tables", "diabetes", "--seeds", "0", "--rounds", "5", "--libraries", "xgboost")
    names = ("constant .1", "constant .3", "constant .03", "rollback .1")
    run(*chunk, "--only", *names[:2], "--place", str(tmp_path))
    run(*chunk, "--only", *names, "--place", str(tmp_path))
    rows = [json.loads(line) for line in (tmp_path / "boosters.jsonl").read_text().splitlines()]
    assert [r["schedule"] for r in rows] == list(names)
    assert all(r["test"] > 0 and r["rounds"] == 5 for r in rows)
    assert "| constant .1" in run("report", "--rounds", "5", "--place", str(tmp_path))
