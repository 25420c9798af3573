"""Faults: what fails inside treedebug is noted once, said once, and left out from then on; the training goes on."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

from treedebug.core.phrases import one_line

P = ParamSpec("P")
T = TypeVar("T")


class Guard(Protocol):
    """Calls what may fail inside a training; mypy checks the arguments against the function's own."""

    def __call__(self, topic: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what the function returns, or None if it raised: see `Faults.guard`."""


class Faults:
    """The faults of one session. `note` records that something is left out; `quiet` says nothing aloud."""

    def __init__(self, note: Callable[[str, str], None], *, quiet: bool) -> None:
        self._note = note
        self._quiet = quiet
        self._broken: set[str] = set()
        self._said: set[str] = set()

    def guard(self, topic: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Call and return, or note the failure and return None. A topic that failed is not tried again.

        A `sys.exit` of somebody's rule or metric is such a failure; Ctrl-C is not.
        """
        if topic in self._broken:
            return None
        try:
            return function(*args, **kwargs)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the training outranks its record
            self.fail(topic, error)
            return None

    def fail(self, topic: str, error: BaseException) -> None:
        """Note and say that a topic is no longer recorded, once. Never raises."""
        if topic in self._broken:
            return
        self._broken.add(topic)
        message = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        message = message.split("\nStack trace")[0].strip()  # XGBoost adds its own
        with contextlib.suppress(Exception):
            self._note(topic, f"{_TOPICS.get(topic, topic)} no longer recorded: {message}")
        self.say(topic, f"{_TOPICS.get(topic, topic)} no longer recorded: {message}; the training goes on")

    def say(self, topic: str, message: str) -> None:
        """Say it once, on standard error, unless asked to be quiet; a closed terminal is no reason to fail."""
        if topic not in self._said and not self._quiet:
            self._said.add(topic)
            _print(message)


def say(message: str) -> None:
    """Say a line on standard error; never raises."""
    _print(message)


def say_unrecorded(error: BaseException) -> None:
    """Say that something outside a session failed; never raises."""
    _print(f"this training is not (fully) recorded: {type(error).__name__}: {error}; the training goes on")


def _print(message: str) -> None:
    with contextlib.suppress(Exception):
        print(f"treedebug: {one_line(message)}", file=sys.stderr)  # noqa: T201 - below the reports, and it must be heard


_TOPICS = {
    "classes": "class balance is",
    "margins": "row margins are",
    "predictions": "predictions are",
    "trees": "trees are",
    "summary": "tree statistics for the rules are",
    "rules": "findings are",
    "weights": "tree weights are",
    "digest": "changes of the booster are",
    "header": "parameters and data facts are",
    "progress": "the progress line is",
    "store": "the run is",
    "rounds": "rounds are",
    "tensors": "tensor statistics are",
    "activations": "activations are",
    "inputs": "the profile of the inputs is",
    "net": "facts of the network are",
}
