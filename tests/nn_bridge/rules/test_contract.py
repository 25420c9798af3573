import dataclasses
import inspect
import re
from pathlib import Path

import pytest

from nn_bridge.rules import RULES
from treedebug.engine.registry import Registry
from treedebug.engine.resolve import needs
from treedebug.rules import BUILTIN

HERE = Path(__file__).parent
HEADINGS = ["## What it does", "## Why is this bad", "## When to ignore it"]
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)


def test_sorted_and_no_clash_with_the_rules_on_trees():
    codes = [r.code for r in RULES]
    assert codes == sorted(set(codes))
    assert len(Registry([*BUILTIN, *RULES])) == len(BUILTIN) + len(RULES)


def test_every_rule_file_is_listed():
    files = {p.stem for p in Path(inspect.getfile(RULES[0])).parent.glob("[!_]*.py")}
    assert files == {r.__module__.rsplit(".", 1)[1] for r in RULES}


@every_rule
def test_one_name_for_class_file_and_test(rule):
    stem = rule.name.replace("-", "_")
    assert rule.__module__ == f"nn_bridge.rules.{stem}"
    assert rule.__name__ == "".join(w.capitalize() for w in rule.name.split("-"))
    assert f"rule_test(\n    {rule.__name__}(" in (HERE / f"test_{stem}.py").read_text()
    assert (inspect.getmodule(rule).__doc__ or "").strip() == f"{rule.code} {rule.name}."


@every_rule
def test_the_docstring_is_a_page_and_every_parameter_has_a_range(rule):
    page = inspect.cleandoc(rule.__doc__)
    assert re.findall(r"^## .*$", page, re.MULTILINE) == HEADINGS
    assert page.split("\n")[0].endswith(".")
    for field in dataclasses.fields(rule):
        assert len(field.metadata["doc"]) > 10, field.name
        assert None not in (field.metadata["ge"], field.metadata["le"]), field.name


@every_rule
def test_small_and_asking_by_type(rule):
    assert needs(rule.check)
    assert len(Path(inspect.getfile(rule)).read_text().splitlines()) <= 90
    assert len(inspect.getsource(rule.check).splitlines()) <= 30
    assert rule.__dataclass_params__.frozen


@every_rule
def test_it_explains_rules_that_exist_and_not_itself(rule):
    assert len(set(rule.explains)) == len(rule.explains)
    assert set(rule.explains) <= {r.code for r in (*BUILTIN, *RULES)} - {rule.code}


def test_no_rule_explains_what_explains_it():
    """A circle would hide the cause that stands outside it."""
    graph = {r.code: set(r.explains) for r in RULES}
    left = dict(graph)
    while left:
        ends = {code for code, symptoms in left.items() if not symptoms & set(left)}
        assert ends, f"a circle among {sorted(left)}"
        left = {code: symptoms for code, symptoms in left.items() if code not in ends}
