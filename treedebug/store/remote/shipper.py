"""Shipper: ships a run in a thread of its own while it is recorded. No round waits for the network."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from treedebug.core.errors import StoreError
from treedebug.store.remote.shipment import Shipment

SECONDS_BETWEEN = 10.0
"""At most one object in so many seconds."""
LAST_WAIT = 60.0
"""Seconds that the end of a training waits for what has not arrived."""
_LONGEST_PAUSE = 60.0


class Shipper:
    """Ships the run in `folder` to `url`. `say` prints a line for the user; it is called from the thread."""

    def __init__(self, folder: Path, url: str, say: Callable[[str], None]) -> None:
        self._folder, self._url, self._say = folder, url, say
        self._end = 0
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._done = threading.Event()
        self._has_failed = False
        self._is_there = False
        self._error = ""
        self._gives_up_at = float("inf")
        self._pid = os.getpid()
        self._thread: threading.Thread | None = None

    def committed(self, end: int) -> None:
        """Hear that the first `end` bytes of the file are whole appends."""
        self._end = end
        if self._thread is None and os.getpid() == self._pid:
            self._thread = threading.Thread(target=self._work, name="treedebug-shipper", daemon=True)
            self._thread.start()

    def finish(self) -> None:
        """Wait a while for everything to arrive; say where the rest is if it does not."""
        if self._thread is None or os.getpid() != self._pid or self._ended.is_set():
            return
        self._gives_up_at = time.monotonic() + LAST_WAIT
        self._ended.set()
        self._wake.set()
        if not self._done.wait(LAST_WAIT) or not self._is_there:
            why = self._error or f"it takes more than {LAST_WAIT:.0f} s"
            self._say(
                f"the run is not (fully) at {self._url} yet: {why}. It is whole in {self._folder}: "
                f"`treedebug sync` brings it there"
            )

    def _work(self) -> None:
        pause = SECONDS_BETWEEN
        shipment: Shipment | None = None
        while True:
            try:
                shipment = shipment or Shipment(self._folder, self._url)
                more = shipment.ship(self._end)
                if self._ended.is_set() and not more and not shipment.ship(self._end):
                    shipment.join()
                    self._is_there, self._error = True, ""
                    atexit.register(shipment.drop)  # until then the callback reads its run there
                    break
                if not self._ended.is_set():
                    shipment.fetch_request()
                pause, self._error = SECONDS_BETWEEN, ""
            except (StoreError, OSError) as error:
                self._failed(str(error))
                pause = min(2 * pause, _LONGEST_PAUSE) if not self._ended.is_set() else 0.5
                if time.monotonic() > self._gives_up_at:
                    break
                more = False
            except Exception as error:  # noqa: BLE001 - a library of any storage; the record is safe in the spool
                self._failed(f"{type(error).__name__}: {error}")
                break
            if not more:
                self._rest(pause)
        self._done.set()

    def _failed(self, error: str) -> None:
        self._error = error
        if not self._has_failed:
            self._has_failed = True
            self._say(f"{error}; the run is spooled in {self._folder}, and shipped later")

    def _rest(self, seconds: float) -> None:
        """Wait for the next turn, or for the end of the training."""
        if self._ended.is_set():
            time.sleep(min(seconds, 0.5))
        else:
            self._wake.wait(seconds)
