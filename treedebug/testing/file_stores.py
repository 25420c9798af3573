"""The conformance suite of stores that keep a run in one local file, written with `os.write`; see `stores`."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from treedebug.testing.bad_disk import ERRORS, BadDisk
from treedebug.testing.stores import StoreConformance, numbered, numbers_of


class FileStoreConformance(StoreConformance):
    """For stores that keep a run in one local file, written with `os.write`. Give `record_file` as well."""

    def record_file(self, place: Path) -> Path:
        """Return the file that holds the records."""
        raise NotImplementedError

    def test_torn_tail(self, tmp_path: Path) -> None:
        """A file cut anywhere in its last append opens without that append, and can be resumed."""
        self.write(tmp_path, [numbered(0)])
        file = self.record_file(tmp_path)
        whole = file.stat().st_size
        self.write(tmp_path, [numbered(1, size=300)], resume=True)
        full = file.read_bytes()
        for size in range(whole, len(full), 37):
            file.write_bytes(full[:size])
            assert numbers_of(self.read(tmp_path)) == [0]
            self.write(tmp_path, [numbered(2)], resume=True)
            assert numbers_of(self.read(tmp_path)) == [0, 2]

    def test_zero_tail(self, tmp_path: Path) -> None:
        """Zeros at the end are bytes that have not arrived: a reader waits, and reads on when they are there."""
        self.write(tmp_path, [numbered(0)])
        file = self.record_file(tmp_path)
        whole = file.stat().st_size
        self.write(tmp_path, [numbered(1), numbered(2)], resume=True)
        full = file.read_bytes()
        file.write_bytes(full[:whole] + bytes(len(full) - whole))
        source = self.make_source(tmp_path)
        new, offset = source.records_from(0)
        assert (numbers_of(new), source.records_from(offset)) == ([0], ([], offset))
        assert numbers_of(list(source.records())) == [0]
        file.write_bytes(full)
        assert numbers_of(source.records_from(offset)[0]) == [1, 2]

    def test_full_disk(self, tmp_path: Path) -> None:
        """A failed append leaves nothing behind, for any reader at any time; a later one succeeds."""
        sink = self.make_sink(tmp_path)
        sink.append([numbered(0)])
        source = self.make_source(tmp_path)
        _, offset = source.records_from(0)
        for room in (0, 5, 200, 1500):
            with full_disk(room) as written:
                try:
                    sink.append([numbered(7, size=1000), numbered(8, size=1000)])
                except OSError as error:
                    assert error.errno == errno.ENOSPC
                else:
                    raise AssertionError("append must pass the OSError on")
            assert sum(written) == room
            assert source.records_from(offset) == ([], offset)
        sink.append([numbered(1)])
        sink.close()
        assert numbers_of(self.read(tmp_path)) == [0, 1]
        assert numbers_of(source.records_from(offset)[0]) == [1]

    def test_every_call_fails_in_turn(self, tmp_path: Path) -> None:
        """Whichever call fails once: an append takes all of its records or none, and the next try goes on."""
        sound = tmp_path / "sound"
        sound.mkdir()
        with BadDisk(sound) as disk:
            self._insist(sound)
        assert disk.counts["write"], "the store does not write with os.write: nothing was tried"
        for call, errors in ERRORS.items():
            for how in errors:
                for at in range(disk.counts[call]):
                    place = tmp_path / f"{call}-{how}-{at}"
                    place.mkdir()
                    with BadDisk(place, call, how, at) as failing:
                        self._insist(place)
                    assert failing.n_failed, place.name
                    assert numbers_of(self.read(place)) == list(range(8)), place.name

    def _insist(self, place: Path) -> None:
        """Write four appends of two records; what fails is tried again, and nobody reads a part of an append."""
        sink = _second_try(lambda: self.make_sink(place))
        for number in range(0, 8, 2):
            _second_try(partial(sink.append, [numbered(number, size=300), numbered(number + 1)]))
            assert numbers_of(self.read(place)) == list(range(number + 2))
        with contextlib.suppress(OSError):  # it may not be known whether the disk has it
            sink.close()


def _second_try(function: Callable[[], Any]) -> Any:
    try:
        return function()
    except OSError:
        return function()


@contextlib.contextmanager
def full_disk(room: int) -> Iterator[list[int]]:
    """Let `os.write` write `room` more bytes, then fail as on a full disk; gives the sizes written."""
    written: list[int] = []
    write = os.write

    def short_write(fd: int, data: bytes) -> int:
        left = room - sum(written)
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(write(fd, data[: max(left // 2, 1)]))
        return written[-1]

    with mock.patch("os.write", short_write):
        yield written
