"""`[tool.treedebug]`: which rules look, with which thresholds, and what fails a check."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treedebug.core.data.column_choice import ColumnChoice
from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.findings import Severity
from treedebug.engine.registry import Registry
from treedebug.engine.rule import Rule

_KEYS = ("select", "ignore", "fail-on", "preview", "rules", "actions")
_DEFAULTS = "defaults"
_LEVELS = ("info", "warning", "error", "never")


@dataclass(frozen=True)
class Config:
    """Settings of a check. `ignore` maps a selector to the reason, `options` a rule code or name to its parameters."""

    select: tuple[str, ...] = ("ALL",)
    ignore: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, ColumnChoice] = field(default_factory=dict)
    """Selector -> the columns (features) that its rules look at."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    actions: tuple[Mapping[str, Any], ...] = ()
    """What to do about findings, as the tables say it; the actions are made of it above."""
    fail_on: Severity | None = Severity.WARNING
    preview: bool = False
    """Rules in preview take part in "ALL" and prefixes."""
    origin: str = _DEFAULTS

    def override(
        self,
        *,
        select: Sequence[str] | None = None,
        ignore: Sequence[str] | None = None,
        fail_on: str | None = None,
        preview: bool | None = None,
    ) -> Config:
        """Return the same settings with what a caller or the command line gave instead (`ignore` adds)."""
        changed = self
        if select is not None:
            chosen, only = _by_column(_selectors(select, "select"))
            changed = dataclasses.replace(changed, select=chosen, columns=_joined(changed.columns, only=only))
        if ignore:
            whole, without = _by_column(_selectors(ignore, "ignore"), keep=False)
            added = dict.fromkeys(whole, "ignored by the caller")
            columns = _joined(changed.columns, without=without)
            changed = dataclasses.replace(changed, ignore={**changed.ignore, **added}, columns=columns)
        if fail_on is not None:
            changed = dataclasses.replace(changed, fail_on=parse_level(fail_on, "--fail-on"))
        if preview is not None:
            changed = dataclasses.replace(changed, preview=preview)
        return changed

    def _takes(self, rule: type[Rule], selector: str) -> bool:
        named = selector.strip().lower() in (rule.code.lower(), rule.name)
        return self.preview or named or not rule.preview

    def rules(self, registry: Registry) -> list[Rule]:
        """Return the selected rules with their parameters, by code.

        Raise ConfigError for unknown rules or parameters.
        """
        try:
            chosen = {r.code: r for s in self.select for r in registry.matching(s) if self._takes(r, s)}
            for selector in self.ignore:
                for rule in [] if registry.is_elsewhere(selector) else registry.matching(selector):
                    chosen.pop(rule.code, None)
            options = {
                registry.get(key).code: values for key, values in self.options.items() if not registry.is_elsewhere(key)
            }
            choices = self._choices(registry)
            made = [make_rule(chosen[c], options.get(c, {})) for c in sorted(chosen)]
            return [r.for_columns(choices[r.code]) if r.code in choices else r for r in made]
        except ConfigError as error:
            raise error if self.origin == _DEFAULTS else ConfigError(f"{self.origin}: {error}") from None

    def _choices(self, registry: Registry) -> dict[str, ColumnChoice]:
        """Return columns by rule code, of all selectors that take the rule. Raise ConfigError for unknown rules."""
        choices: dict[str, ColumnChoice] = {}
        for selector, choice in self.columns.items():
            for rule in [] if registry.is_elsewhere(selector) else registry.matching(selector):
                known = choices.get(rule.code, ColumnChoice())
                choices[rule.code] = ColumnChoice(known.without | choice.without, known.only | choice.only)
        return choices


def make_rule(rule: type[Rule], options: Mapping[str, Any]) -> Rule:
    """Return a rule with some parameters set. Raise ConfigError for an unknown parameter or a value out of range."""
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
    """Return one of "info", "warning", "error", or "never" (None). Raise ConfigError."""
    if not isinstance(text, str) or text.lower() not in _LEVELS:
        hint = did_you_mean(str(text).lower(), _LEVELS)
        raise ConfigError(f"{where} must be one of {', '.join(_LEVELS)}; got {text!r}.{hint}")
    return None if text.lower() == "never" else Severity[text.upper()]


def load_config(start: str | os.PathLike[str] | None = None) -> Config:
    """Return the settings of the nearest pyproject.toml with a `[tool.treedebug]` table, at or above `start`.

    `start` is a folder (default: the current one) or a TOML file, which then must have the table. Raise ConfigError.
    """
    if start is None:
        return _nearest(Path.cwd())
    path = Path(start)
    if path.is_dir():
        return _nearest(path)
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path} has no [tool.treedebug] table")
    return parse_config(table, str(path))


