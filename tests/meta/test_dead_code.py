"""A private function, method or class that nothing refers to is dead."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping

from tests.meta.sources import trees


def dead(trees: Mapping[str, ast.Module]) -> list[str]:
    """Return the private names that are defined and never referred to, in any module."""
    used = Counter[str]()
    defined: list[tuple[str, str]] = []
    for module, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and re.match(
                "_[a-z]", node.name, re.IGNORECASE
            ):
                defined.append((module, node.name))
            elif isinstance(node, ast.Name):
                used[node.id] += 1
            elif isinstance(node, ast.Attribute):
                used[node.attr] += 1
            elif isinstance(node, ast.alias):
                used[node.name] += 1
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                used[node.value] += 1
    return [f"{module}: {name}" for module, name in defined if not used[name]]


def test_nothing_private_is_dead():
    assert dead(trees()) == []


def test_dead_code_is_seen():
    source = "def _used(): ...\ndef _dead(): ...\nclass A:\n    def _gone(self): ...\n    def b(self): return _used()"
    assert dead({"m": ast.parse(source)}) == ["m: _dead", "m: _gone"]
