"""Four trainings killed with kill -9, as `benchmarks/crash.py` does fifty times."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "crash.py"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill -9")
def test_kill_9(tmp_path):
    command = [sys.executable, str(SCRIPT), "--kills", "4", "--longest", "0.3", "--json", str(tmp_path / "found.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    found = json.loads((tmp_path / "found.json").read_text())["results"]
    assert done.returncode == 0, done.stdout + done.stderr
    assert {r["library"] for r in found} == {"xgboost", "lightgbm"}
    assert all(r["lost_seconds"] <= 1.0 and "error" not in r for r in found)
    assert any(r["exact"] for r in found)
