"""A table at a path, a URL, in a data base or on standard input, as the source that reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from treedebug.core.errors import ConfigError, FormatError, RunNotFoundError, TreedebugError
from treedebug.profiles.sources.arrow_files import ArrowSource
from treedebug.profiles.sources.csv_files import CsvSource
from treedebug.profiles.sources.json_lines import JsonLinesSource
from treedebug.profiles.sources.json_tables import open_json
from treedebug.profiles.sources.lake_tables import lake_kind, open_lake
from treedebug.profiles.sources.libsvm_files import is_libsvm, open_libsvm
from treedebug.profiles.sources.packed_files import KINDS, TABLE_SUFFIXES, is_named_table, suffix_of, unpacked
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions
from treedebug.profiles.sources.remote_files import STDIN, fetched, from_stdin, is_url
from treedebug.profiles.sources.source import TableSource
from treedebug.profiles.sources.sql_tables import is_data_base, is_query, open_data_base, open_query
from treedebug.profiles.sources.text_dialect import has_fields
from treedebug.profiles.sources.workbooks import open_workbook

_HEAD = 4096


def holds_table(path: Path) -> bool:
    """Return whether a file by its name, or a folder by the files in it, holds rows."""
    if path.is_dir():
        return bool(lake_kind(path)) or bool(_files(path))
    return path.is_file() and is_named_table(path)


def seems_table(path: Path, *, has_target: bool = False) -> bool:
    """Return whether a file whose name does not tell holds rows, by its first bytes.

    A JSON object may be a model, or with a target a table.
    """
    try:
        if KINDS[suffix_of(path)] == "json":
            with unpacked(path) as stream:
                head = stream.read(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
            return head.startswith(b"[") or (has_target and b'"learner"' not in head)
        return is_libsvm(path) or has_fields(path)
    except (TreedebugError, OSError, ValueError, EOFError, RuntimeError):
        return False


def is_elsewhere(place: str) -> bool:
    """Return whether a text names a table that is no file here: standard input, a URL, a data base or a query."""
    return place == STDIN or is_url(place) or is_query(place)


def open_files(place: str | Path, options: ReadOptions = PLAIN) -> TableSource:
    """Return the table at a place. Raise RunNotFoundError, FormatError, ConfigError or MissingExtraError."""
    text = str(place)
    if isinstance(place, str) and is_elsewhere(text):
        if is_query(text):
            return open_query(text)
        if is_data_base(text):
            return open_data_base(text, options.query)
        source = open_files(from_stdin() if text == STDIN else fetched(text), options)
        source.place = "standard input" if text == STDIN else text
        return source
    if options.query is not None:
        raise ConfigError(
            f"query= goes with the URL of a data base (postgresql://...), and {text} is none; "
            "a query over files stands in place of the table"
        )
    return _open_path(Path(text).expanduser(), options)


def _open_path(path: Path, options: ReadOptions) -> TableSource:
    if not path.exists():
        raise RunNotFoundError(f"there is no table at {path}: no such file or folder")
    if path.is_dir() and (kind := lake_kind(path)):
        return open_lake(path, kind)
    files = (_files(path) or _files(path, certain=False)) if path.is_dir() else [path]
    if not files:
        raise FormatError(
            f"the folder {path} holds no table: expected files ending in {', '.join(sorted(TABLE_SUFFIXES))}"
        )
    suffixes = {suffix_of(f) for f in files}
    kinds = {KINDS[s] for s in suffixes}
    if len(kinds) > 1:
        raise FormatError(f"the folder {path} holds files of several formats ({', '.join(sorted(suffixes))}): name one")
    kind = kinds.pop()
    if kind in _ONE_FILE:
        if len(files) > 1:
            raise FormatError(f"the folder {path} holds {len(files)} files of {kind}: name one")
        return _ONE_FILE[kind](files[0], options)
    return _SOME_FILES[kind](files, options) if kind in _SOME_FILES else ArrowSource(path, files, kind)


def _text(files: Sequence[Path], options: ReadOptions) -> TableSource:
    return open_libsvm(files) if is_libsvm(files[0]) else CsvSource(files, options)


_ONE_FILE: dict[str, Callable[[Path, ReadOptions], TableSource]] = {"json": open_json, "workbook": open_workbook}
_SOME_FILES: dict[str, Callable[[Sequence[Path], ReadOptions], TableSource]] = {
    "text": _text,
    "json lines": JsonLinesSource,
    "libsvm": lambda files, _: open_libsvm(files),
}


def _files(folder: Path, *, certain: bool = True) -> list[Path]:
    """The tables in it by their names; without `certain`, all texts."""
    hidden = (".", "_")
    files = [f for f in folder.rglob("*") if f.is_file() and (is_named_table(f) if certain else suffix_of(f))]
    return sorted(f for f in files if not any(p.startswith(hidden) for p in f.relative_to(folder).parts))
