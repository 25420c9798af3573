"""All runs below a folder or URL, kept up to date by looking again: two ends of a file first, all of it later."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from treedebug.api.run_location import local_runs
from treedebug.core.errors import RunNotFoundError, TreedebugError
from treedebug.live.listed_run import ListedRun, id_of
from treedebug.store.file_format import FILE_NAME
from treedebug.store.load_run import find_runs

_SEARCHES = 10
"""Looking for runs may take one part in so many of the time."""
_GROWING = 5.0
"""Seconds after which a run that grows is read again for the list."""


class RunIndex:
    """The runs by their id. `version` grows whenever something that the list shows has changed."""

    def __init__(self, given: str | os.PathLike[str]) -> None:
        self.given = given
        self.runs: dict[str, ListedRun] = {}
        self.version = 0
        self.error = ""
        """Why the folder or storage cannot be read now."""
        self._search_at = 0.0
        self._lock = threading.Lock()

    @property
    def n_whole(self) -> int:
        """The number of runs that were read whole."""
        return sum(run.is_whole for run in list(self.runs.values()))

    def refresh(self, *, now: bool = False) -> None:
        """Look for runs that came, grew or went, unless that was done a moment ago; never raise for a storage."""
        with self._lock:  # a page that waits for the first look does not begin a second one
            if now or time.monotonic() >= self._search_at:
                self._look()

    def _look(self) -> None:
        began = time.monotonic()
        try:
            found = dict(self._found())
            error = ""
        except (TreedebugError, OSError) as failed:
            found, error = None, str(failed)
        if found is not None:
            self._take(found)
        if error != self.error:
            self.error = error
            self.version += 1
        took = time.monotonic() - began
        self._search_at = began + max(_SEARCHES * took, 1.0)

    def read_some(self, seconds: float) -> bool:
        """Read runs whole that are not yet, or that grew, the newest first, for about so long; say if any is left."""
        ends = time.monotonic() + seconds
        waiting = [run for run in self.runs.values() if not run.is_whole]
        waiting.sort(key=lambda run: -run.stamp[1])
        for n, run in enumerate(waiting):
            if n and time.monotonic() >= ends:
                return True
            run.read()
            run.looked_at = time.monotonic()
            self.version += 1
        return False

    def run(self, wanted: str) -> ListedRun:
        """Return a run by its id. Raise RunNotFoundError for one that is not, or no longer, there."""
        found = self.runs.get(wanted)
        if found is None:
            raise RunNotFoundError("there is no such run: it was deleted or moved, or the address is wrong")
        return found

    def _found(self) -> Iterator[tuple[str, tuple[Path, tuple[int, int]]]]:
        top = local_runs(self.given)
        if not top.exists():
            raise RunNotFoundError(f"there is no folder {self.given}")
        for path in find_runs(top):
            try:
                seen = os.stat(f"{path}{os.sep}{FILE_NAME}")  # noqa: PTH116 - ten thousand of them
            except OSError:  # gone since it was found
                continue
            yield os.path.relpath(path, top), (path, (seen.st_size, seen.st_mtime_ns))

    def _take(self, found: dict[str, tuple[Path, tuple[int, int]]]) -> None:
        now = time.monotonic()
        fresh: dict[str, ListedRun] = {}
        changed = False
        for place, (path, stamp) in found.items():
            name = id_of(place)
            run = self.runs.get(name)
            if run is None:
                run = ListedRun(name, place, path, stamp)
                run.glimpse(path / FILE_NAME)
                changed = True
            elif (run.stamp != stamp or not run.has_ended) and now - run.looked_at >= _GROWING:
                run.stamp, run.is_whole = stamp, False
            fresh[name] = run
        if changed or fresh.keys() != self.runs.keys():
            self.version += 1
        self.runs = fresh
