"""All rules there are, and the ones that a configuration selects."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Sequence

from treedebug.core.errors import ConfigError
from treedebug.core.run.run_data import ComparedRun
from treedebug.engine.config import Config
from treedebug.engine.registry import Registry, installed_rules
from treedebug.engine.resolve import reads
from treedebug.engine.rule import Rule


def registry(extra: Sequence[type[Rule]] = (), *, builtin: Sequence[type[Rule]] = ()) -> Registry:
    """Return the rules of all installed packages, treedebug's own too and `extra`.

    They are found by the entry-point group `treedebug.rules`.

    A package's rule that cannot be loaded or clashes raises ConfigError naming it.
    """
    found, problems = installed_rules()
    if problems:
        raise ConfigError("; ".join(problems))
    return Registry([*found, *extra], builtin=builtin)


def chosen_rules(
    config: Config,
    own: Sequence[Rule | type[Rule]] = (),
    *,
    of_pairs: bool = False,
    builtin: Sequence[type[Rule]] = (),
) -> list[Rule]:
    """Return the rules that `config` selects, and the caller's own, which are always on.

    A class takes its parameters from `config`, an instance keeps those it was made with. Rules on one run, or with
    `of_pairs` those that compare it with another. `builtin` are known whether installed or not.
    """
    for rule in [own] if isinstance(own, str) else own:
        if not (isinstance(rule, Rule) or (inspect.isclass(rule) and issubclass(rule, Rule))):
            chooses = "; built-in rules are chosen with select=['CV102']" if isinstance(rule, str) else ""
            raise ConfigError(f"rules= takes a list of your own treedebug.Rule classes; got {rule!r}{chooses}")
    classes = [r if inspect.isclass(r) else type(r) for r in own]
    known = registry(builtin=builtin)
    installed = {r.code: r for r in known}
    for rule in classes:
        if installed.get(rule.code) is not rule:
            known.add(rule)
    selected = {r.code: r for r in config.rules(known)}
    codes = tuple(r.code for r in classes)
    configured = {r.code: r for r in dataclasses.replace(config, select=codes, ignore={}).rules(known)} if own else {}
    for rule in own:
        selected[rule.code] = rule if isinstance(rule, Rule) else configured[rule.code]
    return [rule for _, rule in sorted(selected.items()) if reads(rule.check, ComparedRun) == of_pairs]
