"""The list of rules, for a terminal and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from treedebug.engine.rule import Rule
from treedebug.reports.as_json import dumps
from treedebug.reports.console import STYLES, indented
from treedebug.reports.phrasing import plural
from treedebug.reports.rule_pages import rule_needs, rule_summary

_INDENT = 7


def print_rules(rules: Sequence[type[Rule]], console: Console) -> None:
    """Two lines a rule: code, severity, name and what it needs; then what it finds."""
    for rule in rules:
        label = rule.severity.label
        head = Text.assemble(
            (rule.code, "bold"),
            "  ",
            (f"{label:<7}", STYLES[label]),
            f"  {rule.name}{'  (preview)' if rule.preview else ''}",
        )
        console.print(head)
        needed = ", ".join(f"{kind} (optional)" if optional else kind for kind, optional in rule_needs(rule))
        for text in (Text(rule_summary(rule)), Text(f"needs {needed or 'nothing'}", style="dim")):
            for line in indented(text, console, indent=_INDENT):
                console.print(line)
    console.print()
    console.print(Text(f"{plural(len(rules), 'rule')}; `treedebug explain CODE` shows a rule's page"))


def rules_json(rules: Sequence[type[Rule]]) -> str:
    """Return the rules as JSON: code, name, severity, summary, needs (type, optional) and options (name, default.

    meaning).
    """
    return dumps([_rule(rule) for rule in rules])


def _rule(rule: type[Rule]) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.label,
        "preview": rule.preview,
        "summary": rule_summary(rule),
        "needs": [{"type": kind, "optional": optional} for kind, optional in rule_needs(rule)],
        "options": [
            {"name": f.name, "default": f.default, "meaning": str(f.metadata.get("doc", ""))}
            for f in dataclasses.fields(rule)
        ],
    }
