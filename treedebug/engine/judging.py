"""Judging: which rules look at a training while it runs, and what is done about their findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from treedebug.core.protocols import Action
from treedebug.engine.config import Config, settle
from treedebug.engine.rule import Rule
from treedebug.engine.rule_selection import chosen_rules
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
        return chosen_rules(self.settled(), self.rules, builtin=builtin)

    def settled(self) -> Config:
        """Return the configuration that holds: the one given or that of the current folder, with the caller's rules."""
        return settle(self.config, select=self.select, ignore=self.ignore)