def settle(
    config: Config | None, *, select: Sequence[str] | None = None, ignore: Sequence[str] | None = None
) -> Config:
    """Return the settings a caller wants.

    These are those given, else those of the current folder, with the caller's choice of rules.
    """
    if config is not None and not isinstance(config, Config):
        raise ConfigError(
            f"config= takes a treedebug.Config, such as treedebug.load_config('pyproject.toml'); got {config!r}"
        )
    return (load_config() if config is None else config).override(select=select, ignore=ignore)


def _nearest(start: Path) -> Config:
    here = start.resolve()
    for folder in (here, *here.parents):
        path = folder / "pyproject.toml"
        table = _table(path) if path.is_file() else None
        if table is not None:
            return parse_config(table, str(path))
    return Config()


def _table(path: Path) -> Any:
    """Return the file's `[tool.treedebug]`, None without one."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    tools = data.get("tool")
    return tools.get("treedebug") if isinstance(tools, Mapping) else None


def parse_config(table: Any, origin: str) -> Config:
    """Check a `[tool.treedebug]` table. Raise ConfigError naming the file and key."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{origin}: [tool.treedebug] must be a table; got {table!r}")
    for key in table:
        if key not in _KEYS:
            raise ConfigError(
                f"{origin}: [tool.treedebug] has no setting {key!r}.{did_you_mean(key, _KEYS)} "
                f"It knows: {', '.join(_KEYS)}."
            )
    preview = table.get("preview", False)
    if not isinstance(preview, bool):
        raise ConfigError(f"{origin}: preview must be true or false; got {preview!r}")
    options = table.get("rules", {})
    if not isinstance(options, Mapping) or not all(isinstance(v, Mapping) for v in options.values()):
        raise ConfigError(
            f"{origin}: write rule parameters in tables, such as [tool.treedebug.rules.CV102]; got rules = {options!r}"
        )
    actions = table.get("actions", [])
    if not isinstance(actions, list) or not all(isinstance(a, Mapping) for a in actions):
        raise ConfigError(
            f'{origin}: write each action in a table, such as [[tool.treedebug.actions]] do = "notify"; got {actions!r}'
        )
    level = table.get("fail-on", "warning")
    select, only = _by_column(_selectors(table.get("select", ["ALL"]), f"{origin}: select"))
    ignore, without = _ignored(table.get("ignore", {}), f"{origin}: ignore")
    return Config(
        select=select,
        ignore=ignore,
        columns=_joined({}, only=only, without=without),
        options=options,
        actions=tuple(actions),
        fail_on=parse_level(level, f"{origin}: fail-on"),
        preview=preview,
        origin=origin,
    )


def _selectors(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(v, str) for v in value):
        raise ConfigError(f'{where} must be a list of rule codes, e.g. ["CV", "TR201"]; got {value!r}')
    return tuple(value)


def _ignored(value: Any, where: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return rules with the reason why they are ignored, and columns by rule."""
    if isinstance(value, Mapping):
        reasons = {k: v for k, v in value.items() if isinstance(v, str)}
        columns = {k: list(v) for k, v in value.items() if isinstance(v, list) and all(isinstance(n, str) for n in v)}
        if len(reasons) + len(columns) == len(value):
            return reasons, columns
    if isinstance(value, list):
        whole, columns = _by_column(_selectors(value, where), keep=False)
        return dict.fromkeys(whole, ""), columns
    raise ConfigError(
        f'{where} must be a list of rule codes, or a table of code = "reason" or code = ["column"]; got {value!r}'
    )


def _by_column(selectors: Sequence[str], *, keep: bool = True) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """Return the selectors, and the columns of those written "DA604:flag_x"; `keep` these among the selectors, too."""
    columns: dict[str, list[str]] = {}
    whole = []
    for selector in selectors:
        rule, colon, column = selector.partition(":")
        if colon:
            columns.setdefault(rule, []).append(column)
        if keep or not colon:
            whole.append(rule)
    return tuple(whole), columns


def _joined(
    known: Mapping[str, ColumnChoice],
    *,
    only: Mapping[str, Sequence[str]] | None = None,
    without: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, ColumnChoice]:
    """Return the choices of columns with more of them."""
    joined = dict(known)
    for given, is_only in ((only or {}, True), (without or {}, False)):
        for selector, names in given.items():
            before, new = joined.get(selector, ColumnChoice()), frozenset(names)
            joined[selector] = (
                ColumnChoice(before.without, before.only | new)
                if is_only
                else ColumnChoice(before.without | new, before.only)
            )
    return joined
