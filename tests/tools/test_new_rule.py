"""`make rule` on a copy of the rules: what it writes, that it is clean, and what it refuses."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nn_bridge.rules import RULES
from tests.nn_bridge.rules import test_contract as contract_of_nets
from tests.rules import test_contract as contract
from tools.new_rule import FAMILIES, Known, Plan, ScaffoldError, known_rules, main, make_plan, registered
from tools.rule_templates import RULE, TEST
from treedebug.engine.registry import Registry
from treedebug.reports.rule_pages import rule_page
from treedebug.rules import BUILTIN

ROOT = Path(__file__).parents[2]

OVERTRAINING = '''"""CV102."""

from treedebug.engine.rule import Rule


class Overtraining(Rule):
    """Goes on."""

    code = "CV102"
    name = "overtraining"
'''
INDEX = '''"""The built-in rules."""

from treedebug.engine.rule import Rule
from treedebug.rules.curves.overtraining import Overtraining

BUILTIN: tuple[type[Rule], ...] = (Overtraining,)
"""Sorted by code."""
'''
NET_INDEX = '''"""The rules on networks."""

from treedebug.engine.rule import Rule

RULES: tuple[type[Rule], ...] = ()
'''
KNOWN = [Known("Overtraining", "treedebug.rules.curves.overtraining", "CV102", "overtraining")]


@pytest.fixture
def checkout(tmp_path):
    """A small checkout with one rule, and the project's own settings."""
    curves = tmp_path / "treedebug" / "rules" / "curves"
    curves.mkdir(parents=True)
    (curves / "__init__.py").touch()
    (tmp_path / "treedebug" / "__init__.py").touch()
    (curves / "overtraining.py").write_text(OVERTRAINING)
    (curves.parent / "__init__.py").write_text(INDEX)
    nets = tmp_path / "nn_bridge" / "rules"
    nets.mkdir(parents=True)
    (nets / "__init__.py").write_text(NET_INDEX)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return tmp_path


def test_known_rules_are_read_from_the_source(checkout):
    assert known_rules(checkout) == KNOWN


def test_writes_rule_test_and_entry(checkout, capsys):
    assert main(["CV107", "noisy-validation"], checkout) == 0
    rule = (checkout / "treedebug/rules/curves/noisy_validation.py").read_text()
    assert "class NoisyValidation(Rule):" in rule
    assert 'code = "CV107"' in rule
    test = (checkout / "tests/rules/curves/test_noisy_validation.py").read_text()
    assert "test_noisy_validation = rule_test(" in test
    assert known_rules(checkout)[1].name == "noisy-validation"
    assert "make docs" in capsys.readouterr().out


def test_entry_is_sorted_by_code_and_keeps_the_rest():
    new = Known("First", "treedebug.rules.curves.first", "CV101", "first")
    source = registered(INDEX, KNOWN, new)
    assert "BUILTIN: tuple[type[Rule], ...] = (\n    First,\n    Overtraining,\n)\n" in source
    assert source.endswith('"""Sorted by code."""\n')
    imports = [str(n.module) for n in ast.parse(source).body if isinstance(n, ast.ImportFrom)]
    assert sorted(imports) == [
        "treedebug.engine.rule",
        "treedebug.rules.curves.first",
        "treedebug.rules.curves.overtraining",
    ]


def test_an_index_without_builtin_is_refused_and_nothing_is_written(checkout, capsys):
    (checkout / "treedebug/rules/__init__.py").write_text("")
    assert main(["CV107", "noisy-validation"], checkout) == 2
    assert "BUILTIN" in capsys.readouterr().err
    assert not (checkout / "treedebug/rules/curves/noisy_validation.py").exists()


