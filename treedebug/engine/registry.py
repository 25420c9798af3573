"""The rules there are: built in, from entry points, and the user's own."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.uncollected import uncollected
from treedebug.engine.resolve import needs
from treedebug.engine.rule import Rule

_CODE = re.compile(r"[A-Z]{2,4}\d{3}")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ENTRY_POINTS = "treedebug.rules"
_KEPT = 1024


class Registry:
    """Rule classes by code. Raises ConfigError for an illegal or doubled code or name."""

    def __init__(self, rules: Iterable[type[Rule]] = (), *, builtin: Iterable[type[Rule]] = ()) -> None:
        self._rules: dict[str, type[Rule]] = {rule.code: rule for rule in builtin}
        """Built-in rules are legal: their tests say so."""
        self._by_name: dict[str, type[Rule]] = {rule.name: rule for rule in self._rules.values()}
        for rule in rules:
            self.add(rule)

    def add(self, rule: type[Rule]) -> None:
        """Register one rule class."""
        if not (inspect.isclass(rule) and issubclass(rule, Rule)):
            raise ConfigError(f"expected a class derived from treedebug.Rule, got {rule!r}")
        if self._rules.get(rule.code) is rule:
            return
        _check_class(rule)  # type: ignore[arg-type]  # classes have hashes, whatever their instances have
        taken = self._rules.get(rule.code, rule)
        if taken is not rule:
            raise ConfigError(f"rule code {rule.code} is taken by {taken.__name__}; choose another")
        taken = self._by_name.get(rule.name, rule)
        if taken is not rule:
            raise ConfigError(f"rule name {rule.name!r} is taken by {taken.code}; choose another")
        self._by_name[rule.name] = rule
        self._rules[rule.code] = rule

    def get(self, code_or_name: str) -> type[Rule]:
        """Return a rule class by code (any case) or name. Raise ConfigError with a suggestion."""
        wanted = code_or_name.strip()
        for rule in self._rules.values():
            if wanted.upper() == rule.code or wanted.lower() == rule.name:
                return rule
        known = [*self._rules, *(r.name for r in self._rules.values())]
        hint = did_you_mean(wanted.upper(), known) or did_you_mean(wanted.lower(), known)
        raise ConfigError(f"no rule {wanted!r}.{hint} `treedebug rules` lists them all.")

    def matching(self, selector: str) -> list[type[Rule]]:
        """Return rules of a code, a name, a prefix ("CV", "CV1") or "ALL". Raise ConfigError if there is none."""
        wanted = selector.strip()
        if wanted.upper() == "ALL":
            return list(self)
        by_prefix = [r for r in self if wanted and r.code.startswith(wanted.upper())]
        return by_prefix or [self.get(wanted)]

    def is_elsewhere(self, code: str) -> bool:
        """Return whether this is the code of a rule handed over in Python elsewhere, not a misspelt one."""
        family = code.upper()[:-3]
        is_foreign = bool(_CODE.fullmatch(code.upper())) and not any(c[:-3] == family for c in self._rules)
        return is_foreign and not difflib.get_close_matches(code.upper(), self._rules, cutoff=0.8)

    def __iter__(self) -> Iterator[type[Rule]]:
        """Yield rules in order of their codes."""
        return iter([self._rules[code] for code in sorted(self._rules)])

    def __len__(self) -> int:
        """Return the number of rules."""
        return len(self._rules)


@functools.lru_cache(maxsize=_KEPT)
def _check_class(rule: type[Rule]) -> None:
    """Raise ConfigError for a class that cannot be a rule. A sound one is looked at once."""
    stray = [name for name, value in vars(rule).items() if isinstance(value, dataclasses.Field)]
    if stray:
        raise ConfigError(
            f"{rule.__name__} has parameters ({', '.join(stray)}) but is no dataclass: "
            "put @dataclass(frozen=True, kw_only=True) above the class"
        )
    if not _CODE.fullmatch(rule.code):
        raise ConfigError(
            f"{rule.__name__}.code must be two to four capital letters and three digits "
            f"(e.g. 'MY001'); got {rule.code!r}"
        )
    if not _NAME.fullmatch(rule.name):
        raise ConfigError(f"{rule.__name__}.name must be lower-case words joined by dashes; got {rule.name!r}")
    if rule.check is Rule.check:
        raise ConfigError(f"{rule.__name__} ({rule.code}) has no check method: what would it look at?")
    _check_params(rule)
    needs(rule.check)


def _check_params(rule: type[Rule]) -> None:
    """Without the decorator a parameter would be a dataclasses.Field and not a number."""
    known = {f.name for f in dataclasses.fields(rule)}
    for kind in rule.__mro__:
        for name, value in vars(kind).items():
            if isinstance(value, dataclasses.Field) and name not in known:
                raise ConfigError(
                    f"{rule.__name__}.{name} is a param() of a class that is no dataclass: give the parameter a type "
                    "(`limit: float = param(...)`), and write @dataclass(frozen=True, kw_only=True) above the class"
                )


def installed_rules() -> tuple[list[type[Rule]], list[str]]:
    """Return rule classes of other packages (entry-point group `treedebug.rules`), and what could not be loaded."""
    found: list[type[Rule]] = []
    problems: list[str] = []
    for entry in _entries(tuple((place, _changed(place)) for place in sys.path)):
        try:
            with uncollected():
                loaded = entry.load()
        except Exception as error:  # noqa: BLE001 - another package's import may raise anything
            problems.append(
                f"rule {entry.name!r} ({entry.value}, an entry point of an installed package) cannot be loaded: "
                f"{type(error).__name__}: {error}; repair or uninstall the package"
            )
            continue
        found.extend(loaded if isinstance(loaded, list | tuple) else [loaded])
    return found, problems


@functools.lru_cache(maxsize=_KEPT)
def _entries(places: tuple[tuple[str, float], ...]) -> tuple[EntryPoint, ...]:  # noqa: ARG001 - when to look again
    """Return the entry points; reading those of every installed package takes longer than checking a run."""
    return tuple(entry_points(group=ENTRY_POINTS))


def _changed(place: str) -> float:
    """Return when something was installed at a place of the import path, or taken away."""
    try:
        return Path(place or ".").stat().st_mtime
    except OSError:
        return 0.0
