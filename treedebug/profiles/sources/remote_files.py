"""Tables that are not on this disk: standard input, and whatever fsspec reaches (http, s3, gs, abfs, ...)."""

from __future__ import annotations

import atexit
import re
import shutil
import sys
import tempfile
from pathlib import Path

from treedebug.core.errors import FormatError, MissingExtraError, RunNotFoundError, missing_extra
from treedebug.profiles.sources.packed_files import TABLE_SUFFIXES, suffix_of

STDIN = "-"
_URL = re.compile(r"[a-z][a-z0-9+.]*(::[a-z][a-z0-9+.]*)*://", re.IGNORECASE)
_BLOCK = 1 << 20
_LINE = 200


def is_url(text: str) -> bool:
    """Return whether a text names a place that fsspec may reach, and no path."""
    return bool(_URL.match(text))


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="treedebug-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def from_stdin() -> Path:
    """Return a file with what standard input holds, named by what it looks like."""
    path = _folder() / "stdin"
    with path.open("wb") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy, _BLOCK)
    with path.open("rb") as stream:
        head = stream.read(16)
    for mark, suffix in _MARKS:
        if head.lstrip().startswith(mark):
            return path.rename(path.with_suffix(suffix))
    return path.rename(path.with_suffix(".csv"))


_MARKS = (
    (b"PAR1", ".parquet"), (b"ARROW1", ".arrow"), (b"ORC", ".orc"), (b"PK\x03\x04", ".xlsx"),
    (b"\x1f\x8b", ".csv.gz"), (b"BZh", ".csv.bz2"), (b"\xfd7zXZ", ".csv.xz"), (b"\x28\xb5\x2f\xfd", ".csv.zst"),
    (b"{", ".jsonl"),
)  # fmt: skip


def fetched(url: str) -> Path:
    """Return a copy on this disk of the file, or of the tables in a folder, at a URL."""
    try:
        import fsspec  # noqa: PLC0415 - optional
    except ImportError as error:
        raise missing_extra("fsspec to read from a URL", "remote") from error
    try:
        files, place = fsspec.core.url_to_fs(url)
        folder = _folder()
        if not files.isdir(place):
            target = folder / (Path(place.rstrip("/").partition("?")[0]).name or "table.csv")
            files.get_file(place, str(target))
            return target
        inside = [p for p in files.find(place) if suffix_of(Path(p)) in TABLE_SUFFIXES]
        for number, name in enumerate(sorted(inside)):
            files.get_file(name, str(folder / f"{number:06}-{Path(name).name}"))
    except ImportError as error:
        extra = " (pip install 'treedebug[s3]')" if url.startswith("s3:") else ""
        raise MissingExtraError(f"{url} cannot be reached: {error}{extra}") from error
    except FileNotFoundError as error:
        raise RunNotFoundError(f"there is no table at {url}") from error
    except Exception as error:  # of the file system, as it happens
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:_LINE]
        raise FormatError(f"{url} cannot be read: {reason}") from error
    return folder
