"""Write docs/rules from the rules' docstrings and parameters; with --check, only say whether it is up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from nn_bridge.rules import RULES
from treedebug.engine.registry import Registry
from treedebug.reports.rule_pages import rule_page, rules_table
from treedebug.rules import BUILTIN

FOLDER = Path(__file__).parent.parent / "docs" / "rules"
_INDEX = """# Rules

Generated from the rules by `make docs`; edit the docstrings instead.

"""


def pages() -> dict[str, str]:
    """Return the text of every page there should be, by file name."""
    rules = list(Registry([*BUILTIN, *RULES]))
    return {"README.md": _INDEX + rules_table(rules), **{f"{rule.code}.md": rule_page(rule) for rule in rules}}


def stale(wanted: Mapping[str, str], folder: Path) -> list[str]:
    """Return the names of the files in `folder` that are missing, differ, or have no rule any more."""
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in {*wanted, *there} if wanted.get(name) != there.get(name))


def write(wanted: Mapping[str, str], folder: Path) -> list[str]:
    """Make the folder hold just these pages; returns the names of the files that changed."""
    changed = stale(wanted, folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
    return changed


def main(arguments: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    """Run the tool; return 1 if --check found something out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a page is out of date")
    wanted = pages()
    if not parser.parse_args(arguments).check:
        for name in write(wanted, folder):
            print(f"docs/rules/{name}")
        return 0
    old = stale(wanted, folder)
    for name in old:
        print(f"docs/rules/{name} is out of date", file=sys.stderr)
    if old:
        print("run: make docs", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
