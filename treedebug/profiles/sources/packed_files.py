"""Files of rows by their names: what they hold, and how they are packed; their bytes, unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from treedebug.core.errors import FormatError, missing_extra

KINDS = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".dat", ".data", ".arff", ""), "text"),
    ".json": "json",
    **dict.fromkeys((".jsonl", ".ndjson"), "json lines"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), "ipc"),
    ".orc": "orc",
    **dict.fromkeys((".xlsx", ".xlsm"), "workbook"),
    **dict.fromkeys((".svm", ".libsvm", ".svmlight"), "libsvm"),
}
"""What a file holds, by its suffix."""
_CERTAIN = frozenset(KINDS) - {"", ".txt", ".dat", ".data", ".json"}
TABLE_SUFFIXES = frozenset(s for s in KINDS if s)
_PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})
_MAX_RATIO = 1000
"""Bytes for each packed one beyond which a file is no table but a bomb."""
_MIN_BYTES = 100_000_000


def suffix_of(path: Path) -> str:
    """Return the suffix that tells the format, the one of the packing left out; "" for one that tells nothing."""
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        packing = suffixes.pop()
        if packing == ".zip" and not (suffixes and suffixes[-1] in KINDS):
            suffixes = _inside(path)
    return suffixes[-1] if suffixes and suffixes[-1] in KINDS else ""


def packing_of(path: Path) -> str:
    """Return how a file is packed, by its suffix; "" for one that is not."""
    last = path.suffix.lower()
    return last if last in _PACKED else ""


def is_named_table(path: Path) -> bool:
    """Return whether a file's name says that it holds rows, and nothing else."""
    return suffix_of(path) in _CERTAIN


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file's bytes, unpacked. Raise FormatError for an archive of several files."""
    packing = packing_of(path)
    if packing == ".zip":
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
            if len(members) != 1:
                raise FormatError(f"{path} holds {len(members)} files: expected a zip of one table; unpack it first")
            with archive.open(members[0]) as stream:
                yield _bounded(stream, path)
        return
    with _OPENERS.get(packing, _plain)(path) as opened:
        yield _bounded(opened, path) if packing else opened


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in it; where only one is named like a table, that one."""
    files = [m for m in archive.infolist() if not m.is_dir() and not Path(m.filename).name.startswith(".")]
    files = [m for m in files if not m.filename.startswith("__MACOSX")]
    tables = [m for m in files if Path(m.filename).suffix.lower() in _CERTAIN]
    return tables if len(tables) == 1 else files


def _inside(path: Path) -> list[str]:
    """The suffixes of the one file in a zip; none if that cannot be told."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return []
    return [s.lower() for s in Path(members[0].filename).suffixes] if len(members) == 1 else []


def _bounded(stream: IO[bytes], path: Path) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(_Bounded(stream, path), 1 << 18))


def _zstd(path: Path) -> IO[bytes]:
    try:
        import zstandard  # noqa: PLC0415 - optional
    except ImportError as error:
        raise missing_extra("zstandard", "files") from error
    return cast("IO[bytes]", zstandard.open(path, "rb"))


def _plain(path: Path) -> IO[bytes]:
    return path.open("rb")


def _gzip(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb"))


def _bz2(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", bz2.open(path, "rb"))


def _xz(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", lzma.open(path, "rb"))


_OPENERS: dict[str, Any] = {".gz": _gzip, ".bz2": _bz2, ".xz": _xz, ".zst": _zstd}


class _Bounded(io.RawIOBase):
    """A stream that refuses to give far more bytes than its packed file has."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        super().__init__()
        self._stream, self._path = stream, path
        self._left = max(_MIN_BYTES, _MAX_RATIO * path.stat().st_size)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes into a buffer and return their number. Raise FormatError beyond the bound."""
        data = self._stream.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise FormatError(
                f"{self._path} unpacks to over {_MAX_RATIO} times its size: unpack it first if it is a table"
            )
        buffer[: len(data)] = data
        return len(data)
