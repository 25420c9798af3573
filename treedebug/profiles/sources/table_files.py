"""Tables on disk: CSV, Parquet and Arrow files, and folders of them, a batch at a time whatever their size."""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from treedebug.core.errors import FormatError, RunNotFoundError, missing_extra
from treedebug.profiles.scan.cells import Batch
from treedebug.profiles.sources.frame_cells import frame_batch
from treedebug.profiles.sources.local_frames import unique_names
from treedebug.profiles.sources.source import TableSource, batch_rows

_TEXT_FILES = {".csv": ",", ".tsv": "\t", ".txt": None}
_ARROW_FILES = {".parquet": "parquet", ".pq": "parquet", ".arrow": "ipc", ".feather": "ipc"}
TABLE_SUFFIXES = frozenset({*_ARROW_FILES, ".csv", ".tsv"})
"""What a file of rows is called (.gz, .bz2, .xz, .zst behind .csv and .tsv)."""
_PACKED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})
_SNIFFED_ROWS = 1000
_SHOWN = 10
_EXACT = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
"""pandas 3 reads every float to the last digit by itself."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


def suffix_of(path: Path) -> str:
    """The suffix that tells the format, the one of the packing left out."""
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def holds_table(path: Path) -> bool:
    """Whether a file, or a folder by the files in it, holds rows."""
    return (path.is_file() and suffix_of(path) in TABLE_SUFFIXES) or (path.is_dir() and bool(_files(path)))


def open_files(path: Path) -> TableSource:
    """The table at a path. Raises RunNotFoundError, FormatError or MissingExtraError."""
    if not path.exists():
        raise RunNotFoundError(f"there is no table at {path}: no such file or folder")
    files = _files(path) if path.is_dir() else [path]
    if not files:
        raise FormatError(
            f"the folder {path} holds no table: expected files ending in {', '.join(sorted(TABLE_SUFFIXES))}"
        )
    suffixes = {suffix_of(f) for f in files}
    kinds = {_ARROW_FILES.get(s, "csv") for s in suffixes}
    if len(kinds) > 1:
        raise FormatError(f"the folder {path} holds files of several formats ({', '.join(sorted(suffixes))}): name one")
    kind = kinds.pop()
    return CsvSource(files) if kind == "csv" else ArrowSource(path, files, kind)


def _files(folder: Path) -> list[Path]:
    hidden = (".", "_")
    return sorted(
        f
        for f in folder.rglob("*")
        if f.is_file()
        and suffix_of(f) in TABLE_SUFFIXES
        and not any(p.startswith(hidden) for p in f.relative_to(folder).parts)
    )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever a reader raises as one clear error."""
    try:
        yield
    except (FormatError, MemoryError):
        raise
    except pd.errors.ParserWarning as error:
        raise FormatError(f"{path} cannot be read as a table: lines have more fields than the header") from error
    except pd.errors.EmptyDataError as error:
        raise FormatError(f"{path} is empty: expected a table with a header line") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}): convert it") from error
    except (OSError, ValueError, ArithmeticError, TypeError, KeyError, NotImplementedError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise FormatError(f"{path} cannot be read as a table: {reason}; is the file whole?") from error


class CsvSource(TableSource):
    """CSV files with one header, read by pandas in chunks."""

    engine = "csv"

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = list(files)
        self.place = str(files[0] if len(files) == 1 else files[0].parent)
        with reading(self._files[0]):
            header = self._header(self._files[0])
            self.names, self.doubled = unique_names(header)
            with closing(_strictly(self._read(self._files[0], chunksize=_SNIFFED_ROWS))) as chunks:
                sniffed = next(chunks, None)
        if sniffed is None:
            raise FormatError(f"{self.place} has a header and no rows")
        texts = [n for n in self.names if sniffed[n].dtype == object or pd.api.types.is_string_dtype(sniffed[n])]
        self._dates = [n for n in texts if _are_dates(sniffed[n])]

    @staticmethod
    def _separator(path: Path) -> dict[str, Any]:
        separator = _TEXT_FILES.get(suffix_of(path), ",")
        return {"sep": separator} if separator else {"sep": None, "engine": "python"}

    def _read(self, path: Path, **options: Any) -> Any:
        settings: dict[str, Any] = {"low_memory": False, **_EXACT}
        return pd.read_csv(
            path, header=0, names=self.names, index_col=False, **self._separator(path), **settings, **options
        )

    def _header(self, path: Path) -> list[str]:
        head = pd.read_csv(path, header=None, nrows=1, dtype=str, keep_default_na=False, **self._separator(path))
        return [str(v) for v in head.iloc[0].tolist()]

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, file after file."""
        dtypes = {n: "str" for n in as_text if n in names}
        for path in self._files:
            with reading(path):
                header, _ = unique_names(self._header(path))
                if header != self.names:
                    odd = sorted(set(header) ^ set(self.names)) or header
                    raise FormatError(
                        f"{path} has other columns than {self._files[0].name}: {', '.join(odd[:_SHOWN])}; "
                        "files of one folder are parts of one table"
                    )
                chunks = self._read(path, usecols=list(names), dtype=dtypes, chunksize=batch_rows(len(names)))
                for chunk in _strictly(chunks):
                    for name in self._dates:
                        if name in names and name not in as_text:
                            chunk[name] = _as_dates(chunk[name])
                    yield frame_batch(nw.from_native(chunk, eager_only=True), names, as_text)


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


def _common_schema(dataset: Any) -> Any:
    """The types that hold the values of every file; else FormatError names the file or the column."""
    import pyarrow as pa  # noqa: PLC0415 - optional

    files = {fragment.path: fragment.physical_schema for fragment in dataset.get_fragments()}
    first = next(iter(files))
    for path, schema in files.items():
        odd = sorted(set(schema.names) ^ set(files[first].names))
        if odd:
            raise FormatError(
                f"{path} has other columns than {Path(first).name}: {', '.join(odd[:_SHOWN])}; "
                "files of one folder are parts of one table"
            )
    try:
        common = pa.unify_schemas(list(files.values()), promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        raise FormatError(f"the files beside {first} do not hold the same table: {error}") from error
    return pa.schema([common.field(f.name) if f.name in common.names else f for f in dataset.schema])


class ArrowSource(TableSource):
    """Parquet and Arrow files, read by PyArrow; folders `key=value` become columns."""

    def __init__(self, path: Path, files: Sequence[Path], kind: str) -> None:
        try:
            import pyarrow.dataset as ds  # noqa: PLC0415 - optional
        except ImportError as error:
            raise missing_extra("pyarrow", "parquet") from error
        self.engine = kind if kind == "parquet" else "arrow"
        self._path = path
        self.place = str(path)
        parts = {
            "source": [str(f) for f in files],
            "format": kind,
            "partitioning": ds.partitioning(flavor="hive") if path.is_dir() else None,
            "partition_base_dir": str(path) if path.is_dir() else None,
        }
        with reading(path):
            first = ds.dataset(**parts)
            self.names, self.doubled = unique_names(list(first.schema.names))
            if self.doubled:
                raise FormatError(f"{path} has columns of the same name: {', '.join(self.doubled)}; rename them")
            self._dataset = ds.dataset(**parts, schema=_common_schema(first))
            self.n_rows = self._dataset.count_rows()

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, in order of the files' names."""
        import pyarrow as pa  # noqa: PLC0415 - optional

        with reading(self._path):
            scanner = self._dataset.scanner(
                columns=list(names), batch_size=batch_rows(len(names)), batch_readahead=1, fragment_readahead=1
            )
            for batch in scanner.to_batches():
                if batch.num_rows:
                    table = pa.Table.from_batches([batch])
                    yield frame_batch(nw.from_native(table, eager_only=True), names, as_text)
