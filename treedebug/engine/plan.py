"""One plan of all findings: what to do together, what may be done instead, what to ask and to find out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from treedebug.core.changes import DATA, EXPERIMENT, LOWER, QUESTION, Change, Plan, alternatives
from treedebug.core.finding_order import families
from treedebug.core.findings import Finding, Severity
from treedebug.core.params.user_spelling import PATIENCE, ROUNDS, plain_name, value_in_use
from treedebug.core.run.run_data import Header


def make_plan(findings: Iterable[Finding], header: Header) -> Plan:
    """Return the plan, from the first cause to the last.

    A symptom is left to its cause, unless the cause proposes nothing but when to stop. Of a parameter the first value
    holds; a way that would change it again is left out whole. What is merely worth knowing changes a training only
    where it is expected to lower the loss. Ending a training after fewer rounds is an alternative to all else.
    """
    draft = _Draft(header)
    for family in families(findings):
        for finding in family:
            if draft.take(finding):
                break
    return draft.plan()


@dataclass
class _Draft:
    """A plan being written."""

    header: Header
    chosen: dict[str, Change] = field(default_factory=dict)
    data: dict[str, Change] = field(default_factory=dict)
    shorter: list[Change] = field(default_factory=list)
    other: dict[str, tuple[Change, ...]] = field(default_factory=dict)
    asked: dict[str, Change] = field(default_factory=dict)
    tried: dict[str, Change] = field(default_factory=dict)

    def take(self, finding: Finding) -> bool:
        """Add what a finding proposes, as far as it fits what stands; whether that is more than when to stop."""
        for change in finding.try_next:
            if change.kind in (QUESTION, EXPERIMENT):
                (self.asked if change.kind == QUESTION else self.tried).setdefault(str(change), change)
        given = [c for c in finding.try_next if c.is_followed]
        if finding.severity is Severity.INFO:
            helpful = {c.group for c in given if c.effect.loss == LOWER}
            given = [c for c in given if c.group in helpful]
        first, *rest = alternatives(given)
        self._merge([c for c in first if c.kind == DATA])
        self._choose([c for c in first if c.kind != DATA])
        for way in rest:
            mine = tuple(c for c in way if c.kind != DATA and c.group)
            self.other.setdefault("; ".join(map(str, mine)), mine)
        return any(c.kind == DATA or plain_name(c.parameter, self.header) not in (ROUNDS, PATIENCE) for c in first)

    def _merge(self, changes: Sequence[Change]) -> None:
        """Data: lists under one name are joined."""
        for change in changes:
            known = self.data.setdefault(change.parameter, change)
            if isinstance(known.value, list) and isinstance(change.value, list):
                self.data[change.parameter] = replace(known, value=list(dict.fromkeys([*known.value, *change.value])))

    def _choose(self, changes: Sequence[Change]) -> None:
        cuts = [c for c in changes if self._is_cut(c)]
        self.shorter += cuts
        way = {plain_name(c.parameter, self.header): c for c in changes if c not in cuts}
        known = {name: self.chosen[name] for name in way if name in self.chosen}
        if any(name not in (ROUNDS, PATIENCE) for name in known):
            return  # another finding has changed it already: a part of a way may do harm
        for name, change in way.items():
            if name not in known or change.value > self.chosen[name].value:  # more rounds, or a longer patience
                self.chosen[name] = change

    def _is_cut(self, change: Change) -> bool:
        now = value_in_use(self.header, ROUNDS)
        return plain_name(change.parameter, self.header) == ROUNDS and isinstance(now, int) and change.value < now

    def plan(self) -> Plan:
        """Return the changes; a cut only where nothing else is changed."""
        ways = list(self.other.values())
        if self.chosen:
            ways += [(c,) for c in self.shorter]
        elif self.shorter:
            self.chosen[ROUNDS] = min(self.shorter, key=_value)
        mine = {str(c) for c in self.chosen.values()}
        ways = [w for w in ways if w and not {str(c) for c in w} <= mine]
        return Plan(
            (*self.chosen.values(), *self.data.values()),
            tuple({"; ".join(map(str, w)): w for w in ways}.values()),
            tuple(self.asked.values()),
            tuple(self.tried.values()),
        )


def _value(change: Change) -> Any:
    return change.value