@pytest.mark.parametrize("prefix", FAMILIES)
def test_every_family_makes_clean_files(checkout, prefix):
    assert main([f"{prefix}150", "noisy-thing"], checkout) == 0
    for command in (["check", "--quiet"], ["format", "--quiet", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "treedebug", "nn_bridge", "tests"],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_the_scaffold_passes_mypy(tmp_path):
    for prefix in FAMILIES:
        (tmp_path / f"{prefix.lower()}_rule.py").write_text(_filled(prefix))
    done = subprocess.run(  # with the project's settings and cache: `make check` has just read everything else
        [sys.executable, "-m", "mypy", *map(str, sorted(tmp_path.glob("*.py")))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("prefix", FAMILIES)
def test_the_scaffold_is_a_rule_the_registry_takes(prefix, tmp_path, monkeypatch):
    name = f"scaffolded_{prefix.lower()}"
    (tmp_path / f"{name}.py").write_text(_filled(prefix))
    monkeypatch.syspath_prepend(tmp_path)
    rule = importlib.import_module(name).NoisyThing
    assert len(Registry([rule])) == 1
    if prefix == "NN":
        contract_of_nets.test_the_docstring_is_a_page_and_every_parameter_has_a_range(rule)
        contract_of_nets.test_small_and_asking_by_type(rule)
    else:
        contract.test_the_docstring_is_a_page(rule)
        contract.test_every_parameter_has_a_meaning_and_a_range_and_is_on_the_page(rule)
        contract.test_small_and_asking_by_type(rule)
    assert (sys.modules[name].__doc__ or "").strip() == f"{rule.code} {rule.name}."
    assert rule_page(rule).startswith(f"# noisy-thing ({prefix}150)")


def test_a_rule_on_networks_stands_with_its_own(checkout):
    assert main(["NN950", "tired-layer"], checkout) == 0
    assert "class TiredLayer(Rule):" in (checkout / "nn_bridge/rules/tired_layer.py").read_text()
    test = (checkout / "tests/nn_bridge/rules/test_tired_layer.py").read_text()
    assert "from nn_bridge.rules.tired_layer import TiredLayer" in test
    assert "= (TiredLayer,)" in (checkout / "nn_bridge/rules/__init__.py").read_text()
    assert (checkout / "treedebug/rules/__init__.py").read_text() == INDEX


def test_no_rule_that_exists_would_be_refused():
    for rule in (*BUILTIN, *RULES):
        assert make_plan(rule.code, rule.name, []).cls == rule.__name__


def test_every_rule_that_exists_is_known():
    assert {rule.code for rule in known_rules(ROOT)} == {rule.code for rule in (*BUILTIN, *RULES)}


def test_the_scaffolded_test_fails_until_it_is_filled(tmp_path):
    test = tmp_path / "test_noisy_thing.py"
    test.write_text(_filled("CV", TEST).replace("treedebug.rules.curves.noisy_thing", "noisy_thing"))
    (tmp_path / "noisy_thing.py").write_text(_filled("CV"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, test.name], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in {1, 2}, done.stdout
    assert "test_noisy_thing" in done.stdout
    assert "ImportError" not in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("code", "name", "reason"),
    [
        ("CV102", "noisy-validation", "CV103"),
        ("CV107", "overtraining", "taken by CV102"),
        ("XX107", "noisy-validation", "CV curves"),
        ("cv107", "noisy-validation", "capital letters"),
        ("CV1070", "noisy-validation", "three digits"),
        ("CV107", "Noisy-Validation", "lower-case words"),
        ("CV107", "noisy_validation", "joined by dashes"),
        ("CV107", "../noisy", "lower-case words"),
        ("CV107", "check-patience", "named for what is wrong"),
        ("CV107", "use-more-rows", "named for what is wrong"),
        ("CV107", "class", "choose another"),
        ("CV107", "finding", "choose another"),
    ],
)
def test_refuses(code, name, reason):
    with pytest.raises(ScaffoldError, match=reason):
        make_plan(code, name, KNOWN)


def test_refuses_to_write_over_a_file(checkout, capsys):
    there = checkout / "tests/rules/curves/test_noisy_validation.py"
    there.parent.mkdir(parents=True)
    there.write_text("mine")
    assert main(["CV107", "noisy-validation"], checkout) == 2
    assert there.read_text() == "mine"
    assert "nothing was changed" in capsys.readouterr().err


def _filled(prefix: str, template: str = RULE) -> str:
    return Plan(f"{prefix}150", "noisy-thing").fill(template)
