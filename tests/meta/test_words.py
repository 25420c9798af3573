"""Plain English, enforced: docstrings in the imperative, no phrase that must be read twice, a reason for each noqa."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

import pytest

from tests.meta.sources import PACKAGES, ROOT, functions, texts, trees

TWICE = re.compile(r"\b(what is no|nobody knows|nobody can tell|is told|are told)\b", re.IGNORECASE)
"""Phrases that had to be read twice."""
NOT_IMPERATIVE = re.compile(r"(The|A|An|Whether|What|One|All|Raises|Returns|Yields|Each|Every|Number)\b")
"""How the docstring of a function must not begin: say `Return the ...`, `Raise ConfigError if ...`."""
ROOMS = tuple(
    f"treedebug/{room}/" for room in ("api", "cli", "core", "engine", "readers", "reports", "signals", "testing")
)
SUPPRESSION = re.compile(r"#\s*(?:ruff:\s*)?noqa\b(?P<rest>.*)")
REASON = re.compile(r": [A-Z]+\d+(, [A-Z]+\d+)* - \S+")
CHECKED = [
    path
    for folder in (*PACKAGES, "tests", "tools", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "results" not in path.parts  # what benchmarks made: other packages' files may lie there
]


def read_twice(tree: ast.AST) -> list[str]:
    """Return the phrases in docstrings and messages that had to be read twice."""
    texts = [" ".join(n.value.split()) for n in ast.walk(tree) if isinstance(n, ast.Constant) and _is_text(n)]
    return [found[0] for text in texts for found in TWICE.finditer(text)]


def _is_text(node: ast.Constant) -> bool:
    return isinstance(node.value, str)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_phrase_must_be_read_twice(package):
    found = {name: read_twice(tree) for name, tree in trees().items() if name.startswith(f"{package}/")}
    assert {name: phrases for name, phrases in found.items() if phrases} == {}


def test_such_a_phrase_is_seen():
    assert read_twice(ast.parse('def f():\n    """Refuse what is\n    no number."""')) == ["what is no"]
    assert read_twice(ast.parse('raise ValueError(f"{x}: nobody knows it")')) == ["nobody knows"]
    assert read_twice(ast.parse('x = "the two are toldless"')) == []


def test_docstrings_of_functions_are_in_the_imperative():
    found = [
        f"{name}:{node.lineno} {node.name}: {doc.splitlines()[0]}"
        for name, node in functions()
        if name.startswith(ROOMS)
        and not node.name.startswith("test_")  # what a conformance suite asserts
        and not any("property" in ast.unparse(d) for d in node.decorator_list)
        and NOT_IMPERATIVE.match(doc := ast.get_docstring(node) or "")
    ]
    assert found == []


def without_reason(text: str) -> list[str]:
    """Return the suppressions that do not say why."""
    lines = [
        line for line in text.splitlines() if (found := SUPPRESSION.search(line)) and not REASON.match(found["rest"])
    ]
    return [line.strip() for line in lines]


def test_every_suppression_says_why():
    found = {str(p.relative_to(ROOT)): without_reason(p.read_text(encoding="utf-8")) for p in CHECKED}
    here = found.pop("tests/meta/test_words.py")
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert len(here) == 1


def test_a_suppression_without_a_reason_is_seen():
    assert without_reason("x = 1  # noqa: E501 - a table\n") == []
    assert len(without_reason("x = 1  # noqa: E501\ny = 2  # noqa")) == 2


def test_the_source_is_there():
    assert len(texts()) > 300


def test_two_classes_never_share_a_name():
    homes = defaultdict(list)
    for name, tree in trees().items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name)
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}
