"""CSV files and folders of them, a batch at a time whatever their size."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from treedebug.core.errors import FormatError
from treedebug.profiles.scan.cells import Batch
from treedebug.profiles.sources.frame_cells import frame_batch
from treedebug.profiles.sources.local_frames import unique_names
from treedebug.profiles.sources.packed_files import unpacked
from treedebug.profiles.sources.read_errors import reading
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions
from treedebug.profiles.sources.repeated_headers import without_headers
from treedebug.profiles.sources.source import ReadAgainError, TableSource, batch_rows
from treedebug.profiles.sources.text_dialect import Dialect, recognise

_SNIFFED_ROWS, _LEAST_SNIFFED, _SNIFFED_CELLS = 1000, 50, 50_000
"""Rows that are looked at for dates; fewer of a wide table."""
_SHOWN = 10
_EXACT = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
"""pandas 3 reads every float to the last digit by itself."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


class CsvSource(TableSource):
    """CSV files with one header, read by pandas in chunks."""

    engine = "csv"

    def __init__(self, files: Sequence[Path], options: ReadOptions = PLAIN) -> None:
        self._files = list(files)
        self._whole: Any = None
        """All rows, of a file of a few."""
        self.place = str(files[0] if len(files) == 1 else files[0].parent)
        with reading(self._files[0]):
            self.n_bytes = sum(file.stat().st_size for file in self._files)
            self._dialect = recognise(self._files[0], options)
            self._is_given = options.encoding is not None
            self.names, self.doubled = unique_names(self._header(self._files[0]))
            sniffed = self._sniffed()
        if not len(sniffed):
            raise FormatError(f"{self.place} has a header and no rows")
        self.reading, self.label = list(self._dialect.said), self._dialect.label
        texts = [n for n, dtype in sniffed.dtypes.items() if not pd.api.types.is_numeric_dtype(dtype)]
        self._dates = [n for n in texts if _are_dates(sniffed[n])]

    def _sniffed(self) -> Any:
        """The first rows; they are kept if they are all there is."""
        n_rows = max(_LEAST_SNIFFED, min(_SNIFFED_ROWS, _SNIFFED_CELLS // max(len(self.names), 1)))
        usual = {} if len(self.names) <= self.most_features else {"usecols": self.names[: self.most_features]}
        with self._chunks(self._files[0], chunksize=n_rows, **usual) as chunks:
            sniffed = next(chunks, pd.DataFrame(columns=self.names))
        if not usual and len(sniffed) < n_rows and len(self._files) == 1:
            self._whole = sniffed
        return sniffed

    @contextmanager
    def _rows(self, path: Path, options: dict[str, Any], as_text: Collection[str]) -> Iterator[Iterator[Any]]:
        if self._whole is None or as_text:
            with self._chunks(path, **options) as chunks:
                yield chunks
        else:
            names = options["usecols"]
            yield iter([self._whole.copy(deep=False) if len(names) == len(self.names) else self._whole[names]])

    @contextmanager
    def _chunks(self, path: Path, **options: Any) -> Iterator[Iterator[Any]]:
        """The rows as frames. Raises ReadAgainError where the bytes are no UTF-8, the first time."""
        d = self._dialect
        settings: dict[str, Any] = {"low_memory": False, **_EXACT, "sep": d.sep, "encoding": d.encoding}
        settings |= {"decimal": d.decimal, "thousands": d.thousands, "header": 0 if d.header else None}
        settings |= {"skiprows": d.n_skipped, "quotechar": d.quote}
        if d.missing:
            settings |= {"na_values": list(d.missing), "skipinitialspace": True}
        with unpacked(path) as stream:
            try:
                reader = pd.read_csv(stream, names=self.names, index_col=False, **settings, **options)
                with closing(_strictly(reader)) as chunks:
                    yield chunks
            except UnicodeDecodeError as error:
                raise self._not_in(d.encoding, path, error) from error

    def _not_in(self, encoding: str, path: Path, error: UnicodeDecodeError) -> Exception:
        """What to raise where bytes are not of the encoding: read again in another one, or say so."""
        byte = error.object[error.start] if error.start < len(error.object) else 0
        if encoding != "utf-8" or self._is_given:
            return FormatError(
                f"{path} is not {encoding} text (byte 0x{byte:02x}): name its encoding, such as cp1252 or latin-1"
            )
        self._dialect = replace(self._dialect, encoding="cp1252")
        self.reading = [*self.reading, f"read as cp1252 (not utf-8: byte 0x{byte:02x}); name the encoding if it is not"]
        return ReadAgainError(f"{path} is not utf-8")

    def _header(self, path: Path) -> list[str]:
        d = self._dialect
        if d.names:
            return list(d.names)
        first = _first_fields(path, d)
        if first is None:
            with unpacked(path) as stream:
                head = pd.read_csv(
                    stream, header=None, nrows=1, dtype=str, keep_default_na=False,
                    sep=d.sep, encoding=d.encoding, encoding_errors="replace", skiprows=d.n_skipped,
                )  # fmt: skip
            first = [str(v) for v in head.iloc[0].tolist()]
        return first if d.header else [f"c{i}" for i in range(len(first))]

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, file after file; rows that repeat the header are left out."""
        dtypes = {n: "str" for n in as_text if n in names}
        row, self.header_rows = 0, []
        for path in self._files:
            with reading(path):
                if path != self._files[0]:
                    self._compare_header(path)
                options = {"usecols": list(names), "dtype": dtypes, "chunksize": batch_rows(len(names))}
                with self._rows(path, options, as_text) as chunks:
                    for chunk in chunks:
                        whole, headers = without_headers(chunk, names, as_text)
                        self.header_rows = [*self.header_rows, *(row + headers).tolist()]
                        row += len(chunk)
                        for name in self._dates:
                            if name in names and name not in as_text:
                                whole[name] = _as_dates(whole[name])
                        yield frame_batch(nw.from_native(whole, eager_only=True), names, as_text)

    def _compare_header(self, path: Path) -> None:
        header, _ = unique_names(self._header(path))
        if header != self.names:
            odd = sorted(set(header) ^ set(self.names)) or header
            raise FormatError(
                f"{path} has other columns than {self._files[0].name}: {', '.join(odd[:_SHOWN])}; "
                "files of one folder are parts of one table"
            )


def _first_fields(path: Path, dialect: Dialect) -> list[str] | None:
    """Return the fields of the first line that holds any, as pandas reads them; None where it must do so itself."""
    if len(dialect.sep) != 1:
        return None
    with (
        unpacked(path) as stream,
        io.TextIOWrapper(stream, encoding=dialect.encoding, errors="replace", newline="") as lines,
    ):
        try:
            for _ in range(dialect.n_skipped):
                lines.readline()
            return next((row for row in csv.reader(lines, delimiter=dialect.sep) if any(f.strip() for f in row)), None)
        except csv.Error:
            return None


def _strictly(reader: Any) -> Generator[Any]:
    """The reader's chunks; a line with more fields than the header is an error, not a warning."""
    with reader:
        while True:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)
                chunk = next(reader, None)
            if chunk is None:
                return
            yield chunk


def _are_dates(column: Any) -> bool:
    present = column.dropna()
    return len(present) > 0 and all(_DATE.fullmatch(str(v).strip()) for v in present)


def _as_dates(column: Any) -> Any:
    """The column as dates, or as it is if some text is none."""
    stamps = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601").dt.tz_localize(None)
    return column if (stamps.isna() & column.notna()).any() else stamps
