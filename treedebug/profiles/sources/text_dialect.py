"""How a text file of rows is written: encoding, separator, decimal mark, header; recognised on its first lines."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from treedebug.core.errors import FormatError
from treedebug.profiles.sources.foreign_files import refuse_foreign
from treedebug.profiles.sources.packed_files import suffix_of, unpacked
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions
from treedebug.profiles.sources.text_preamble import Preamble, attributes, leading_lines

_HEAD_BYTES = 131_072
_HEAD_LINES = 100
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEPARATORS = (",", ";", "\t", "|")
_SPACES = r"\s+"
_COMMA_NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+|[+-]?\d+,\d+")
_POINT_NUMBER = re.compile(r"[+-]?\d*\.\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d+")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "'|'", _SPACES: "white space"}
_NUL_SHARE = 0.1
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a text file is to be read."""

    encoding: str = "utf-8"
    sep: str = ","
    decimal: str = "."
    thousands: str | None = None
    header: bool = True
    names: tuple[str, ...] = ()
    """Of the columns, where the file says them before its rows."""
    label: str = ""
    n_skipped: int = 0
    """Lines before the header, or before the rows."""
    missing: tuple[str, ...] = ()
    quote: str = '"'
    said: tuple[str, ...] = ()
    """What was recognised, where it is not the usual."""


def recognise(path: Path, options: ReadOptions) -> Dialect:
    """Return the dialect of a file, what the caller says first. Raise FormatError for one that is no text."""
    with unpacked(path) as stream:
        raw = stream.read(_HEAD_BYTES)
    if not raw.strip():
        raise FormatError(f"{path} is empty: expected a table with a header line")
    refuse_foreign(raw, path)
    encoding = options.encoding or _encoding(raw, path)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(raw)
    every = _LINE_END.split(text)
    if len(raw) == _HEAD_BYTES and len(every) > 1:
        every.pop()  # cut somewhere
    usual = "\t" if suffix_of(path) == ".tsv" else ","
    before = _before(every, path, options, usual)
    lines = [line for line in every[before.n_lines :] if line.strip()][:_HEAD_LINES]
    sep = options.sep or before.sep or _separator(lines, usual)
    fields = [_split(line, sep) for line in lines]
    decimal = options.decimal or _decimal(fields[1:], sep)
    thousands = "." if decimal == "," and any(_THOUSANDS.fullmatch(f.strip()) for row in fields for f in row) else None
    header = not before.names and (_has_header(fields) if options.header is None else options.header)
    said = [before.said] if before.said else []
    if options.encoding is None and encoding != "utf-8":
        said.append(f"read as {encoding}")
    if options.sep is None and sep != ("\t" if suffix_of(path) == ".tsv" else ","):
        said.append(f"fields are separated by {_NAMES.get(sep, repr(sep))}")
    if options.decimal is None and decimal == ",":
        said.append("',' is the decimal mark" + (" and '.' that of thousands" if thousands else ""))
    if options.header is None and not header and not before.names:
        said.append("the first line holds numbers and is read as a row; the columns are c0, c1, ...")
    return Dialect(
        encoding=encoding, sep=sep, decimal=decimal, thousands=thousands, header=header, names=before.names,
        label=before.label, n_skipped=before.n_lines, missing=before.missing, quote=before.quote, said=tuple(said),
    )  # fmt: skip


def has_fields(path: Path) -> bool:
    """Return whether a text's lines fall into as many fields each, or say their columns before."""
    found = recognise(path, PLAIN)
    if found.names:
        return True
    with unpacked(path) as stream:
        text = codecs.getincrementaldecoder(found.encoding)(errors="replace").decode(stream.read(_HEAD_BYTES))
    lines = [line for line in _LINE_END.split(text)[found.n_skipped :] if line.strip()][:_HEAD_LINES]
    counts = {len(_split(line, found.sep)) for line in (lines[:-1] if len(lines) > 2 else lines)}
    return len(lines) > 1 and len(counts) == 1 and counts.pop() > 1


def _before(lines: Sequence[str], path: Path, options: ReadOptions, usual: str) -> Preamble:
    """Return what stands before the header; nothing where the caller says how the first line is to be read."""
    found = attributes(lines, path)
    if found is not None:
        return found
    if options.header is not None:
        return Preamble()

    def split_by(some: Sequence[str]) -> Callable[[str], Sequence[str]]:
        sep = options.sep or _separator([line for line in some if line.strip()][:_HEAD_LINES], usual)
        return lambda line: _split(line, sep)

    blank = next((i for i, line in enumerate(lines) if line.strip()), 0)
    found = leading_lines(lines[blank : blank + _HEAD_LINES], split_by)
    return replace(found, n_lines=found.n_lines + blank) if found.n_lines else found


def _encoding(raw: bytes, path: Path) -> str:
    for mark, name in _MARKS.items():
        if raw.startswith(mark):
            return name
    if raw.count(0) > _NUL_SHARE * len(raw):
        even, odd = raw[::2].count(0), raw[1::2].count(0)
        if min(even, odd) > _NUL_SHARE * max(even, odd) or max(even, odd) < len(raw) / 4:
            raise FormatError(f"{path} is no text but binary data: expected lines of fields")
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(raw)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def fields_of(lines: Iterable[str], sep: str) -> Iterator[list[str]]:
    """Yield the fields of lines, as they are parted by a mark, or by white space."""
    if sep == _SPACES:
        return (line.split() for line in lines)
    return csv.reader(lines, delimiter=sep)


def _split(line: str, sep: str) -> list[str]:
    try:
        return next(fields_of([line], sep), [])
    except csv.Error:
        return [line]


def _separator(lines: Sequence[str], usual: str) -> str:
    """The mark that parts all lines into as many fields; the usual one if it does, or if none does."""
    found: dict[str, int] = {}
    for sep in (usual, *(s for s in _SEPARATORS if s != usual), _SPACES):
        counts = {len(_split(line, sep)) for line in lines}
        if len(counts) == 1 and (n := counts.pop()) > 1:
            found[sep] = n
    if usual in found or not found:
        other = max((s for s in found if s != usual), key=lambda s: found[s], default=usual)
        return other if other != usual and found.get(usual, 0) * 2 < found[other] and other != _SPACES else usual
    return max(found, key=lambda s: (s != _SPACES, found[s]))


def _decimal(rows: Sequence[Sequence[str]], sep: str) -> str:
    """The mark before decimals: a comma if numbers have one, and none has a point."""
    if sep == ",":
        return "."
    cells = [f.strip() for row in rows for f in row]
    commas = sum(bool(_COMMA_NUMBER.fullmatch(c)) for c in cells)
    points = sum(bool(_POINT_NUMBER.fullmatch(c)) for c in cells)
    return "," if commas and not points else "."


def _has_header(fields: Sequence[Sequence[str]]) -> bool:
    """Whether the first line holds names: anything but numbers, or 0, 1, 2, ... as a frame without names has it."""
    first = [f.strip() for f in fields[0]] if fields else []
    if len(fields) < 2 or not first or not all(_is_number(f) for f in first):
        return True
    counting = [str(i) for i in range(len(first))]
    return first == counting or (first[:-1] == counting[:-1] and not _is_number(first[-1]))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
