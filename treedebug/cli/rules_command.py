"""`treedebug rules`: all rules, with what each needs."""

from __future__ import annotations

import argparse

from treedebug.api.known_rules import registry
from treedebug.cli import OK
from treedebug.reports.console import make_console
from treedebug.reports.rule_list import print_rules, rules_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("selectors", nargs="*", metavar="CODE", help="only these: codes, names or prefixes (CV)")
    parser.add_argument("--output", "--output-format", choices=("text", "json"), default="text", help="default: text")


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    known = registry()
    chosen = {rule.code: rule for s in args.selectors or ["ALL"] for rule in known.matching(s)}
    rules = [chosen[code] for code in sorted(chosen)]
    if args.output == "json":
        print(rules_json(rules))
    else:
        print_rules(rules, make_console())
    return OK
