"""Judging: which rules look at a training while it runs, and what is done about their findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.protocols import Action
from treedebug.engine.config import Config, settle
from treedebug.engine.rule import Rule
from treedebug.engine.rule_selection import chosen_rules, registry
from treedebug.engine.watcher import check_actions


@dataclass(frozen=True)
class Judging:
    """The arguments of a recorder that say who judges; as the user gave them."""

    rules: Sequence[Rule | type[Rule]] = ()
    select: Sequence[str] | None = None
    ignore: Sequence[str] | None = None
    config: Config | None = None
    actions: Sequence[Action] = ()

    def chosen(self, builtin: Sequence[type[Rule]] = ()) -> list[Rule]:
        """Return the rules that look. Raises ConfigError for arguments that make no sense, the actions among them."""
        check_actions(self.actions)
        settled = settle(self.config, select=self.select, ignore=self.ignore)
        chosen = chosen_rules(settled, self.rules, builtin=builtin)
        own = [rule if isinstance(rule, type) else type(rule) for rule in self.rules]
        _check_waiting(self.actions, [*registry(builtin=builtin), *own])
        return chosen


def _check_waiting(actions: Sequence[Action], rules: Sequence[type[Rule]]) -> None:
    """Raise ConfigError for an action that waits for a rule that there is not: it would wait in vain."""
    names = [word for rule in rules for word in (rule.code, rule.name)]
    for action in actions:
        on = getattr(action, "on", ())
        for word in on if isinstance(on, list | tuple) else ():
            if isinstance(word, str) and not any(n.startswith(word.upper()) or n == word.lower() for n in names):
                raise ConfigError(f"{action!r} waits for {word!r}, which is no rule.{did_you_mean(word, names)}")
