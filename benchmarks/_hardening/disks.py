"""Disks that refuse: every call that writes failed once in turn, and from then on; folders and files that go away."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, Self

from _hardening import trainings
from _hardening.apart import Answer, apart
from _hardening.rows import Arena, Flaw, Row

CALLS = ("open", "write", "fsync", "ftruncate", "mkdir")
_ERRORS = {
    "open": ("EMFILE", "ENOSPC", "EDQUOT", "EIO"), "write": ("ENOSPC", "EIO", "short", "torn", "nothing"),
    "fsync": ("EIO", "ENOSPC"), "ftruncate": ("EIO",), "mkdir": ("ENOSPC",),
}  # fmt: skip


class Disk:
    """A context in which the `at`-th call of one kind on files below a folder fails (and all later, if `for_good`).

    `how` is an error's name, "short" (half is written, no error), "torn" (half is written, then ENOSPC, and cutting it
    off fails with EIO) or "nothing" (a write that returns 0). `counts` tells how often each call was made.
    """

    def __init__(self, folder: Path, call: str = "", how: str = "", at: int = -1, *, for_good: bool = False) -> None:
        self.folder, self.call, self.how, self.at, self.for_good = str(folder), call, how, at, for_good
        self.counts = dict.fromkeys(CALLS, 0)
        self._torn = 0
        self._real = {name: getattr(os, name) for name in CALLS}
        self._io_open = io.open

    def __enter__(self) -> Self:
        for name in self._real:
            setattr(os, name, getattr(self, f"_{name}"))
        io.open = self._opened  # type: ignore[assignment]
        return self

    def __exit__(self, *_: object) -> None:
        for name, function in self._real.items():
            setattr(os, name, function)
        io.open = self._io_open

    def _fails(self, call: str) -> bool:
        number = self.counts[call]
        self.counts[call] += 1
        return call == self.call and (number == self.at or (self.for_good and number > self.at))

    def _error(self, how: str = "") -> OSError:
        number = getattr(errno, how or self.how)
        return OSError(number, os.strerror(number))

    def _is_mine(self, path: Any) -> bool:
        return not isinstance(path, int) and os.fsdecode(path).startswith(self.folder)

    def _holds(self, fd: int) -> bool:
        """Whether the descriptor, maybe opened before the trouble began, is of a file below the folder."""
        try:
            return self._is_mine(Path(f"/proc/self/fd/{fd}").readlink())
        except OSError:
            return False

    def _open(self, path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        writes = self._is_mine(path) and flags & (os.O_WRONLY | os.O_RDWR)
        if writes and self._fails("open"):
            raise self._error()
        return int(self._real["open"](path, flags, *args, **kwargs))

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


def _plain(kind: str) -> str:
    """The model of a training without a callback of ours."""
    answer = apart(lambda: trainings.TRAININGS[kind](None, contextlib.nullcontext()).model)
    if answer.died:
        raise SystemExit(f"the training without a callback failed: {answer.died}")
    return str(answer.value)


def _counted(kind: str, folder: Path) -> dict[str, int]:
    """How often an untroubled training makes each call."""

    def count() -> dict[str, int]:
        state = Disk(folder)
        trainings.TRAININGS[kind](folder / "run", state)
        return state.counts

    counts: dict[str, int] = apart(count).value
    if not counts["write"]:
        raise SystemExit(f"no write of the recorder of {kind} was seen: the faults would test nothing")
    return counts


def _flaws(answer: Answer, model: str, case: str) -> list[Flaw]:
    """What should not be so after a training under trouble."""
    where = case.split(" #", maxsplit=1)[0]
    if answer.died:
        return [Flaw("training failed", answer.died[:200], where)]
    found = answer.value
    flaws = []
    if found["model"] != model:
        flaws.append(Flaw("model differs", case, where))
    if found["callback"]:
        flaws.append(Flaw("lost", f"callback.run: {found['callback']}"[:200], where))
    if found["disk"] and "treedebug" not in answer.printed and not found["beside"]:
        flaws.append(Flaw("lost silently", f"on disk: {found['disk']}"[:200], where))
    return flaws


def _cases(counts: dict[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    for call, errors in _ERRORS.items():
        for how in errors:
            for at in range(counts[call]):
                yield f"{call} {how} #{at}", {"call": call, "how": how, "at": at}
            lasting = range(counts[call]) if how in ("ENOSPC", "EMFILE", "nothing") else ()
            for at in lasting:
                yield f"{call} {how} for good #{at}", {"call": call, "how": how, "at": at, "for_good": True}


def disks(arena: Arena) -> Iterator[Row]:
    """Every call failed in turn, a row a kind of training."""
    for kind in trainings.TRAININGS:
        row = Row(f"every write failed: {kind}", "4, 11")
        model = _plain(kind)
        cases = list(_cases(_counted(kind, arena.folder / f"disk-{kind}")))
        step = max(len(cases) // arena.n("disks"), 1)
        for number, (case, settings) in enumerate(cases[::step]):
            folder = arena.folder / f"disk-{kind}-{number}"
            state = Disk(folder, **settings)
            answer = apart(partial(trainings.outcome, kind, folder / "run", state))
            row.add(case, _flaws(answer, model, case))
            shutil.rmtree(folder, ignore_errors=True)
        yield row


def _deleted(path: Path) -> None:
    shutil.rmtree(path)


def _cut(share: float, path: Path) -> None:
    file = path / "records.treedebug"
    os.truncate(file, int(file.stat().st_size * share))


def _replaced(path: Path) -> None:
    file = path / "records.treedebug"
    file.unlink()
    file.write_bytes(b"something else")


DEEDS: dict[str, Callable[[Path], None]] = {
    "folder deleted": _deleted,
    "file truncated to half": partial(_cut, 0.5),
    "file emptied": partial(_cut, 0.0),
    "file replaced": _replaced,
    "file unlinked": lambda path: (path / "records.treedebug").unlink(),
    "folder renamed": lambda path: path.rename(path.with_name("moved")) and None,
}


def vanished(arena: Arena) -> Iterator[Row]:
    """Somebody deletes, cuts or replaces the record in mid-training: the rest must be said, and be somewhere."""
    row = Row("record taken away in mid-training", "2")
    for kind in trainings.TRAININGS:
        model = _plain(kind)
        for deed, do in list(DEEDS.items())[: arena.n("vanished")]:
            for at in (5, 20, trainings.ROUNDS - 1):
                path = arena.folder / f"vanished-{kind}-{deed}-{at}".replace(" ", "-") / "run"

                def between(index: int, at: int = at, do: Callable[[Path], None] = do, path: Path = path) -> None:
                    if index == at:
                        do(path)

                trouble: AbstractContextManager[Any] = contextlib.nullcontext()
                answer = apart(partial(trainings.outcome, kind, path, trouble, between))
                row.add(f"{kind}: {deed} after round {at}", _flaws(answer, model, f"{deed} #{kind} {at}"))
    yield row
