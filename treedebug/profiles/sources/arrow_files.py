"""Parquet, ORC and Arrow files and folders of them, a batch at a time whatever their size."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw

from treedebug.core.errors import FormatError, missing_extra
from treedebug.profiles.scan.cells import Batch
from treedebug.profiles.sources.frame_cells import frame_batch
from treedebug.profiles.sources.local_frames import unique_names
from treedebug.profiles.sources.packed_files import packing_of
from treedebug.profiles.sources.read_errors import reading
from treedebug.profiles.sources.source import TableSource, batch_rows

_SHOWN = 10


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
        if packed := next((f for f in files if packing_of(f)), None):
            raise FormatError(f"{packed} is packed as a whole, which {kind} files are inside: unpack it")
        self._options: Any = ds.ParquetFragmentScanOptions(pre_buffer=False) if kind == "parquet" else None
        """Files are here: reading ahead costs memory and no time."""
        self.engine = {"ipc": "arrow"}.get(kind, kind)
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
                columns=list(names), batch_size=batch_rows(len(names)), batch_readahead=1, fragment_readahead=1,
                fragment_scan_options=self._options,
            )  # fmt: skip
            for batch in scanner.to_batches():
                if batch.num_rows:
                    table = pa.Table.from_batches([batch])
                    yield frame_batch(nw.from_native(table, eager_only=True), names, as_text)
