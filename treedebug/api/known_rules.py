"""All rules there are, and the ones that a configuration selects: the engine's, with the built-in rules in any case."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.engine import rule_selection
from treedebug.engine.config import Config
from treedebug.engine.registry import Registry
from treedebug.engine.rule import Rule
from treedebug.rules import BUILTIN


def registry(extra: Sequence[type[Rule]] = ()) -> Registry:
    """Return the built-in rules, those of installed packages (entry-point group `treedebug.rules`), and `extra` ones.

    A package's rule that cannot be loaded or clashes raises ConfigError naming it.
    """
    return rule_selection.registry(extra, builtin=BUILTIN)


def chosen_rules(config: Config, own: Sequence[Rule | type[Rule]] = (), *, of_pairs: bool = False) -> list[Rule]:
    """Return the rules that `config` selects, and the caller's own, which are always on.

    See `engine.rule_selection`.
    """
    return rule_selection.chosen_rules(config, own, of_pairs=of_pairs, builtin=BUILTIN)
