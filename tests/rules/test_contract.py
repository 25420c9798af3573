import dataclasses
import inspect
import re
from pathlib import Path

import pytest

from treedebug.engine.registry import Registry
from treedebug.engine.resolve import needs
from treedebug.rules import BUILTIN

HERE = Path(__file__).parent
FAMILIES = {
    "CV": "curves",
    "TR": "trees",
    "FT": "features",
    "CL": "classes",
    "HP": "params",
    "DA": "data",
    "RC": "runs",
    "SC": "schedules",
    "SY": "system",
}
HEADINGS = ["## What it does", "## Why is this bad", "## When to ignore it"]
every_rule = pytest.mark.parametrize("rule", BUILTIN, ids=lambda r: r.code)


def test_sorted_and_legal():
    codes = [r.code for r in BUILTIN]
    assert codes == sorted(set(codes))
    assert len(Registry(BUILTIN)) == len(BUILTIN)


def test_every_rule_file_is_listed():
    folder = Path(inspect.getfile(BUILTIN[0])).parents[1]
    files = {p.stem for f in set(FAMILIES.values()) for p in (folder / f).glob("[!_]*.py")}
    assert files == {r.__module__.rsplit(".", 1)[1] for r in BUILTIN}


@every_rule
def test_one_name_for_class_file_test_and_folder(rule):
    stem = rule.name.replace("-", "_")
    assert rule.__module__ == f"treedebug.rules.{FAMILIES[rule.code[:2]]}.{stem}"
    assert rule.__name__ == "".join(w.capitalize() for w in rule.name.split("-"))
    assert f"rule_test(\n    {rule.__name__}(" in (HERE / FAMILIES[rule.code[:2]] / f"test_{stem}.py").read_text()
    assert (inspect.getmodule(rule).__doc__ or "").strip() == f"{rule.code} {rule.name}."


@every_rule
def test_the_docstring_is_a_page(rule):
    page = inspect.cleandoc(rule.__doc__)
    assert re.findall(r"^## .*$", page, re.MULTILINE) == HEADINGS
    assert page.split("\n")[0].endswith(".")
    assert all(len(part.strip()) > 40 for part in re.split(r"^## .*$", page, flags=re.MULTILINE)[1:])


@every_rule
def test_every_parameter_has_a_meaning_and_a_range_and_is_on_the_page(rule):
    for field in dataclasses.fields(rule):
        assert len(field.metadata["doc"]) > 10, field.name
        assert field.metadata["choices"] or None not in (field.metadata["ge"], field.metadata["le"]), field.name


@every_rule
def test_small_and_asking_by_type(rule):
    assert needs(rule.check)
    assert len(Path(inspect.getfile(rule)).read_text().splitlines()) <= 100
    assert len(inspect.getsource(rule.check).splitlines()) <= 30
    assert dataclasses.is_dataclass(rule)
    assert rule.__dataclass_params__.frozen


@every_rule
def test_it_explains_rules_that_exist_and_not_itself(rule):
    assert len(set(rule.explains)) == len(rule.explains)
    assert set(rule.explains) <= {r.code for r in BUILTIN} - {rule.code}
