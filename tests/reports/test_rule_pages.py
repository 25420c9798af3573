"""The page of a rule is made of its docstring, its parameters and the types `check` asks for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from treedebug.core.findings import Finding, Severity
from treedebug.core.run.eval_log import EvalLog
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.engine.config import make_rule, parse_config
from treedebug.engine.rule import Rule, param
from treedebug.reports.rule_pages import HEADINGS, rule_needs, rule_options, rule_page, rules_table


@dataclass(frozen=True, kw_only=True)
class Stillness(Rule):
    """Nothing moves | at all.

    ## What it does
    Fires when the curve
    stands still.

    ## Why is this bad


    Time is spent for nothing.
    ## When to ignore it
    Never.
    """

    code = "TT101"
    name = "stillness"
    severity = Severity.ERROR

    patience: int = param(20, "rounds without a | movement", ge=1)
    share: float = param(0.5, "share of the rounds", ge=0.0, le=1.0)
    mode: str = param("any", 'which "curves" count', choices=("any", "all"))
    strict: bool = param(default=False, doc="count equal values too")

    def check(self, log: EvalLog, trees: TreeSummary | None) -> Iterator[Finding]:
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Bare(Rule):
    """It has no options."""

    code = "TT002"
    name = "bare"

    def check(self) -> Iterator[Finding]:
        yield from ()


def test_page_has_every_part_in_order():
    headings = re.findall(r"^#+ (.+)$", rule_page(Stillness), flags=re.MULTILINE)
    assert headings == ["stillness (TT101)", *HEADINGS, "What it needs", "Options"]


def test_page_says_summary_severity_and_needs():
    page = rule_page(Stillness)
    assert "\nNothing moves | at all.\n" in page
    assert "Severity: error." in page
    assert "* `EvalLog`: All metrics recorded so far" in page
    assert "* `TreeSummary` (optional): Per-tree numbers" in page


def test_headings_stand_free_whatever_the_docstring_has():
    page = rule_page(Stillness)
    assert "\n\n## What it does\n\nFires when the curve\nstands still.\n\n## Why is this bad\n\nTime is" in page
    assert "\n\n\n" not in page
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


def test_options_show_default_range_and_meaning():
    assert rule_options(Stillness) == [
        ("patience", "20", ">= 1", "rounds without a | movement"),
        ("share", "0.5", ">= 0.0 and <= 1.0", "share of the rounds"),
        ("mode", '"any"', '"any", "all"', 'which "curves" count'),
        ("strict", "false", "any", "count equal values too"),
    ]
    assert "| `patience` | `20` | >= 1 | rounds without a \\| movement |" in rule_page(Stillness)


def test_the_example_on_the_page_is_a_valid_configuration():
    example = re.search(r"```toml\n(.+?)```", rule_page(Stillness), flags=re.DOTALL)
    assert example is not None
    config = parse_config(tomllib.loads(example[1])["tool"]["treedebug"], "the page")
    assert make_rule(Stillness, config.options["TT101"]) == Stillness()


def test_a_rule_without_options_or_needs_says_so():
    page = rule_page(Bare)
    assert "## Options\n\nNone.\n" in page
    assert "Nothing: it looks at every run." in page


def test_a_rule_without_a_docstring_does_not_show_its_base_class():
    assert "Base of every rule" not in rule_page(type("Mute", (Bare,), {"__doc__": None}))


def test_table_is_sorted_by_code_and_escapes_pipes():
    lines = rules_table([Stillness, Bare]).splitlines()
    assert lines[0] == "| code | name | severity | needs | summary |"
    assert lines[2].startswith("| [TT002](TT002.md) | bare | warning |  | It has no options. |")
    assert lines[3] == (
        "| [TT101](TT101.md) | stillness | error | `EvalLog`, `TreeSummary` (optional) | Nothing moves \\| at all. |"
    )


@pytest.mark.parametrize(("rule", "expected"), [(Stillness, [("EvalLog", False), ("TreeSummary", True)]), (Bare, [])])
def test_needs_by_name(rule, expected):
    assert rule_needs(rule) == expected
