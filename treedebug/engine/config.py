"""`[tool.treedebug]`: which rules look, with which thresholds, and what fails a check."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.findings import Severity
from treedebug.engine.registry import Registry
from treedebug.engine.rule import Rule

_KEYS = ("select", "ignore", "fail-on", "rules")
_LEVELS = ("info", "warning", "error", "never")


@dataclass(frozen=True)
class Config:
    """Settings of a check. `ignore` maps a selector to the reason, `options` a rule code or name to its parameters."""

    select: tuple[str, ...] = ("ALL",)
    ignore: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fail_on: Severity | None = Severity.WARNING
    origin: str = "defaults"

    def override(
        self,
        *,
        select: Sequence[str] | None = None,
        ignore: Sequence[str] | None = None,
        fail_on: str | None = None,
    ) -> Config:
        """The same settings with what a caller or the command line gave instead (`ignore` adds)."""
        changed = self
        if select is not None:
            changed = dataclasses.replace(changed, select=tuple(select))
        if ignore:
            added = dict.fromkeys(ignore, "ignored by the caller")
            changed = dataclasses.replace(changed, ignore={**changed.ignore, **added})
        if fail_on is not None:
            changed = dataclasses.replace(changed, fail_on=parse_level(fail_on, "--fail-on"))
        return changed

    def rules(self, registry: Registry) -> list[Rule]:
        """The selected rules with their parameters, by code. Raises ConfigError for unknown rules or parameters."""
        chosen = {r.code: r for s in self.select for r in registry.matching(s)}
        for selector in self.ignore:
            for rule in registry.matching(selector):
                chosen.pop(rule.code, None)
        options = {registry.get(key).code: values for key, values in self.options.items()}
        return [make_rule(chosen[c], options.get(c, {})) for c in sorted(chosen)]


def make_rule(rule: type[Rule], options: Mapping[str, Any]) -> Rule:
    """A rule with some parameters set. Raises ConfigError for an unknown parameter or a value out of range."""
    known = {f.name for f in dataclasses.fields(rule)}
    names = {key.replace("-", "_"): value for key, value in options.items()}
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            raise ConfigError(
                f"rule {rule.code} has no parameter {name!r}.{did_you_mean(name, known)} It has: {listed}."
            )
    return rule(**names)


def parse_level(text: str, where: str) -> Severity | None:
    """ "info", "warning", "error", or "never" (None). Raises ConfigError."""
    if not isinstance(text, str) or text.lower() not in _LEVELS:
        hint = did_you_mean(str(text).lower(), _LEVELS)
        raise ConfigError(f"{where} must be one of {', '.join(_LEVELS)}; got {text!r}.{hint}")
    return None if text.lower() == "never" else Severity[text.upper()]


def load_config(start: Path | None = None) -> Config:
    """The `[tool.treedebug]` table of the nearest pyproject.toml at or above `start` (default: the current folder)."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            try:
                data = tomllib.loads(path.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise ConfigError(f"{path} is not valid TOML: {error}") from error
            except OSError as error:
                raise ConfigError(f"{path} cannot be read: {error}") from error
            table = data.get("tool", {}).get("treedebug")
            return parse_config(table, str(path)) if table is not None else Config()
    return Config()


def parse_config(table: Any, origin: str) -> Config:
    """Check a `[tool.treedebug]` table. Raises ConfigError naming the file and key."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{origin}: [tool.treedebug] must be a table")
    for key in table:
        if key not in _KEYS:
            raise ConfigError(
                f"{origin}: [tool.treedebug] has no setting {key!r}.{did_you_mean(key, _KEYS)} "
                f"It knows: {', '.join(_KEYS)}."
            )
    options = table.get("rules", {})
    if not isinstance(options, Mapping) or not all(isinstance(v, Mapping) for v in options.values()):
        raise ConfigError(f"{origin}: write rule parameters as [tool.treedebug.rules.CV102]")
    level = table.get("fail-on", "warning")
    return Config(
        select=_selectors(table.get("select", ["ALL"]), f"{origin}: select"),
        ignore=_ignored(table.get("ignore", {}), f"{origin}: ignore"),
        options=options,
        fail_on=parse_level(level, f"{origin}: fail-on"),
        origin=origin,
    )


def _selectors(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ConfigError(f'{where} must be a list of rule codes, e.g. ["CV", "TR201"]; got {value!r}')
    return tuple(value)


def _ignored(value: Any, where: str) -> dict[str, str]:
    if isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values()):
        return dict(value)
    if isinstance(value, list):
        return dict.fromkeys(_selectors(value, where), "")
    raise ConfigError(f'{where} must be a list of rule codes, or a table of code = "reason"; got {value!r}')
