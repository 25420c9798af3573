"""Imports point only downwards: the contracts in pyproject.toml hold, and nn_bridge keeps to its list."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOR_NN_BRIDGE = {"", "core", "engine", "store", "pictures", "plots", "reports", "actions", "schedules", "testing"}
"""Beside floors the public names, as any user has them: `run.report` of a net is `treedebug.report`."""


def test_the_contracts_hold():
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken." in done.stdout


def test_the_floors_are_one_exhaustive_contract_a_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = {contract["containers"][0]: contract for contract in settings["contracts"] if contract["type"] == "layers"}
    assert set(layers) == {"treedebug", "nn_bridge"}
    for contract in layers.values():
        assert contract["exhaustive"] is True
        assert "exhaustive_ignores" not in contract
    assert not any("ignore_imports" in contract for contract in settings["contracts"])


def test_nn_bridge_imports_only_its_list():
    for path in sorted((ROOT / "nn_bridge").rglob("*.py")):
        used = own_floors(path.read_text(encoding="utf-8"))
        assert used <= FOR_NN_BRIDGE, f"{path.relative_to(ROOT)} imports treedebug's {sorted(used - FOR_NN_BRIDGE)}"


def own_floors(source: str) -> set[str]:
    """Floors of treedebug a module imports; "" stands for the package's own face."""
    floors = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "treedebug":
            modules = [f"treedebug.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        own = [module.split(".") for module in modules if module.split(".")[0] == "treedebug"]
        floors |= {parts[1] if len(parts) > 1 else "" for parts in own}
    return floors


def test_own_floors_sees_every_spelling():
    source = (
        "import treedebug\nimport treedebug.api.boosted_run\nfrom treedebug import cli\n"
        "from treedebug.core.run.run_data import Note\n"
    )
    assert own_floors(source) == {"", "api", "cli", "core"}
