"""A rule's page and the table of rules, from docstrings and parameters: for `treedebug explain` and docs/rules."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any

from treedebug.engine.resolve import needs
from treedebug.engine.rule import Rule

HEADINGS = ("What it does", "Why is this bad", "When to ignore it")
"""Sections every rule's docstring has, as second-level headings, in this order; the options are added to them."""


def rule_page(rule: type[Rule]) -> str:
    """Return the rule's page as markdown: summary, severity, needs, the docstring's sections, and its options."""
    body = _documentation(rule).partition("\n")[2].strip()
    parts = [
        f"# {rule.name} ({rule.code})",
        rule_summary(rule),
        f"Severity: {rule.severity.label}. Code: `{rule.code}`, name: `{rule.name}`.",
        _PREVIEW if rule.preview else "",
        _spaced(body),
        f"## What it needs\n\n{_needs_list(rule)}",
        f"## Options\n\n{_options(rule)}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_PREVIEW = (
    "In preview: its thresholds are not yet proven on the fault benchmark, so it is off unless `preview = true` is set "
    "in `[tool.treedebug]`, `--preview` is given, or it is selected by its own code."
)


def rules_table(rules: Iterable[type[Rule]]) -> str:
    """Return all rules as a markdown table, by code; the codes link to the pages beside it."""
    rows = [
        (
            f"[{rule.code}]({rule.code}.md)",
            rule.name + (" (preview)" if rule.preview else ""),
            rule.severity.label,
            ", ".join(f"`{kind}`" + (" (optional)" if optional else "") for kind, optional in rule_needs(rule)),
            rule_summary(rule),
        )
        for rule in sorted(rules, key=lambda r: r.code)
    ]
    return _table(("code", "name", "severity", "needs", "summary"), rows) + "\n"


def rule_summary(rule: type[Rule]) -> str:
    """Return the first line of the rule's docstring."""
    return _documentation(rule).partition("\n")[0].strip()


def rule_needs(rule: type[Rule]) -> list[tuple[str, bool]]:
    """Return (name of the signal or stream, whether it can do without), in the order of `check`'s arguments."""
    return [(kind.__name__, optional) for kind, optional in needs(rule.check).values()]


def rule_options(rule: type[Rule]) -> list[tuple[str, str, str, str]]:
    """Return (name, default, values allowed, meaning) of each parameter."""
    return [
        (field.name, _toml(field.default), _allowed(field), str(field.metadata.get("doc", "")))
        for field in dataclasses.fields(rule)
    ]


def _documentation(rule: type[Rule]) -> str:
    # Not inspect.getdoc: it would hand a rule without a docstring the one of its base class.
    return inspect.cleandoc(rule.__doc__ or "")


def _spaced(body: str) -> str:
    """Return one blank line around each heading, whatever the docstring has."""
    return re.sub(r"\n*^(## .+)$\n*", r"\n\n\1\n\n", body, flags=re.MULTILINE).strip()


def _needs_list(rule: type[Rule]) -> str:
    return "\n".join(_needed(rule)) or "Nothing: it looks at every run."


def _needed(rule: type[Rule]) -> Iterator[str]:
    for kind, optional in needs(rule.check).values():
        described = inspect.cleandoc(kind.__doc__ or "").partition("\n")[0].strip()
        yield f"* `{kind.__name__}`{' (optional)' if optional else ''}{': ' if described else ''}{described}"


def _options(rule: type[Rule]) -> str:
    options = rule_options(rule)
    if not options:
        return "None."
    rows = [(f"`{name}`", f"`{default}`", allowed, doc) for name, default, allowed, doc in options]
    settings = "\n".join(f"{name} = {default}" for name, default, _, _ in options)
    example = f"```toml\n[tool.treedebug.rules.{rule.code}]\n{settings}\n```"
    return f"{_table(('option', 'default', 'allowed', 'meaning'), rows)}\n\nIn `pyproject.toml`:\n\n{example}"


def _allowed(field: dataclasses.Field[Any]) -> str:
    low, high, choices = (field.metadata.get(key) for key in ("ge", "le", "choices"))
    if choices is not None:
        return ", ".join(_toml(choice) for choice in choices)
    bounds = ["" if low is None else f">= {low}", "" if high is None else f"<= {high}"]
    return " and ".join(bound for bound in bounds if bound) or "any"


def _toml(value: Any) -> str:
    """Return a value as it is typed in pyproject.toml."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return repr(value)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
