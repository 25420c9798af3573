"""`benchmarks/data.py` on two tables: what it plants is there, and what it writes can be read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from treedebug.rules import BUILTIN

NOT_PLANTED: set[str] = set()
"""Rules without a planted fault so far; the list may only become shorter."""
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ONE = os.environ | {"OMP_NUM_THREADS": "1"}
PLANTING = """
import json, sys
import numpy as np
import pandas as pd
from _data import plan, tables
from _data.cases import Unfit, fresh, split
from _data.catalog import KINDS

made, changed = {}, []
for table in tables.load(None)[0]:
    if table.name not in ("shop", "clinic", "sensors", "tweets", "iris", "blobs", "weak", "uneven", "digits"):
        continue
    base = split(table, 1)
    twin = split(table, 1)
    for kind in KINDS.values():
        if table.name == "digits" and kind.name != "sparse-and-dense":  # which fits no other
            continue
        case = fresh(base)
        try:
            if kind.fits(table):
                kind.plant(case, True, np.random.default_rng(1))
                same = case.train.equals(base.train) and case.valid.equals(base.valid)
                other = case.options != base.options or case.given is not None
                made.setdefault(kind.name, []).append(not same or other)
        except Unfit:
            continue
    changed += [table.name for a, b in zip(base.parts, twin.parts) if not a.equals(b)]
right = sorted({c for k in KINDS.values() for c in k.right})
print(json.dumps({"made": made, "changed": changed, "kinds": list(KINDS), "right": right}))
"""


@pytest.fixture(scope="module")
def planted():
    done = subprocess.run(
        [sys.executable, "-c", PLANTING], capture_output=True, text=True, check=True, cwd=BENCHMARKS, env=ONE
    )
    return json.loads(done.stdout)


def test_every_kind_of_fault_is_planted_somewhere(planted):
    assert sorted(planted["kinds"]) == sorted(planted["made"])
    assert all(all(changes) for changes in planted["made"].values())


def test_the_clean_twin_is_left_alone(planted):
    assert planted["changed"] == []


def test_every_rule_on_data_has_a_fault(planted):
    known = {rule.code for rule in BUILTIN if rule.code.startswith("DA")}
    assert known - set(planted["right"]) == NOT_PLANTED


@pytest.mark.slow
def test_a_small_run_of_the_script(tmp_path):
    out = tmp_path / "found.json"
    kinds = ["--kind", "constant-feature", "--kind", "leaking-feature", "--kind", "padded-tokens"]
    command = [sys.executable, str(BENCHMARKS / "data.py"), *kinds, "--half", "tune", "--seeds", "1", "--workers", "1"]
    tables = ["--table", "shop", "--table", "tweets", "--json", str(out)]
    done = subprocess.run([*command, *tables], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    results = json.loads(out.read_text())["results"]
    assert results["failed"] == []
    assert results["all"]["crashed"] == []
    assert results["tune"]["n_kept"] == 6
    assert results["tune"]["recall_severe"] == 1.0
