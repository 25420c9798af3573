"""A sign of life in the record of a training that writes nothing for long: readers tell a slow writer from a dead one.

One thread of the process beats for all of its writers. It is ended before a fork and begins again with the next write,
so that a fork finds no second thread.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from typing import Protocol

SECONDS = 30.0
"""A record that has been silent for so long gets a beat."""


class Beating(Protocol):
    """Who writes a record."""

    def beat(self) -> None:
        """Write a sign of life if nothing was written for long. Never raises, never waits."""


class _Heart:
    """The thread, and those it beats for."""

    def __init__(self) -> None:
        self.writers: weakref.WeakSet[Beating] = weakref.WeakSet()
        self.thread: threading.Thread | None = None
        self.stop = threading.Event()

    def start(self) -> None:
        self.stop = stop = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(stop,), name="treedebug-heartbeat", daemon=True)
        try:
            self.thread.start()
        except RuntimeError:  # no more threads, or the interpreter is ending: the record goes without
            self.thread = None

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(SECONDS):
            writers = list(self.writers)
            for writer in writers:
                writer.beat()
            if not writers:
                self.thread = None
                return

    def rest(self) -> None:
        """End the thread."""
        thread, self.thread = self.thread, None
        if thread is not None:
            self.stop.set()
            with contextlib.suppress(RuntimeError):
                thread.join(1.0)  # it never waits for a lock; a disk may hang


_HEART = _Heart()


def keep_beating(writer: Beating) -> None:
    """Beat for a writer from now on, until it is gone or says so; costs next to nothing when called again."""
    if _HEART.thread is None or writer not in _HEART.writers:
        _HEART.writers.add(writer)
        if _HEART.thread is None:
            _HEART.start()


def stop_beating(writer: Beating) -> None:
    """Beat no more for a writer."""
    _HEART.writers.discard(writer)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_HEART.rest, after_in_child=_HEART.writers.clear)
