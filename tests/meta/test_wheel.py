"""The wheel holds the two packages, whole, with their types and the licence, and nothing else."""

from __future__ import annotations

import email
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import treedebug

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


def test_it_holds_every_source_file(wheel):
    sources = {
        path.relative_to(ROOT).as_posix()
        for package in ("treedebug", "nn_bridge")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == sources
    assert {"treedebug/py.typed", "nn_bridge/py.typed"} <= held


def test_it_holds_licence_and_command(wheel):
    info = f"treedebug-{treedebug.__version__}.dist-info"
    assert wheel.read(f"{info}/licenses/LICENSE").startswith(b"MIT License")
    assert b"treedebug = treedebug.cli:main" in wheel.read(f"{info}/entry_points.txt")


def test_its_metadata_names_version_extras_and_python(wheel):
    metadata = email.message_from_bytes(wheel.read(f"treedebug-{treedebug.__version__}.dist-info/METADATA"))
    assert metadata["Version"] == treedebug.__version__
    assert metadata["Requires-Python"] == ">=3.11"
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(metadata.get_all("Provides-Extra", [])) == set(extras)
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert not any("xgboost" in line or "lightgbm" in line for line in required)
