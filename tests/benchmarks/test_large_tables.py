"""A small run of the benchmark of large tables: every way finds the same."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "large_tables.py"
pytestmark = pytest.mark.slow
CODES = {"DA604", "DA605", "DA606", "DA607", "DA609", "DA610", "DA612", "DA614", "DA615", "DA623"}


@pytest.mark.parametrize("way", ["dask-2", "spark-2"])
def test_the_same_as_on_one_machine(way, tmp_path):
    if way.startswith("spark") and not (find_spec("pyspark") and shutil.which("java")):
        pytest.skip("needs PySpark and Java: pip install 'treedebug[pyspark]'")
    run = [sys.executable, BENCHMARK, "--rows", "20000", "--file-rows", "4000", "--way", "here", "--way", way]
    subprocess.run([*run, "--json", tmp_path / "found.json"], check=True, cwd=tmp_path)
    here, there = json.loads((tmp_path / "found.json").read_text())["results"]["ways"]
    assert "failed" not in there, there
    assert {code for code, _, _ in here["findings"]} >= CODES
    assert {code for code, _, _ in there["findings"]} == {code for code, _, _ in here["findings"]}
    if way.startswith("dask"):
        assert (there["same_findings"], there["n_other"], there["n_of_order"]) == (True, 0, 0)
    else:  # Spark reads files in its own order
        assert there["n_other"] <= 2, there["other"]
        assert all(said.startswith("DA612") for said in there["other_findings"])
