"""Start a rule: its file, its test, and its entry in BUILTIN. Usage: make rule CODE=CV107 NAME=noisy-validation."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import keyword
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

FAMILIES = {
    "CV": ("curves", "EvalLog", "treedebug.core.run.eval_log"),
    "TR": ("trees", "TreeSummary", "treedebug.core.run.tree_summary"),
    "FT": ("features", "TreeSummary", "treedebug.core.run.tree_summary"),
    "CL": ("classes", "ClassLog", "treedebug.core.run.class_log"),
    "HP": ("params", "Header", "treedebug.core.run.run_data"),
    "DA": ("data", "Header", "treedebug.core.run.run_data"),
    "RC": ("runs", "RunData", "treedebug.core.run.run_data"),
    "SY": ("system", "RoundLog", "treedebug.core.run.eval_log"),
}
"""Prefix of the code -> folder, and the stream the scaffold asks for with its module."""

_CODE = re.compile(r"([A-Z]{2})\d{3}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TAKEN_CLASSES = {"Rule", "Finding", "Iterator", *(stream for _, stream, _ in FAMILIES.values())}

_RULE = '''\
"""{code} {name}."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from {module} import {stream}
from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class {cls}(Rule):
    """Replace me: say in one sentence what is wrong.

    ## What it does
    Replace me: fires when ..., in terms of the parameters.

    ## Why is this bad
    Replace me.

    ## When to ignore it
    Replace me.
    """

    code = "{code}"
    name = "{name}"
    preview = True  # until it is proven on the fault benchmark

    threshold: float = param(0.5, "replace me: what is counted, with its unit", ge=0.0)

    def check(self, {argument}: {stream}) -> Iterator[Finding]:  # noqa: ARG002 - replace me: ask for a signal
        """Fire when the signal is over the threshold."""
        yield from ()
'''

_TEST = '''\
"""{code} {name}: both sides of its threshold."""

from __future__ import annotations

from treedebug.rules.{family}.{stem} import {cls}
from treedebug.testing import rule_test

