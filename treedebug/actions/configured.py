"""Actions of the configuration: `[[tool.treedebug.actions]]`, with the same words as in Python."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from typing import Any

from treedebug.actions.notify import Notify
from treedebug.actions.run_command import RunCommand
from treedebug.actions.stop_training import StopTraining
from treedebug.actions.webhook import Webhook
from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.protocols import Action

_KINDS: Mapping[str, Any] = {
    "stop-training": StopTraining,
    "notify": Notify,
    "webhook": Webhook,
    "run-command": RunCommand,
}
ALLOW_COMMANDS = "TREEDEBUG_ALLOW_COMMANDS"
"""A configuration file may come with a stranger's repository: what it says is run only where this is set to 1."""


def make_actions(tables: Sequence[Mapping[str, Any]], origin: str) -> list[Action]:
    """Return the actions of the tables. Raise ConfigError naming the file, with "did you mean"."""
    return [_make(table, f"{origin}: action {n}") for n, table in enumerate(tables, 1)]


def _make(table: Mapping[str, Any], where: str) -> Action:
    given = {key.replace("-", "_"): value for key, value in table.items()}
    name = str(given.pop("do", "")).replace("_", "-").lower()
    kind = _KINDS.get(name)
    if kind is None:
        more = " Functions are called from Python only: CallFunction." if name.startswith("call") else ""
        said = f"there is no action {name!r}.{did_you_mean(name, _KINDS)}" if name else 'it needs do = "notify"'
        raise ConfigError(f"{where}: {said} Actions: {', '.join(_KINDS)}.{more}")
    if kind is RunCommand and os.environ.get(ALLOW_COMMANDS) != "1":
        raise ConfigError(f"{where} runs a program: set {ALLOW_COMMANDS}=1 in the environment to allow that")
    known = list(inspect.signature(kind).parameters)
    for key in given:
        if key not in known:
            raise ConfigError(f"{where} ({name}) has no setting {key!r}.{did_you_mean(key, known)} It knows: do, "
                              f"{', '.join(known)}.")  # fmt: skip
    try:
        action: Action = kind(**given)
    except TypeError as error:
        raise ConfigError(f"{where} ({name}): {error}") from error
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
    return action
