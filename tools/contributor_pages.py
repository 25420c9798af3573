"""Write what CONTRIBUTING says of floors, and docs/signals.md, from pyproject.toml and the source; --check only looks.

python tools/contributor_pages.py            write them
python tools/contributor_pages.py --check    exit 1 if one is out of date
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import nn_bridge.signals
import treedebug.core
import treedebug.signals
import treedebug.testing

ROOT = Path(__file__).parent.parent
FLOORS = re.compile(r"(?<=<!-- floors -->\n).*?(?=<!-- /floors -->)", re.DOTALL)
_SIGNALS_HEAD = """# What a rule can ask for, and what its tests are made of

Generated from the source by `make docs`. A rule asks by the types of `check`'s arguments; with `X | None` it is asked
without X, too, and gets None.
"""


def layers(package: str) -> list[list[str]]:
    """Return the floors of a package as pyproject.toml enforces them, the highest first; those not built left out."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    contract = next(c for c in settings["contracts"] if c.get("containers") == [package])
    named = [[part.strip(" ()") for part in layer.split("|")] for layer in contract["layers"]]
    there = [[name for name in names if (ROOT / package / name).is_dir()] for names in named]
    return [names for names in there if names]


def floors_table(package: str) -> str:
    """Return the floors as a table, the highest first; each says in its `__init__` what it holds."""
    rows = [
        f"| {level} | `{name}` | {_summary(ROOT / package / name / '__init__.py')} |"
        for level, names in zip(range(len(layers(package)) - 1, -1, -1), layers(package), strict=True)
        for name in names
    ]
    return "\n".join([f"| floor | folder of `{package}` | holds |", "|---|---|---|", *rows]) + "\n"


def contributing() -> str:
    """Return CONTRIBUTING.md with the tables of floors as pyproject.toml has them."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return FLOORS.sub("\n" + "\n".join(floors_table(p) for p in ("treedebug", "nn_bridge")) + "\n", text)


def signals_page() -> str:
    """Return the page of streams, signals and test builders."""
    parts = [_SIGNALS_HEAD]
    streams = [c for m in _modules(treedebug.core) for c in _classes(m) if hasattr(c, "until")]
    parts += ["## Recorded streams\n", _types_table(streams)]
    families: dict[str, list[type]] = {}
    for package in (treedebug.signals, nn_bridge.signals):
        for module in _modules(package):
            family = module.__name__.split(".")[2] if package is treedebug.signals else "networks"
            families.setdefault(family, []).extend(c for c in _classes(module) if hasattr(c, "measure"))
    for family, kinds in families.items():
        parts += [f"## Signals: {family}\n", _types_table(kinds)]
    builders = [getattr(treedebug.testing, name) for name in treedebug.testing.__all__]
    rows = [f"| `{b.__name__}{_arguments(b)}` | {_first(inspect.getdoc(b) or '')} |" for b in builders]
    parts += ["## `treedebug.testing`\n", "\n".join(["| builder | makes |", "| --- | --- |", *rows]) + "\n"]
    return "\n".join(parts)


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def _classes(module: ModuleType) -> list[type]:
    found = [c for c in vars(module).values() if inspect.isclass(c) and c.__module__ == module.__name__]
    return [c for c in found if not c.__name__.startswith("_") and not getattr(c, "_is_protocol", False)]


def _types_table(kinds: list[type]) -> str:
    rows = [f"| `{k.__name__}` | `{k.__module__}` | {_first(inspect.getdoc(k) or '')} |" for k in kinds]
    return "\n".join(["| type | import it from | holds |", "| --- | --- | --- |", *rows]) + "\n"


def _arguments(builder: object) -> str:
    names = [] if inspect.isclass(builder) else list(inspect.signature(builder).parameters)  # type: ignore[arg-type]
    return f"({', '.join(names)})" if names else ""


def _summary(path: Path) -> str:
    return _first(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")


def _first(doc: str) -> str:
    """Return the first paragraph in one line, fit for a cell."""
    return " ".join(doc.split("\n\n", maxsplit=1)[0].split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write or check; return the exit code."""
    pages = {"CONTRIBUTING.md": contributing(), "docs/signals.md": signals_page()}
    stale = [n for n, text in pages.items() if not (ROOT / n).exists() or (ROOT / n).read_text("utf-8") != text]
    for name in stale:
        if "--check" in arguments:
            print(f"{name} is out of date: run make docs", file=sys.stderr)
        else:
            (ROOT / name).write_text(pages[name], encoding="utf-8", newline="\n")
            print(name)
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
