"""The source of the two packages, read once for the meta tests: when the first one runs, not at collection."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("treedebug", "nn_bridge")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@functools.cache
def texts() -> dict[str, str]:
    """Return the text of each module, by its path."""
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in SOURCES}


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax tree of each module, by its path."""
    return {name: ast.parse(text) for name, text in texts().items()}


def functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Return every function and method with the path of its module."""
    walked = ((name, node) for name, tree in trees().items() for node in ast.walk(tree))
    return [(name, node) for name, node in walked if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
