"""CallFunction: call a Python function with the findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from treedebug.actions.message import Message
from treedebug.actions.sending_action import DeliveryError, SendingAction
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding


class CallFunction(SendingAction):
    """Calls `function(findings)`, a list of `Finding`, in a thread of its own: `CallFunction(print, on=["error"])`."""

    def __init__(
        self,
        function: Callable[[list[Finding]], Any],
        on: Sequence[str] = ("warning",),
        *,
        once: bool = True,
        every: float = 0.0,
        dry_run: bool = False,
    ) -> None:
        if not callable(function):
            raise ConfigError(f"CallFunction takes a function of a list of findings; got {function!r}")
        super().__init__(on, once=once, every=every, dry_run=dry_run)
        self._function = function

    def deliver(self, message: Message) -> str:
        """Call the function."""
        name = getattr(self._function, "__name__", type(self._function).__name__)
        try:
            self._function(list(message.findings))
        except (Exception, SystemExit) as error:
            raise DeliveryError(f"{name} raised {type(error).__name__}: {error}") from error
        return f"called {name}"
