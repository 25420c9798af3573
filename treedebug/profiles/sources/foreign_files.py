"""Files that are no text, by their first bytes: what they are, and what to do."""

from __future__ import annotations

from pathlib import Path

from treedebug.core.errors import FormatError

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"PAR1", "a Parquet file: name it .parquet"),
    (b"ARROW1", "an Arrow file: name it .arrow"),
    (b"ORC", "an ORC file: name it .orc"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook: name it .xlsx or .zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls): save it as .xlsx or CSV"),
    (b"\x1f\x8b", "packed by gzip: name it .csv.gz"),
    (b"BZh", "packed by bzip2: name it .csv.bz2"),
    (b"\xfd7zXZ", "packed by xz: name it .csv.xz"),
    (b"\x28\xb5\x2f\xfd", "packed by zstandard: name it .csv.zst"),
    (
        b"SQLite format 3",
        "a SQLite data base: name it as sqlite:///PATH and give a query (query=, in the shell --query)",
    ),
    (b"\x89HDF", "an HDF5 file: load it with pandas and pass the frame"),
    (b"\x93NUMPY", "a numpy file: load it with numpy.load and pass the array"),
    (b"<stata_dta>", "a Stata file: load it with pandas.read_stata and pass the frame"),
    (b"$FL2", "an SPSS file: load it with pandas.read_spss and pass the frame"),
    (b"%PDF", "a PDF"),
)
_PAGES = (b"<!doctype html", b"<html", b"<table", b"<?xml")


def refuse_foreign(raw: bytes, path: Path) -> None:
    """Raise FormatError if a file's first bytes are those of something that is no text of rows."""
    found = next((what for mark, what in _MARKS if raw.startswith(mark)), "")
    if not found and raw[:200].lstrip().lower().startswith(_PAGES):
        found = "a web page or XML: save the table in it as CSV"
    if found:
        raise FormatError(f"expected a text file of rows; {path} is {found}")
