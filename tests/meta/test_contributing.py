"""What CONTRIBUTING and the README say of floors, signals and numbers of rules is what the source says."""

from __future__ import annotations

import re

import pytest

from nn_bridge.rules import RULES
from tests.meta.sources import ROOT
from tools.contributor_pages import contributing, floors_table, layers, signals_page
from tools.new_rule import FAMILIES
from treedebug.rules import BUILTIN


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def test_the_pages_are_up_to_date():
    assert text_of("CONTRIBUTING.md") == contributing(), "run make docs"
    assert text_of("docs/signals.md") == signals_page(), "run make docs"


@pytest.mark.parametrize("package", ["treedebug", "nn_bridge"])
def test_every_folder_has_its_floor_and_says_what_it_holds(package):
    folders = {p.name for p in (ROOT / package).iterdir() if (p / "__init__.py").exists()}
    assert {name for names in layers(package) for name in names} == folders
    cells = [row.split("|")[3].strip() for row in floors_table(package).splitlines()[2:]]
    assert all(len(cell) > 20 for cell in cells)


def test_the_numbers_of_rules_in_the_readme_are_those_of_the_source():
    readme = text_of("README.md")
    on = [r for r in BUILTIN if not r.preview]
    counts = {
        r"^\* (\d+) rules are on by default": len(on),
        r"^\* \d+ rules are on by default, (\d+) of them on tables": sum(r.code.startswith("DA") for r in on),
        r"\((\d+) rules, DA6xx\)": sum(r.code.startswith("DA") for r in BUILTIN),
        r"(\d+) rules of its own": len(RULES),
    }
    found = {pattern: [int(n) for n in re.findall(pattern, readme, re.MULTILINE)] for pattern in counts}
    wrong = {pattern: (found[pattern], n) for pattern, n in counts.items() if found[pattern] != [n]}
    assert not any(r.preview for r in (*BUILTIN, *RULES)), "the README says that none is in preview"
    assert wrong == {}, "in the README, as found and as it should be"


def test_contributing_names_every_family():
    text = " ".join(text_of("CONTRIBUTING.md").split())
    assert [f"{code} {family.name}" for code, family in FAMILIES.items() if f"{code} {family.name}" not in text] == []


def test_contributing_names_every_builder_of_runs():
    assert [
        name
        for name in ("curves(", "trees(", "classes(", "header(", "data_sets(")
        if name not in text_of("CONTRIBUTING.md")
    ] == []
