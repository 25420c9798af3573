"""The first sheet of an Excel workbook."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path

import pandas as pd

from treedebug.core.errors import FormatError, missing_extra
from treedebug.profiles.sources.local_frames import FrameSource
from treedebug.profiles.sources.read_errors import reading
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions

_MAX_UNPACKED = 2_000_000_000
_MAX_RATIO = 200
_FIELDS, _MOST_ABOVE = 3, 20


def open_workbook(path: Path, options: ReadOptions = PLAIN) -> FrameSource:
    """Return the first sheet. Raise MissingExtraError without openpyxl, FormatError for a file that is no workbook."""
    if importlib.util.find_spec("openpyxl") is None:
        raise missing_extra("openpyxl", "excel")
    with reading(path):
        _look_inside(path)
        with pd.ExcelFile(path, engine="openpyxl") as book:
            sheets = list(book.sheet_names)
            frame = pd.read_excel(book, sheets[0], header=None if options.header is False else 0)
            n_above = 0 if options.header is False else _above(frame)
            if n_above:
                frame = pd.read_excel(book, sheets[0], header=n_above)
    if options.header is False:
        frame.columns = [f"c{i}" for i in range(frame.shape[1])]
    if not len(frame):
        raise FormatError(f"the first sheet of {path}, {sheets[0]!r}, has no rows")
    source = FrameSource(frame, "workbook")
    source.place = str(path)
    source.reading = [f"the first of {len(sheets)} sheets, {sheets[0]!r}"] if len(sheets) > 1 else []
    if n_above:
        source.reading.append(f"the header is row {n_above + 1}: those above it are left out")
    return source


def _above(frame: pd.DataFrame) -> int:
    """Return how many rows stand above the header: a title, and empty ones."""
    named = sum(not str(c).startswith("Unnamed: ") for c in frame.columns)
    if frame.shape[1] < _FIELDS or named > 1:
        return 0
    first = frame.head(_MOST_ABOVE)
    full = [all(isinstance(v, str) for v in row) for row in first.itertuples(index=False)]
    return full.index(True) + 1 if True in full else 0


def _look_inside(path: Path) -> None:
    """Raise FormatError for anything but a zip of sheets that unpack to a reasonable size."""
    if not zipfile.is_zipfile(path):
        raise FormatError(f"{path} is no Excel workbook (.xlsx): save it as one, or as CSV")
    with zipfile.ZipFile(path) as archive:
        size = sum(m.file_size for m in archive.infolist())
    if size > min(_MAX_UNPACKED, max(_MAX_RATIO * path.stat().st_size, 50_000_000)):
        raise FormatError(f"{path} unpacks to {size:,} bytes: save it as CSV or Parquet")
