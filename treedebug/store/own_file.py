"""OwnFile: a file that one process appends to, and that nobody else may change meanwhile.

Before each append the file must be as this writer left it: not deleted, not shorter, not longer, with the same last
bytes. A lock keeps a second writer out where the file system has locks; a fork never touches the file of its parent.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from treedebug.core.errors import StoreError

try:
    import fcntl
except ImportError:  # Windows: no forks, and files that are open cannot be deleted
    fcntl = None  # type: ignore[assignment]

_N_TAIL = 16
_CHUNK = 1 << 20
_BUSY = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK)
_UNSUPPORTED = (errno.EINVAL, getattr(errno, "ENOTSUP", errno.EINVAL), getattr(errno, "EROFS", errno.EINVAL))


class NotOwnError(StoreError):
    """The file is no longer as this writer left it; nothing was written to it."""


class BusyError(StoreError):
    """Another process, or another thread that is alive, writes this file."""


class OwnFile:
    """An open file of this writer, which ends at `end`. Raises BusyError if another writer has it."""

    def __init__(self, fd: int, path: Path) -> None:
        self.path = path
        self.end = 0
        self.was_taken = False
        """A later training of this process goes on with the run: what this writer still has to say is dropped."""
        self._fd: int | None = fd
        self._tail = b""
        self._is_clean = True
        self._thread = threading.get_ident()
        # Closes the file of a writer that was dropped without close(), as after an error in the training.
        self._release = weakref.finalize(self, _close, fd, id(self))
        try:
            self._lock(fd)
        except BaseException:
            self.drop()
            raise
        _OPEN[id(self)] = weakref.ref(self)

    # -- writing ---------------------------------------------------------------------------------------------------

    def begin_at(self, end: int) -> None:
        """Cut the file off at `end` and go on from there."""
        fd = self._opened()
        self.end = end
        self._cut(fd)
        os.lseek(fd, max(0, end - _N_TAIL), os.SEEK_SET)
        self._tail = os.read(fd, _N_TAIL) if end else b""

    def append(self, data: bytes) -> None:
        """Write all bytes or, on OSError, none. Raises NotOwnError if the file was changed by somebody else."""
        fd = self._opened()
        self._check_own(fd)
        if not self._is_clean:
            self._cut(fd)
        view = memoryview(data)
        self._is_clean = False  # also if Ctrl-C comes between two writes
        try:
            os.lseek(fd, self.end, os.SEEK_SET)
            while view:
                n = os.write(fd, view)
                if n <= 0:
                    raise OSError(errno.EIO, "the disk took none of the bytes written")  # noqa: TRY301 - handled as one the system raised
                view = view[n:]
        except BaseException:
            # The first error is the one to tell; if the cut fails as well, the next append tries it again.
            with contextlib.suppress(OSError):
                self._cut(fd)
            raise
        self.end += len(data)
        self._tail = data[-_N_TAIL:] if len(data) >= _N_TAIL else (self._tail + data)[-_N_TAIL:]
        self._is_clean = True

    def sync(self) -> None:
        """Bring everything to the disk, the file's name in its folder too. Raises OSError if the disk does not."""
        _sync(self._opened())
        with contextlib.suppress(OSError):
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                _sync(folder)
            finally:
                os.close(folder)

    def chunks(self, start: int, stop: int) -> Iterator[bytes]:
        """Read back the bytes from `start` to `stop`, also of a file that was deleted."""
        fd, at = self._opened(), start
        while at < stop:
            os.lseek(fd, at, os.SEEK_SET)
            chunk = os.read(fd, min(_CHUNK, stop - at))
            if not chunk:
                return
            at += len(chunk)
            yield chunk

    def duplicate(self) -> int:
        """Return another descriptor of the file, which the caller closes."""
        return os.dup(self._opened())

    # -- letting go ------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether the file can still be written to."""
        return self._fd is not None

    @property
    def fd(self) -> int | None:
        """The descriptor, None once the file is let go of."""
        return self._fd

    def drop(self) -> None:
        """Close the file as it stands; safe to call twice."""
        fd, self._fd = self._fd, None
        _OPEN.pop(id(self), None)
        if fd is not None:
            self._release.detach()
            if fcntl is not None:
                with contextlib.suppress(OSError):  # a fork may hold the same lock
                    fcntl.flock(fd, fcntl.LOCK_UN)
            os.close(fd)

    def forget(self) -> None:
        """In a fork: close the copy of the parent's descriptor, whose lock stays with the parent."""
        fd, self._fd = self._fd, None
        if fd is not None:
            self._release.detach()
            with contextlib.suppress(OSError):
                os.close(fd)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as a file that is closed: there is one writer."""
        return _closed, (self.path,)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _opened(self) -> int:
        if self._fd is None:
            raise StoreError(f"the run at {self.path.parent} is closed: nothing can be added to it")
        return self._fd

    def _check_own(self, fd: int) -> None:
        status = os.fstat(fd)
        if status.st_nlink == 0:
            raise NotOwnError(f"{self.path} was deleted")
        if not self._is_at_its_path(status):
            raise NotOwnError(f"{self.path} was moved away")
        if status.st_size < self.end or (self._is_clean and status.st_size > self.end):
            raise NotOwnError(
                f"{self.path} was changed by somebody else: it has {status.st_size} bytes and had {self.end}"
            )
        os.lseek(fd, self.end - len(self._tail), os.SEEK_SET)
        if os.read(fd, len(self._tail)) != self._tail:
            raise NotOwnError(f"{self.path} was changed by somebody else: its last bytes differ")

    def _is_at_its_path(self, status: os.stat_result) -> bool:
        """Return whether readers find this file, too: its folder may have been renamed."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 - half the time of Path.stat, at each append
        except OSError:
            return False
        return (found.st_ino, found.st_dev) == (status.st_ino, status.st_dev)

    def _cut(self, fd: int) -> None:
        os.ftruncate(fd, self.end)
        self._is_clean = True

    def _lock(self, fd: int) -> None:
        if fcntl is None:
            return
        status = os.fstat(fd)
        for other in _others():
            other.yield_to(status)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _BUSY:
                raise BusyError(f"another training is being recorded to {self.path.parent}") from error
            # Else the file system has no locks: the checks before each append remain.

    def yield_to(self, status: os.stat_result) -> None:
        """Let go of the file if it is that of `status` and the thread that opened it cannot be writing now."""
        if self._fd is None:
            return
        mine = os.fstat(self._fd)
        is_same = (mine.st_dev, mine.st_ino) == (status.st_dev, status.st_ino)
        is_alive = self._thread in sys._current_frames()  # noqa: SLF001 - the documented way to the threads alive
        if is_same and (self._thread == threading.get_ident() or not is_alive):
            self.was_taken = True
            self.drop()


def _closed(path: Path) -> OwnFile:
    file = OwnFile.__new__(OwnFile)
    file.path, file.end, file.was_taken = path, 0, False
    file._fd = None  # noqa: SLF001 - of the same class
    return file


def _close(fd: int, key: int) -> None:
    _OPEN.pop(key, None)
    os.close(fd)


def _sync(fd: int) -> None:
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:  # some file systems have no such call
            raise


_OPEN: dict[int, weakref.ref[OwnFile]] = {}
"""The files this process has open, by id."""


def _others() -> list[OwnFile]:
    return [file for ref in list(_OPEN.values()) if (file := ref()) is not None]


def _forget_all() -> None:
    for file in _others():
        file.forget()
    _OPEN.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
