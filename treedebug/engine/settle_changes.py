"""Make advice followable: nothing in use, nothing the library refuses, no lower rate in the old number of rounds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from treedebug.core.changes import DATA, HIGHER, PARAMETER, Change, Effect
from treedebug.core.findings import Finding
from treedebug.core.params.parameter_names import DEFAULTS
from treedebug.core.params.user_spelling import (
    PATIENCE,
    RATE,
    ROUNDS,
    is_in_use,
    is_parameter,
    is_refused,
    plain_name,
    spelled,
    typed,
    value_in_use,
)
from treedebug.core.run.run_data import Header

_OF_TREES = ("", *DEFAULTS)
_LOWER = 0.9
_SLOW = 0.05
_MOST_ROUNDS = 5000


def settle_changes(findings: Iterable[Finding], header: Header) -> list[Finding]:
    """Return the findings, each with advice that this user can follow."""
    return [replace(f, try_next=settled(f.try_next, header)) if f.try_next else f for f in findings]


def settled(changes: Iterable[Change], header: Header) -> tuple[Change, ...]:
    """Return the changes without those in use or refused; a lower learning rate with the rounds that it takes."""
    kept: list[Change] = []
    for change in changes:
        if change.kind == PARAMETER and (
            is_in_use(header, change.parameter, change.value) or is_refused(header, change.parameter, change.value)
        ):
            continue
        is_data = change.kind == PARAMETER and header.library in _OF_TREES and not is_parameter(change.parameter)
        change = replace(change, kind=DATA) if is_data else change  # noqa: PLW2901 - the same, by its right kind
        if change not in kept:
            kept.append(change)
    for change in [c for c in kept if c.kind == PARAMETER and _is_slower(header, c)]:
        beside = {plain_name(c.parameter, header) for c in kept if c.group in ("", change.group)}
        at = kept.index(change) + 1
        kept[at:at] = _company(header, change, beside)
    return tuple(kept)


def usual_patience(rate: float | None) -> int:
    """Rounds to wait for a better one: smaller steps take more."""
    return 50 if rate is None or rate >= _SLOW else 100


def _is_slower(header: Header, change: Change) -> bool:
    if header.slow_rounds or plain_name(change.parameter, header) != RATE:
        return False
    now = value_in_use(header, RATE)
    return isinstance(now, int | float) and isinstance(change.value, int | float) and change.value < _LOWER * now


def _company(header: Header, change: Change, beside: set[str]) -> list[Change]:
    """More rounds, and early stopping to end them, for those a lower rate has not got."""
    rounds, now, more = value_in_use(header, ROUNDS), value_in_use(header, RATE), []
    if ROUNDS not in beside and rounds:
        needed = min(math.ceil(rounds * now / change.value), max(_MOST_ROUNDS, rounds))
        why = "small steps take more rounds" + (" (new ones)" if header.start_round else "")
        more.append(_change(header, ROUNDS, needed, why, change.group))
    if PATIENCE not in beside and value_in_use(header, PATIENCE) is None:
        patience = usual_patience(change.value)
        more.append(_change(header, PATIENCE, patience, "on a validation set, ends them in time", change.group))
    return [c for c in more if not is_in_use(header, c.parameter, c.value)]


def _change(header: Header, canonical: str, value: int, why: str, group: str) -> Change:
    effect = Effect(time=HIGHER if canonical == ROUNDS else "")
    return Change(
        spelled(header, canonical), value, why, group=group, effect=effect, text=typed(header, canonical, value)
    )
