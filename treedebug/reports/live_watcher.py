"""The engine of a live training, with the lines it prints."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.core.protocols import Action
from treedebug.engine.rule import Rule
from treedebug.engine.watcher import Watcher
from treedebug.reports.live_lines import LiveConsole, LiveFindings


def live_watcher(rules: Sequence[Rule], actions: Sequence[Action], console: LiveConsole | None) -> Watcher:
    """Return a watcher that prints findings as they come to `console`; None prints nothing."""
    listeners = () if console is None else (LiveFindings(console),)
    return Watcher(rules, listeners=listeners, actions=actions)
