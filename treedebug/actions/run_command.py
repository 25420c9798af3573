"""RunCommand: run a program with the findings on its standard input."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from treedebug.actions.message import Message
from treedebug.actions.sending_action import DeliveryError, SendingAction
from treedebug.core.errors import ConfigError


class RunCommand(SendingAction):
    """Runs `arguments`, a list that starts with the program, with the findings as JSON on its standard input.

    Never a shell: `RunCommand(["/usr/local/bin/page-me", "--urgent"], on=["error"])`. It is killed, with all it has
    started, after `timeout` seconds. What it prints is dropped.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        arguments: Sequence[str],
        on: Sequence[str] = ("warning",),
        *,
        timeout: float = 60.0,
        once: bool = True,
        every: float = 0.0,
        dry_run: bool = False,
    ) -> None:
        if (
            isinstance(arguments, str)
            or not isinstance(arguments, Sequence)
            or not arguments
            or not all(isinstance(a, str) and "\0" not in a for a in arguments)
        ):
            raise ConfigError(
                "RunCommand takes a list of arguments, such as ['page-me', '--urgent'], and no shell command; "
                f"got {arguments!r}"
            )
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < float("inf"):
            raise ConfigError(f"RunCommand(timeout=...) takes a number of seconds above 0; got {timeout!r}")
        super().__init__(on, once=once, every=every, dry_run=dry_run)
        self._arguments = list(arguments)
        self._timeout = timeout

    def deliver(self, message: Message) -> str:
        """Run the program to its end."""
        name, began = Path(self._arguments[0]).name, time.monotonic()
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own list of arguments, never a shell
                self._arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise DeliveryError(f"{name} cannot be run: {error.strerror or error}") from error
        try:
            process.communicate(message.body, timeout=self._timeout)
        except subprocess.TimeoutExpired as error:
            _kill(process)
            raise DeliveryError(f"{name} did not end within {self._timeout:g} s and was killed") from error
        if process.returncode:
            raise DeliveryError(f"{name} ended with exit code {process.returncode}")
        return f"{name} ran for {time.monotonic() - began:.1f} s"


def _kill(process: subprocess.Popen[Any]) -> None:
    """End the program and all it has started, which is a group of its own."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
