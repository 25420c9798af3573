"""Start a rule: its file, its test, and its entry in BUILTIN. Usage: make rule CODE=CV107 NAME=noisy-validation."""

from __future__ import annotations

import argparse
import ast
import keyword
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.rule_templates import RULE, TEST

ROOT = Path(__file__).parent.parent

_RUN_DATA = "treedebug.core.run.run_data"
_TREES, _NETS = "treedebug.rules", "nn_bridge.rules"


@dataclass(frozen=True)
class Family:
    """Where the rules of a family stand, and the stream the scaffold asks for."""

    name: str
    """The folder of a family of treedebug's."""
    stream: str
    module: str
    package: str = _TREES
    index: str = "BUILTIN"
    """The tuple in the package's `__init__` that lists the rules."""

    @property
    def rules(self) -> str:
        """The package that holds the family's rules."""
        return f"{self.package}.{self.name}" if self.package == _TREES else self.package

    @property
    def tests(self) -> Path:
        """The folder of the family's tests."""
        return Path("tests", *self.rules.removeprefix("treedebug.").split("."))


FAMILIES = {
    "CV": Family("curves", "EvalLog", "treedebug.core.run.eval_log"),
    "TR": Family("trees", "TreeSummary", "treedebug.core.run.tree_summary"),
    "FT": Family("features", "TreeSummary", "treedebug.core.run.tree_summary"),
    "CL": Family("classes", "ClassLog", "treedebug.core.run.class_log"),
    "HP": Family("params", "Header", _RUN_DATA),
    "DA": Family("data", "DataSets", "treedebug.core.data.data_sets"),
    "RC": Family("runs", "RunData", _RUN_DATA),
    "SC": Family("schedules", "RateLog", "treedebug.core.run.rate_log"),
    "SY": Family("system", "RoundLog", "treedebug.core.run.eval_log"),
    "NN": Family("networks", "StepLoss", "nn_bridge.signals.sampled_steps", _NETS, "RULES"),
}
"""By the first two letters of the code."""

_CODE = re.compile(r"([A-Z]{2})\d{3}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CURES = re.compile(
    "(add|adjust|avoid|change|check|choose|compare|count|decrease|detect|disable|drop|enable|ensure|evaluate|find|fix|"
    "get|handle|improve|increase|inspect|keep|limit|look|lower|make|measure|monitor|prefer|prevent|raise|reduce|remove|"
    "report|require|run|set|show|stop|test|track|train|try|tune|use|validate|verify|warn|watch)(-|$)"
)
"""First words of names that say what to do, not what is wrong."""
_TAKEN_CLASSES = {"Rule", "Finding", "Iterator", *(family.stream for family in FAMILIES.values())}


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
    def family(self) -> Family:
        """The family of its code."""
        return FAMILIES[self.code[:2]]

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
        return Known(self.cls, f"{self.family.rules}.{self.stem}", self.code, self.name)

    def fill(self, template: str) -> str:
        """Return a template with this rule's names."""
        names = {"stem": self.stem, "cls": self.cls, "rules": self.family.rules}
        argument = re.sub(r"(?<!^)(?=[A-Z])", "_", self.family.stream).lower()
        asks = {"stream": self.family.stream, "module": self.family.module, "argument": argument}
        return template.format(code=self.code, name=self.name, **names, **asks)


def known_rules(root: Path) -> list[Known]:
    """Return every rule class in the source, by code."""
    folders = [root.joinpath(*package.split(".")) for package in (_TREES, _NETS)]
    found = []
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
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
    families = ", ".join(f"{prefix} {family.name}" for prefix, family in FAMILIES.items())
    if match is None:
        raise ScaffoldError(f"a code is two capital letters and three digits, e.g. CV107; got {code!r}")
    if match[1] not in FAMILIES:
        raise ScaffoldError(f"no family of rules has the prefix {match[1]!r}; there are: {families}")
    if _NAME.fullmatch(name) is None:
        raise ScaffoldError(f"a name is lower-case words joined by dashes, e.g. noisy-validation; got {name!r}")
    if _CURES.match(name):
        raise ScaffoldError(
            f"{name!r} says what to do; a rule is named for what is wrong, e.g. unguarded-rounds and not check-patience"
        )
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


def registered(source: str, known: Sequence[Known], new: Known, *, index: str = "BUILTIN") -> str:
    """Return the source of the package's `__init__` with the new rule in its tuple, by code. Raise ScaffoldError."""
    lines = source.splitlines(keepends=True)
    tree = ast.parse(source)
    tuples = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and any(
            isinstance(t, ast.Name) and t.id == index for t in getattr(node, "targets", [getattr(node, "target", 0)])
        )
    ]
    if len(tuples) != 1 or not isinstance(tuples[0], ast.Tuple):
        raise ScaffoldError(f"the package of rules has no `{index} = (...)` tuple of rule classes to add to")
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
    rule = root.joinpath(*plan.family.rules.split("."), f"{plan.stem}.py")
    test = root / plan.family.tests / f"test_{plan.stem}.py"
    index = root.joinpath(*plan.family.package.split("."), "__init__.py")
    for path in (rule, test):
        if path.exists():
            raise ScaffoldError(f"{path.relative_to(root)} is there already; nothing was changed")
    entry = registered(index.read_text(encoding="utf-8"), known_rules(root), plan.entry, index=plan.family.index)
    rule.parent.mkdir(parents=True, exist_ok=True)
    (rule.parent / "__init__.py").touch()
    test.parent.mkdir(parents=True, exist_ok=True)
    rule.write_text(plan.fill(RULE), encoding="utf-8")
    test.write_text(plan.fill(TEST), encoding="utf-8")
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
        f"  3. CONTRIBUTING.md: the fault benchmark, the changelog\n"
        f"  4. make docs test"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
