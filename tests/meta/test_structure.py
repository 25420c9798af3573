"""The house rules no linter knows: sizes, imports at the top, no unpickling, tests that mirror the tree."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.meta.sources import PACKAGES, ROOT, SOURCES, texts, trees

MAX_LINES = 300
UNSAFE_MODULES = {"pickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}
OTHER_TESTS = {"meta", "tools", "integration", "nn_bridge", "benchmarks", "properties"}
"""Folders of tests that stand beside the mirrored ones."""


def imported(node: ast.AST) -> list[str]:
    """Modules a statement imports; none if it is no import."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "treedebug"] if node.level == 0 else ["treedebug"]
    return []


def own_imports_in_functions(source: str) -> list[str]:
    """Imports of our own packages inside functions: they hide an arrow that points upwards."""
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = [module for function in functions for node in ast.walk(function) for module in imported(node)]
    return [module for module in inside if module.split(".")[0] in PACKAGES]


def unsafe(source: str) -> list[str]:
    """Everything that could run what a file says."""
    return [found for node in ast.walk(ast.parse(source)) for found in _unsafe(node)]


def _unsafe(node: ast.AST) -> Iterator[str]:
    yield from (module for module in imported(node) if module.split(".")[0] in UNSAFE_MODULES)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS:
            yield f"{node.func.id}()"
        yield from (
            "allow_pickle"
            for keyword in node.keywords
            if keyword.arg == "allow_pickle"
            and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        )
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"read_pickle", "to_pickle"}:
            yield f".{node.func.attr}()"


def test_no_long_files():
    lines = {name: len(text.splitlines()) for name, text in texts().items()}
    assert {name: n for name, n in lines.items() if n > MAX_LINES} == {}


def test_most_files_are_short():
    lines = [len(text.splitlines()) for name, text in texts().items() if not name.endswith("__init__.py")]
    assert median(lines) <= 90


def test_our_own_packages_are_imported_at_the_top():
    found = {name: own_imports_in_functions(text) for name, text in texts().items()}
    assert {name: modules for name, modules in found.items() if modules} == {}


def test_nothing_that_is_read_is_run():
    found = {name: unsafe(text) for name, text in texts().items()}
    # The state of a pickled callback, within a pickle that is being read: only so can it be left unread where treedebug
    # is not installed.
    assert found.pop("treedebug/api/xgboost_callback.py") == ["pickle"]
    assert {name: calls for name, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    import treedebug.core.run.run_data", ["treedebug.core.run.run_data"]),
        ("class A:\n    async def f(self):\n        if 1:\n            from nn_bridge import x", ["nn_bridge"]),
        ("def f():\n    from . import x", ["treedebug"]),
        ("def f():\n    import xgboost", []),
        ("if TYPE_CHECKING:\n    from treedebug.core.run.run_data import Note", []),
    ],
)
def test_imports_in_functions_are_seen(source, found):
    assert own_imports_in_functions(source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", ["pickle"]),
        ("def f():\n    from pickle import loads", ["pickle"]),
        ("eval('1')", ["eval()"]),
        ("exec(x)", ["exec()"]),
        ("np.load(p, allow_pickle=True)", ["allow_pickle"]),
        ("np.load(p, allow_pickle=False)", []),
        ("pd.read_pickle(p)", [".read_pickle()"]),
        ("re.compile('x'); self.eval(log)", []),
    ],
)
def test_unsafe_code_is_seen(source, found):
    assert unsafe(source) == found


def test_every_floor_has_its_tests():
    floors = {
        folder.name
        for folder in (ROOT / "treedebug").iterdir()
        if folder.is_dir() and any(path.name != "__init__.py" for path in folder.rglob("*.py"))
    }
    assert {floor for floor in floors if not any((ROOT / "tests" / floor).rglob("test_*.py"))} == set()


def test_every_folder_of_tests_mirrors_a_package():
    folders = [path for path in (ROOT / "tests").rglob("*") if path.is_dir() and any(path.glob("test_*.py"))]
    strays = [
        str(folder.relative_to(ROOT))
        for folder in folders
        if folder.relative_to(ROOT / "tests").parts[0] not in OTHER_TESTS
        and not (ROOT / "treedebug" / folder.relative_to(ROOT / "tests")).is_dir()
    ]
    assert strays == []


def test_every_rule_has_a_test_of_its_name():
    rules = [path for path in (ROOT / "treedebug" / "rules").glob("*/*.py") if not path.name.startswith("_")]
    tests = {path.relative_to(ROOT / "tests") for path in (ROOT / "tests" / "rules").rglob("test_*.py")}
    wanted = {Path("rules", path.parent.name, f"test_{path.name}") for path in rules}
    assert {str(path) for path in wanted - tests} == set()


def test_files_are_not_hidden_from_git():
    listed = [str(path.relative_to(ROOT)) for path in [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]]
    listed += [f"treedebug/rules/{family}/some_rule.py" for family in ("runs", "data", "system", "params")]
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    ignored = _git_ignored(listed)
    assert ignored == []


def _git_ignored(paths: list[str]) -> list[str]:
    done = subprocess.run(
        ["git", "check-ignore", "--stdin"],
        cwd=ROOT,
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split()


def methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}


def is_hole(method: ast.FunctionDef) -> bool:
    """Whether a base leaves a method to its subclasses: abstract, or nothing but a constant."""
    does = (ast.Call, ast.Assign, ast.AugAssign, ast.For, ast.If, ast.With)
    lines = [n for n in method.body if not isinstance(n, ast.Raise)]
    is_abstract = any("abstract" in ast.unparse(d) for d in method.decorator_list)
    return is_abstract or not any(isinstance(n, does) for line in lines for n in ast.walk(line))


def taken_names(classes: dict[str, ast.ClassDef]) -> list[str]:
    """Private methods that a class has under the name of one of a base's, which then is never called."""
    found = []
    for name, node in classes.items():
        bases, above = [ast.unparse(b).split("[")[0].split(".")[-1] for b in node.bases], []
        while bases:
            base = classes.get(bases.pop())
            if base is not None:
                above.append(base)
                bases += [ast.unparse(b).split("[")[0].split(".")[-1] for b in base.bases]
        for method in methods(node).values():
            is_private = method.name.startswith("_") and not method.name.startswith("__")
            hidden = [b.name for b in above if method.name in methods(b) and not is_hole(methods(b)[method.name])]
            if is_private and hidden and f"super().{method.name}(" not in ast.unparse(method):
                found.append(f"{name}.{method.name} hides {hidden[0]}'s")
    return found


def test_no_class_takes_the_name_of_a_private_method_of_its_base() -> None:
    """A record of networks was never closed: two classes had a `_close`, and Python calls the lower one."""
    classes = {n.name: n for tree in trees().values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}
    assert taken_names(classes) == []


def test_a_taken_name_is_seen() -> None:
    source = """
class A:
    def _hole(self): "Do."
    def _close(self): self.sink.close()
    def _more(self): self.y = 1
class B(A): pass
class C(B):
    def _hole(self): self.x = 2
    def _close(self): self.x = 2
    def _more(self): super()._more()
"""
    classes = {n.name: n for n in ast.parse(source).body if isinstance(n, ast.ClassDef)}
    assert taken_names(classes) == ["C._close hides A's"]
