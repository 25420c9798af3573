"""The engine of a live training, with the lines it prints."""

from __future__ import annotations

from collections.abc import Sequence

from treedebug.core.protocols import Action, Listener
from treedebug.engine.rule import Rule
from treedebug.engine.watcher import Watcher
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.live_findings import LiveFindings


def live_watcher(
    rules: Sequence[Rule],
    actions: Sequence[Action],
    console: LiveConsole | None,
    *,
    name: str = "",
    also: Sequence[Listener] = (),
) -> Watcher:
    """Return a watcher that prints findings as they come to `console`; None: they go to the log alone.

    `name` stands in each line, where one callback records several runs; `also` hear of the findings too.
    """
    return Watcher(rules, listeners=(LiveFindings(console, name=name), *also), actions=actions)
