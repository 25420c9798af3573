"""Courier: does one job after the other in a thread of its own, so that no round of a training waits for one."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import Any

_IDLE_SECONDS = 5.0


class Courier:
    """Runs jobs in order. The thread begins with the first job, and ends when there was none for a while."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._begin()

    def _begin(self) -> None:
        self._jobs: queue.Queue[Callable[[], None]] = queue.Queue(self._most)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()

    def submit(self, job: Callable[[], None]) -> bool:
        """Take a job, which must not raise; False where too many wait. Never waits."""
        if os.getpid() != self._pid:  # a fork has neither the thread nor its jobs
            self._begin()
        with self._lock:
            try:
                self._jobs.put_nowait(job)
            except queue.Full:
                return False
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="treedebug-actions", daemon=True)
                self._thread.start()
        return True

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if self._jobs.empty():
                        self._thread = None
                        return
                continue
            job()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as a new one: jobs stay with the process that has them."""
        return Courier, (self._most,)
