"""Folders beside each other depend one way: no folder of a room needs one that needs it."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping

import pytest

from tests.meta.sources import ROOT, trees

ROOMS = ["nn_bridge", *(f"treedebug/{p.name}" for p in sorted((ROOT / "treedebug").iterdir()) if p.is_dir())]


def needed(room: str, trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Return for each folder of a room the folders beside it that it imports from."""
    base = room.replace("/", ".") + "."
    arrows: dict[str, set[str]] = defaultdict(set)
    folders = {name.removeprefix(f"{room}/").split("/")[0] for name in trees if name.count("/") > room.count("/") + 1}
    for name, tree in trees.items():
        folder = name.removeprefix(f"{room}/").split("/")[0]
        if not name.startswith(f"{room}/") or folder not in folders:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(base):
                other = (node.module or "").removeprefix(base).split(".")[0]
                if other in folders and other != folder:
                    arrows[folder].add(other)
    return dict(arrows)


def in_circles(arrows: Mapping[str, set[str]]) -> list[str]:
    """Return the folders that, by way of others, need themselves."""
    found = []
    for start in arrows:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            fresh = arrows.get(waiting.pop(), set()) - seen
            seen |= fresh
            waiting += fresh
        if start in seen:
            found.append(start)
    return sorted(found)


@pytest.mark.parametrize("room", ROOMS)
def test_no_folder_needs_itself_by_way_of_others(room):
    assert in_circles(needed(room, trees())) == []


def test_a_circle_is_seen():
    trees = {
        "treedebug/signals/a/x.py": ast.parse("from treedebug.signals.b.y import Y"),
        "treedebug/signals/b/y.py": ast.parse("from treedebug.signals.c.z import Z"),
        "treedebug/signals/c/z.py": ast.parse("from treedebug.signals.a.x import X"),
        "treedebug/signals/d/w.py": ast.parse("from treedebug.signals.a.x import X"),
    }
    assert in_circles(needed("treedebug/signals", trees)) == ["a", "b", "c"]
