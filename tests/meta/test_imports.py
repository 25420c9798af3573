"""`import treedebug` is light, and its lazy face is honest: every name resolves, and an unknown one gets a hint."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import treedebug

ROOT = Path(__file__).parents[2]
HEAVY = [
    "xgboost", "lightgbm", "sklearn", "scipy", "matplotlib", "rich", "pandas", "numpy", "torch", "starlette", "jinja2",
    "narwhals",
]  # fmt: skip


def loaded_after(statement: str) -> set[str]:
    """Top-level modules a fresh interpreter holds after a statement."""
    script = f"import json, sys\n{statement}\nprint(json.dumps(sorted({{m.partition('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_import_treedebug_loads_nothing_heavy():
    assert loaded_after("import treedebug; dir(treedebug)").isdisjoint(HEAVY)


def test_the_probe_would_notice():
    assert "numpy" in loaded_after("import numpy")


def test_names_but_the_callbacks_load_no_booster():
    names = [name for name in treedebug.__all__ if not name.endswith("Callback")]
    loaded = loaded_after(f"import treedebug; [getattr(treedebug, name) for name in {names}]")
    assert loaded.isdisjoint({"xgboost", "lightgbm", "sklearn", "torch", "matplotlib"})


@pytest.mark.parametrize("name", treedebug.__all__)
def test_every_public_name_resolves(name):
    assert getattr(treedebug, name) is getattr(treedebug, name)


def test_all_is_sorted_and_is_what_dir_shows():
    assert sorted(treedebug.__all__) == treedebug.__all__
    assert dir(treedebug) == treedebug.__all__


def test_every_public_name_has_a_home_and_every_home_is_public():
    assert {*treedebug._HOME, "__version__"} == set(treedebug.__all__)


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(AttributeError, match=r"no attribute 'XGBCallback'.* Did you mean 'XGBoostCallback'"):
        _ = treedebug.XGBCallback
    assert not hasattr(treedebug, "__wrapped__")