# Fails until each side has a case. Good silent cases are near misses: one round short, the neighbouring disease.
test_{stem} = rule_test(
    {cls}(),
    fires={{}},
    silent={{}},
    skipped={{}},
)
'''


class ScaffoldError(Exception):
    """The rule cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class Known:
    """A rule class found in the source: read, not imported, so that it works on any checkout."""

    cls: str
    module: str
    code: str
    name: str


@dataclass(frozen=True)
class Plan:
    """A rule to be: its code, its name, and the family its code belongs to."""

    code: str
    name: str

    @property
    def family(self) -> str:
        """The folder of its family."""
        return FAMILIES[self.code[:2]][0]

    @property
    def stem(self) -> str:
        """The file name without its ending."""
        return self.name.replace("-", "_")

    @property
    def cls(self) -> str:
        """The name of the class."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    @property
    def entry(self) -> Known:
        """The rule as it will be found in the source."""
        return Known(self.cls, f"treedebug.rules.{self.family}.{self.stem}", self.code, self.name)

    def fill(self, template: str) -> str:
        """Return a template with this rule's names."""
        _, stream, module = FAMILIES[self.code[:2]]
        values = {**dataclasses.asdict(self), "family": self.family, "stem": self.stem, "cls": self.cls}
        argument = re.sub(r"(?<!^)(?=[A-Z])", "_", stream).lower()
        return template.format(**values, stream=stream, module=module, argument=argument)


def known_rules(root: Path) -> list[Known]:
    """Return every rule class in the source, by code."""
    folder = root / "treedebug" / "rules"
    found = []
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                texts = _class_texts(node)
                if {"code", "name"} <= texts.keys():
                    found.append(Known(node.name, module, texts["code"], texts["name"]))
    return sorted(found, key=lambda rule: rule.code)


def _class_texts(node: ast.ClassDef) -> dict[str, str]:
    texts = {}
    for statement in node.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            texts[target.id] = value.value
    return texts


def make_plan(code: str, name: str, known: Sequence[Known]) -> Plan:
    """Check the code and the name. Raise ScaffoldError if the rule cannot be made."""
    match = _CODE.fullmatch(code)
    families = ", ".join(f"{prefix} {folder}" for prefix, (folder, _, _) in FAMILIES.items())
    if match is None:
        raise ScaffoldError(f"a code is two capital letters and three digits, e.g. CV107; got {code!r}")
    if match[1] not in FAMILIES:
        raise ScaffoldError(f"no family of rules has the prefix {match[1]!r}; there are: {families}")
    if _NAME.fullmatch(name) is None:
        raise ScaffoldError(f"a name is lower-case words joined by dashes, e.g. noisy-validation; got {name!r}")
    plan = Plan(code, name)
    if keyword.iskeyword(plan.stem) or plan.cls in _TAKEN_CLASSES:
        raise ScaffoldError(
            f"the name {name!r} would make a file or class that Python or treedebug needs; choose another"
        )
    for rule in known:
        if rule.code == code:
            raise ScaffoldError(
                f"the code {code} is taken by {rule.name}; the next free one is {_next_free(code, known)}"
            )
        if rule.name == name or rule.cls == plan.cls:
            raise ScaffoldError(f"the name {name!r} is taken by {rule.code}; choose another")
    return plan


def _next_free(code: str, known: Sequence[Known]) -> str:
    taken = {rule.code for rule in known}
    free = (f"{code[:2]}{number:03}" for number in range(int(code[2:]) + 1, 1000))
    return next((candidate for candidate in free if candidate not in taken), "in another hundred")


def registered(source: str, known: Sequence[Known], new: Known) -> str:
    """Return the source of `treedebug/rules/__init__.py` with the new rule in BUILTIN, by code."""
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    tuples = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and any(
            isinstance(t, ast.Name) and t.id == "BUILTIN"
            for t in getattr(node, "targets", [getattr(node, "target", 0)])
        )
    ]
    if len(tuples) != 1 or not isinstance(tuples[0], ast.Tuple):
        raise ScaffoldError("treedebug/rules/__init__.py has no `BUILTIN = (...)` tuple of rule classes to add to")
    builtin = tuples[0]
    codes = {rule.cls: rule.code for rule in [*known, new]}
    names = [ast.unparse(element) for element in builtin.elts] + [new.cls]
    names.sort(key=lambda name: codes.get(name, name))
    imports = [n for n in tree.body if isinstance(n, ast.ImportFrom | ast.Import)]
    first, last = builtin.lineno - 1, (builtin.end_lineno or builtin.lineno) - 1
    head, tail = lines[first][: builtin.col_offset], lines[last][builtin.end_col_offset or 0 :]
    lines[first : last + 1] = [f"{head}(\n", *(f"    {name},\n" for name in names), f"){tail}"]
    after = (imports[-1].end_lineno or imports[-1].lineno) if imports else _after_docstring(tree)
    lines.insert(after, f"from {new.module} import {new.cls}\n")
    return "".join(lines)


def _after_docstring(tree: ast.Module) -> int:
    first = tree.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (first.end_lineno or 0) if documented else 0


def scaffold(plan: Plan, root: Path) -> list[Path]:
    """Write the rule, its test and its entry in BUILTIN; return the three files. Raise ScaffoldError if it cannot."""
    rule = root / "treedebug" / "rules" / plan.family / f"{plan.stem}.py"
    test = root / "tests" / "rules" / plan.family / f"test_{plan.stem}.py"
    index = root / "treedebug" / "rules" / "__init__.py"
    for path in (rule, test):
        if path.exists():
            raise ScaffoldError(f"{path.relative_to(root)} is there already; nothing was changed")
    entry = registered(index.read_text(encoding="utf-8"), known_rules(root), plan.entry)
    rule.parent.mkdir(parents=True, exist_ok=True)
    (rule.parent / "__init__.py").touch()
    test.parent.mkdir(parents=True, exist_ok=True)
    rule.write_text(plan.fill(_RULE), encoding="utf-8")
    test.write_text(plan.fill(_TEST), encoding="utf-8")
    index.write_text(entry, encoding="utf-8")
    _tidy([rule, test, index], root)
    return [rule, test, index]


def _tidy(paths: Sequence[Path], root: Path) -> None:
    """Sort the imports and format, where ruff is there."""
    for arguments in (["check", "--quiet", "--select=I", "--fix-only"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, *map(str, paths)], cwd=root, check=False)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the tool; return 2 if the rule cannot be started."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("code", help="prefix of the family and three digits: CV107")
    parser.add_argument("name", help="what is wrong, in lower-case words joined by dashes: noisy-validation")
    given = parser.parse_args(arguments)
    try:
        plan = make_plan(given.code, given.name, known_rules(root))
        rule, test, index = (path.relative_to(root) for path in scaffold(plan, root))
    except ScaffoldError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(
        f"{plan.code} {plan.name} is started, and registered in {index}. Next:\n"
        f"  1. {test}: a case for each side; it fails until they are there\n"
        f"  2. {rule}: the page in the docstring, the parameters, and `check`\n"
        f"  3. make docs test"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
