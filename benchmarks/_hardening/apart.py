"""A function called in a fork of its own: what it returned, what it printed, or how it died."""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_WALL = 300.0
_CPU = 20
_SIGNALS = {int(signal.SIGXCPU): "it does not end: cut off after much CPU time"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    value: Any = None
    died: str = ""
    """How the process ended, if it did not answer: the last line of its traceback, a signal, a hang."""
    printed: str = ""
    """On standard output and standard error."""


def apart(function: Callable[[], Any], *, seconds: float = _WALL, cpu: int = _CPU) -> Answer:
    """Fork, call, and wait. The function's value must be plain data; more than `cpu` seconds are taken for a loop."""
    sys.stdout.flush()
    reader, writer = os.pipe()
    with tempfile.TemporaryFile() as screen:
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
            _in_the_child(function, writer, screen.fileno())
        os.close(writer)
        data = _all_of(reader, pid, seconds)
        _, status = os.waitpid(pid, 0)
        screen.seek(0)
        printed = screen.read().decode("utf-8", "replace")
    if data:
        return Answer(*pickle.loads(data), printed)  # noqa: S301 - our own child wrote it
    code = os.waitstatus_to_exitcode(status)
    died = _SIGNALS.get(-code, signal.Signals(-code).name) if code < 0 else f"exit code {code}"
    return Answer(None, "hangs" if data is None else died, printed)


def _in_the_child(function: Callable[[], Any], pipe: int, screen: int) -> None:
    for fd in (1, 2):
        os.dup2(screen, fd)
    try:
        answer = function(), ""
    except BaseException as error:  # noqa: BLE001 - the answer
        traceback.print_exc()
        answer = None, "".join(traceback.format_exception_only(error)).strip()
    sys.stdout.flush()
    sys.stderr.flush()
    data = pickle.dumps(answer)
    while data:
        data = data[os.write(pipe, data) :]
    os._exit(0)


def _all_of(reader: int, pid: int, seconds: float) -> bytes | None:
    """What the child writes; None if it writes nothing for too long, and is then killed."""
    data = b""
    try:
        while select.select([reader], [], [], seconds)[0]:
            part = os.read(reader, 1 << 16)
            if not part:
                return data
            data += part
        os.kill(pid, signal.SIGKILL)
        return None
    finally:
        os.close(reader)
