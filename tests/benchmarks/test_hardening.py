"""`benchmarks/hardening.py`: what its cages count, that its inputs come again by number, and a look at each format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ENVIRONMENT = {
    **os.environ,
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": os.pathsep.join(map(str, (BENCHMARKS, BENCHMARKS.parent))),
}
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the cages read Linux' /proc")
ROGUES = """
import json, os, signal, sys, warnings
from pathlib import Path
import numpy as np
from _hardening import cage
from _hardening.judging import Steps
from _hardening.rows import Arena
import treedebug

def good(): raise treedebug.FormatError("as it should")
def odd(): raise AttributeError("as it should not")
def dies(): os.kill(os.getpid(), signal.SIGSEGV)
def leaves(): os._exit(3)
def eats(): return np.ones(3 << 28)
def loops():
    while True: pass
def warns(): warnings.warn("look")
def prints(): print("x", file=sys.stderr, flush=True)
DEEDS = [good, odd, dies, leaves, eats, loops, warns, prints, good]

class Rogues:
    name, point = "rogues", ""
    def write(self, index, folder):
        (folder / "input").write_text(str(index))
        return folder / "input"
    def judge(self, path):
        step = Steps()
        step("deed", DEEDS[int(path.read_text())])
        return step.flaws

cage._CUT_OFF = 0.5
folder = Path(sys.argv[1])
row = cage.run(Rogues(), Arena(folder / "work", folder / "kept", 0, 2, {}), len(DEEDS))
print(json.dumps([row.tried, row.failed, sorted((k, f.text) for (k, _), (f, _) in row.examples.items())]))
print(json.dumps(sorted(p.read_text() for p in (folder / "kept").rglob("input"))))
"""
INPUTS = """
import hashlib, json, sys
from pathlib import Path
from _hardening import frames, mutations, seeds
from _hardening.rows import Arena

folder = Path(sys.argv[1])
arena = Arena(folder, None, 7, 1, {})
seeds.make(arena.seeds)
made = []
for attack in (mutations.Models(arena, ".ubj"), mutations.Runs(arena, mended=True), mutations.Tables(arena)):
    for attempt in "ab":
        for index in range(20):
            place = folder / f"{attack.name}-{attempt}-{index}"
            place.mkdir()
            path = attack.write(index, place)
            file = path if path.is_file() else path / frames.NAME
            made.append([attack.name, attempt, index, hashlib.sha256(file.read_bytes()).hexdigest()])
sound = next(arena.seeds.rglob(frames.NAME)).read_bytes()
print(json.dumps([made, frames.join(frames.split(sound)) == sound]))
"""


def python(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT, timeout=300)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_a_cage_counts(tmp_path):
    (tmp_path / "work").mkdir()
    (tried, failed, flaws), kept = python(ROGUES, tmp_path)
    assert (tried, failed) == (9, 7)
    assert [kind for kind, _ in flaws] == ["error", "killed", "killed", "memory", "printed", "slow", "warning"]
    assert "deed: AttributeError: as it should not" in [text for _, text in flaws]
    assert "SIGSEGV" in [text for _, text in flaws]
    assert kept == list("1234567")


@pytest.mark.slow
def test_an_input_is_the_same_each_time(tmp_path):
    ((made, is_equal),) = python(INPUTS, tmp_path)
    assert is_equal, "frames taken apart and put together are the same file"
    first = {(name, index): digest for name, attempt, index, digest in made if attempt == "a"}
    again = {(name, index): digest for name, attempt, index, digest in made if attempt == "b"}
    assert first == again
    assert len(set(first.values())) > 50


@pytest.mark.slow
def test_it_runs_and_tells(tmp_path):
    command = [
        sys.executable,
        str(BENCHMARKS / "hardening.py"),
        "--only",
        "tables",
        "--n",
        "8",
        "--json",
        str(tmp_path / "x.json"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT, timeout=300)
    rows = json.loads((tmp_path / "x.json").read_text())["results"]
    assert [row["attack"] for row in rows] == ["mutated tables", "mutated configurations"], done.stderr
    assert all(row["tried"] == 4 for row in rows)
    assert done.returncode == int(any(row["failed"] for row in rows))
