"""CSV files and folders of them, a batch at a time whatever their size."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from treedebug.core.errors import FormatError
from treedebug.profiles.scan.cells import Batch
from treedebug.profiles.sources.frame_cells import frame_batch
from treedebug.profiles.sources.local_frames import unique_names
from treedebug.profiles.sources.packed_files import unpacked
from treedebug.profiles.sources.read_errors import reading
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions
from treedebug.profiles.sources.source import ReadAgainError, TableSource, batch_rows
from treedebug.profiles.sources.text_dialect import fields_of, recognise

_SNIFFED_ROWS = 1000
_SHOWN = 10
_EXACT = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
"""pandas 3 reads every float to the last digit by itself."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


class CsvSource(TableSource):
    """CSV files with one header, read by pandas in chunks."""

    engine = "csv"

    def __init__(self, files: Sequence[Path], options: ReadOptions = PLAIN) -> None:
        self._files = list(files)
        self.place = str(files[0] if len(files) == 1 else files[0].parent)
        with reading(self._files[0]):
            self.n_bytes = sum(file.stat().st_size for file in self._files)
            self._dialect = recognise(self._files[0], options)
            self._is_given = options.encoding is not None
            self.names, self.doubled = unique_names(self._header(self._files[0]))
            sniffed = self._sniffed()
        if not len(sniffed):
            raise FormatError(f"{self.place} has a header and no rows")
        self.reading = list(self._dialect.said)
        texts = [
            n for n, t in sniffed.dtypes.items() if pd.api.types.is_object_dtype(t) or pd.api.types.is_string_dtype(t)
        ]
        self._dates = [n for n in texts if _are_dates(sniffed[n])]

    def _sniffed(self) -> Any:
        usual = {} if len(self.names) <= self.most_features else {"usecols": self.names[: self.most_features]}
        with self._chunks(self._files[0], chunksize=_SNIFFED_ROWS, **usual) as chunks:
            return next(chunks, pd.DataFrame(columns=self.names))

    @contextmanager
    def _chunks(self, path: Path, **options: Any) -> Iterator[Iterator[Any]]:
        """The rows as frames. Raises ReadAgainError where the bytes are no UTF-8, the first time."""
        d = self._dialect
        settings: dict[str, Any] = {"low_memory": False, **_EXACT, "sep": d.sep, "encoding": d.encoding}
        settings |= {"decimal": d.decimal, "thousands": d.thousands, "header": 0 if d.header else None}
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
        with unpacked(path) as stream:
            text = io.TextIOWrapper(stream, encoding=d.encoding, errors="replace", newline="")
            first = next((row for row in fields_of(text, d.sep) if row), [])
            text.detach()
        return first if d.header else [f"c{i}" for i in range(len(first))]

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, file after file; rows that repeat the header are left out."""
        dtypes = {n: "str" for n in as_text if n in names}
        row, self.header_rows = 0, []
        for path in self._files:
            with reading(path):
                self._compare_header(path)
                options = {"usecols": list(names), "dtype": dtypes, "chunksize": batch_rows(len(names))}
                with self._chunks(path, **options) as chunks:
                    for chunk in chunks:
                        whole = self._without_headers(chunk, names, row, as_text)
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

    def _without_headers(self, chunk: Any, names: Sequence[str], row: int, as_text: Collection[str]) -> Any:
        """The rows that do not repeat the header, their columns as they would be without it."""
        texts = [n for n, t in chunk.dtypes.items() if not pd.api.types.is_numeric_dtype(t)]
        if len(texts) < len(names):  # a header would make each column one of texts
            return chunk
        repeats = chunk[texts[0]] == texts[0]
        for name in texts[1:]:
            if not repeats.any():
                return chunk
            repeats &= chunk[name] == name
        if not repeats.any():
            return chunk
        self.header_rows = [*self.header_rows, *(row + np.flatnonzero(repeats.to_numpy())).tolist()]
        left = chunk[~repeats].reset_index(drop=True)
        for name in texts:
            if name not in as_text:
                numbers = pd.to_numeric(left[name], errors="coerce")
                if not (numbers.isna() & left[name].notna()).any():
                    left[name] = numbers
        return left


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
