"""A line on standard error while a table is read that takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

_PATIENCE = 3.0
"""Seconds before anything is shown."""
_SECONDS_BETWEEN = {True: 0.5, False: 10.0}
"""On a terminal, where one line is rewritten, and elsewhere."""


class TableProgress:
    """Say how far a table has been read. Call it with the table's name and the rows so far; close it at the end."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._clock = clock
        self._in_place = self._stream.isatty()
        self._began = clock()
        self._due = self._began + _PATIENCE
        self._width = 0

    def __call__(self, table: str, n_rows: int | None) -> None:
        """Show the rows that were read so far; None: all are, and are now measured."""
        now = self._clock()
        if now < self._due:
            return
        self._due = now + _SECONDS_BETWEEN[self._in_place]
        what = "all rows read, measuring" if n_rows is None else f"{n_rows:,} rows read"
        line = f"{table}: {what} ({now - self._began:.0f} s)"
        self._write(f"\r{line.ljust(self._width)}" if self._in_place else f"{line}\n")
        self._width = len(line)

    def close(self) -> None:
        """Wipe the line off a terminal."""
        if self._in_place and self._width:
            self._write(f"\r{' ' * self._width}\r")
            self._width = 0

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # a closed stream stops no check
            self._due = float("inf")
