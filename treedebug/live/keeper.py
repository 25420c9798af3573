"""Keeper: the thread that keeps the list and the runs on open pages up to date, and rests when no page is open."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Sequence

from treedebug.core.errors import RunNotFoundError
from treedebug.engine.rule import Rule
from treedebug.live.followed_run import FollowedRun
from treedebug.live.run_index import RunIndex

MOST_FOLLOWED = 200
"""Runs that are read and judged as they grow."""
_EVERY = 0.5
_READING = 0.4
"""Seconds of each look that go into reading runs whole for the list."""
_AWAKE = 10.0
"""Seconds after the last question in which the files are looked at."""
_FORGOTTEN = 120.0
"""Seconds after which a run that no page shows is followed no more."""


class Keeper(threading.Thread):
    """Looks at the files again and again while pages are open. `error` is why the last look failed."""

    def __init__(self, given: str | os.PathLike[str], rules: Sequence[Rule]) -> None:
        super().__init__(name="treedebug-ui", daemon=True)
        self.index = RunIndex(given)
        self.error = ""
        self._rules = rules
        self._followed: dict[str, FollowedRun] = {}
        self._lock = threading.Lock()
        self._asked_at = 0.0
        self._wake = threading.Event()
        self.is_over = False
        """Whether the server is about to end; events end with it."""

    def run(self) -> None:
        """Look until `stop`; what goes wrong in a look is kept, and the next look is tried."""
        while not self.is_over:
            if time.monotonic() - self._asked_at > _AWAKE:
                self._wake.clear()
                self._wake.wait(_AWAKE)
                continue
            try:
                self.look()
                self.error = ""
            except Exception as error:  # noqa: BLE001 - one file that no reader expected must not end the page
                self.error = f"{type(error).__name__}: {error}"
            self._wake.wait(_EVERY)
            self._wake.clear()

    def stop(self) -> None:
        """End the thread after the look under way."""
        self.is_over = True
        self._wake.set()

    def look(self) -> None:
        """Look once: at the folder, at the runs on open pages, and at some runs that are listed only."""
        self.index.refresh()
        now = time.monotonic()
        with self._lock:
            self._followed = {k: run for k, run in self._followed.items() if now - run.asked_at < _FORGOTTEN}
            followed = list(self._followed.values())
        for run in followed:
            if now - run.asked_at < _AWAKE:
                run.poll()
        self.index.read_some(_READING)

    def touch(self) -> None:
        """Say that a page is open."""
        was_asleep = time.monotonic() - self._asked_at > _AWAKE
        self._asked_at = time.monotonic()
        if was_asleep:
            self._wake.set()

    def follow(self, wanted: str) -> FollowedRun:
        """Return a run by its id, followed from now on. Raise RunNotFoundError for one that is not there."""
        self.touch()
        with self._lock:
            run = self._followed.get(wanted)
        if run is None:
            run = FollowedRun(self.index.run(wanted), self._rules)
            with self._lock:
                while len(self._followed) >= MOST_FOLLOWED:
                    self._followed.pop(min(self._followed, key=lambda k: self._followed[k].asked_at))
                run = self._followed.setdefault(wanted, run)
        run.asked_at = time.monotonic()
        return run

    def versions(self, wanted: Iterable[str]) -> list[tuple[int, int] | None]:
        """Return the versions of runs that an open page shows, quickly; None of one that is not followed."""
        known, now = self._followed, time.monotonic()
        runs = [known.get(one) for one in wanted]
        for run in runs:
            if run is not None:
                run.asked_at = now
        return [None if run is None else run.versions for run in runs]

    def follow_all(self, wanted: Iterable[str]) -> list[FollowedRun]:
        """Return the runs that are still there, followed."""
        found = []
        for one in wanted:
            try:
                found.append(self.follow(one))
            except RunNotFoundError:
                continue
        return found
