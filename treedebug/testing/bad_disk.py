"""A disk that refuses: calls of `os` on the files below a folder fail in turn, as full, broken and torn disks do."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any, Self

CALLS = ("open", "write", "fsync", "ftruncate", "mkdir")
ERRORS = {
    "open": ("EMFILE", "ENOSPC", "EDQUOT", "EIO"),
    "write": ("ENOSPC", "EIO", "short", "torn", "nothing"),
    "fsync": ("EIO", "ENOSPC"),
    "ftruncate": ("EIO",),
    "mkdir": ("ENOSPC",),
}
"""Ways in which each call may fail; see `BadDisk`."""


class BadDisk:
    """A context in which the `at`-th call of one kind on files below a folder fails (and all later, if `for_good`).

    `how` is an error's name, "short" (half is written, no error), "torn" (half is written, then ENOSPC, and cutting it
    off fails with EIO) or "nothing" (a write that returns 0). `counts` tells how often each call was made.
    """

    def __init__(self, folder: Path, call: str = "", how: str = "", at: int = -1, *, for_good: bool = False) -> None:
        self.folder, self.call, self.how, self.at, self.for_good = str(folder), call, how, at, for_good
        self.counts = dict.fromkeys(CALLS, 0)
        self.n_failed = 0
        """Calls that were made to fail."""
        self._torn = 0
        self._fds: set[int] = set()
        self._real = {name: getattr(os, name) for name in CALLS}
        self._io_open = io.open

    def __enter__(self) -> Self:
        """Take the place of the calls."""
        failing = (self._open, self._write, self._fsync, self._ftruncate, self._mkdir)
        for name, function in zip(CALLS, failing, strict=True):
            setattr(os, name, function)
        io.open = self._opened
        return self

    def __exit__(self, *_: object) -> None:
        """Give the calls back."""
        for name, function in self._real.items():
            setattr(os, name, function)
        io.open = self._io_open

    def _fails(self, call: str) -> bool:
        number = self.counts[call]
        self.counts[call] += 1
        fails = call == self.call and (number == self.at or (self.for_good and number > self.at))
        self.n_failed += fails
        return fails

    def _error(self, how: str = "") -> OSError:
        number = getattr(errno, how or self.how)
        return OSError(number, os.strerror(number))

    def _is_mine(self, path: Any) -> bool:
        return not isinstance(path, int) and os.fsdecode(path).startswith(self.folder)

    def _holds(self, fd: int) -> bool:
        """Return whether the descriptor, maybe opened before the trouble began, is of a file below the folder."""
        try:
            return self._is_mine(Path(f"/proc/self/fd/{fd}").readlink())
        except OSError:  # another system: what was opened meanwhile is known
            return fd in self._fds

    def _open(self, path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        writes = self._is_mine(path) and flags & (os.O_WRONLY | os.O_RDWR)
        if writes and self._fails("open"):
            raise self._error()
        fd = int(self._real["open"](path, flags, *args, **kwargs))
        self._fds = self._fds | {fd} if writes else self._fds - {fd}
        return fd

    def _opened(self, file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if set(mode) & set("wax+") and self._is_mine(file) and self._fails("open"):
            raise self._error()
        return self._io_open(file, mode, *args, **kwargs)

    def _write(self, fd: int, data: Any) -> int:
        if not self._holds(fd):
            return int(self._real["write"](fd, data))
        if self._torn == 1:
            self._torn = 2
            raise self._error("ENOSPC")
        if not self._fails("write"):
            return int(self._real["write"](fd, data))
        if self.how == "nothing":
            return 0
        if self.how not in ("short", "torn"):
            raise self._error()
        self._torn = int(self.how == "torn")
        return int(self._real["write"](fd, bytes(data)[: max(len(data) // 2, 1)]))

    def _ftruncate(self, fd: int, length: int) -> None:
        if self._holds(fd) and (self._fails("ftruncate") or self._torn == 2):
            self._torn = 0
            raise self._error("EIO")
        self._real["ftruncate"](fd, length)

    def _fsync(self, fd: int) -> None:
        self._real["fsync"](fd)
        if self._holds(fd) and self._fails("fsync"):
            raise self._error()

    def _mkdir(self, path: Any, *args: Any, **kwargs: Any) -> None:
        if self._is_mine(path) and self._fails("mkdir"):
            raise self._error()
        self._real["mkdir"](path, *args, **kwargs)
