"""Lock: what the thread that trains and one that reads the run may both do, is done by one after the other."""

from __future__ import annotations

import threading
from typing import Any


class Lock:
    """One thread at a time, which may take it again. A copy, of whatever holds it, has one of its own."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        """Wait for it."""
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        """Give it back."""
        self._lock.release()

    def take(self) -> bool:
        """Take it if nobody else has it; return whether it was taken. Give it back by `give`."""
        return self._lock.acquire(blocking=False)

    def give(self) -> None:
        """Give it back."""
        self._lock.release()

    def __reduce__(self) -> tuple[Any, ...]:
        """As a new one: a recorder is copied and pickled with whatever holds it."""
        return Lock, ()
