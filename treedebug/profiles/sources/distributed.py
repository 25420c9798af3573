"""Tables that live elsewhere: Dask and Spark scan their partitions themselves, and only the scans come back."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import narwhals as nw

from treedebug.core.errors import TreedebugError, missing_extra
from treedebug.profiles.scan.cells import Batch
from treedebug.profiles.scan.column_scan import KindChangedError
from treedebug.profiles.scan.scan_bytes import from_bytes, to_bytes
from treedebug.profiles.scan.table_scan import TableLayout, TableScan
from treedebug.profiles.sources.frame_cells import frame_batch
from treedebug.profiles.sources.lazy_frames import computed
from treedebug.profiles.sources.local_frames import FrameSource, unique_names
from treedebug.profiles.sources.source import TableSource

_FAN_IN = 8


class DaskSource(TableSource):
    """A Dask frame: a task scans each partition, more tasks merge the scans, and one scan comes back."""

    engine = "dask"

    def __init__(self, frame: Any) -> None:
        if not hasattr(frame, "to_delayed") or not hasattr(frame, "columns"):
            raise TreedebugError(f"expected a Dask DataFrame, got a {type(frame).__name__}")
        self._frame = frame
        self.names, self.doubled = unique_names([str(c) for c in frame.columns])

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, a partition at a time, in this process."""
        for part in self._frame.to_delayed():
            yield from FrameSource(part.compute(), self.engine).batches(names, as_text)

    def scan_once(self, layout: TableLayout, as_text: Collection[str]) -> TableScan:
        """Let Dask scan. Raises KindChangedError."""
        dask: Any = importlib.import_module("dask")  # there is a Dask frame, so it is there
        scans = [dask.delayed(_scan_part)(part, layout, set(as_text)) for part in self._frame.to_delayed()]
        while len(scans) > 1:
            scans = [dask.delayed(_merged)(scans[i : i + _FAN_IN]) for i in range(0, len(scans), _FAN_IN)]
        scan = computed(lambda: dask.compute(scans[0])[0], "the Dask frame") if scans else TableScan(layout)
        return _whole([scan])


def _scan_part(part: Any, layout: TableLayout, as_text: set[str]) -> TableScan | list[str]:
    """The scan of a partition, or the columns that must be read as texts."""
    try:
        return FrameSource(part, "dask").scan_once(layout, as_text)
    except KindChangedError as changed:
        return changed.columns


def _merged(scans: Sequence[TableScan | list[str]]) -> TableScan | list[str]:
    """One scan of several that follow each other."""
    try:
        return _whole(scans)
    except KindChangedError as changed:
        return changed.columns


def _whole(scans: Sequence[TableScan | list[str]]) -> TableScan:
    changed = sorted({name for one in scans if isinstance(one, list) for name in one})
    if changed:
        raise KindChangedError(changed)
    found = [s for s in scans if isinstance(s, TableScan)]
    filled = [s for s in found if s.n_rows] or found[:1]
    for scan in filled[1:]:
        filled[0].merge(scan)
    return filled[0]


class SparkSource(TableSource):
    """A PySpark frame: each task scans its partition through Arrow, and the scans come back as bytes."""

    engine = "pyspark"

    def __init__(self, frame: Any) -> None:
        if not hasattr(frame, "mapInArrow"):
            raise TreedebugError(f"expected a PySpark DataFrame, got a {type(frame).__name__}")
        self._frame = frame
        self.names, self.doubled = unique_names([str(c) for c in frame.columns])

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """All rows at once, in this process."""
        yield from FrameSource(self._frame.toPandas(), self.engine).batches(names, as_text)

    def scan_once(self, layout: TableLayout, as_text: Collection[str]) -> TableScan:
        """Let Spark scan. Raises MissingExtraError without PyArrow, ConfigError for what Spark cannot compute."""
        try:
            import pyarrow as pa  # noqa: PLC0415 - optional
        except ImportError as error:
            raise missing_extra("pyarrow", "pyspark") from error
        del pa
        # By position: names may hold dots, or stand there twice.
        names, texts = list(self.names), sorted(as_text)

        def scan_partition(batches: Iterator[Any]) -> Iterator[Any]:
            return _scan_arrow(batches, names, layout, texts)

        rows = computed(
            lambda: self._frame.mapInArrow(scan_partition, "part long, data binary").collect(), "the Spark frame"
        )
        parts = [from_bytes(bytes(row["data"])) for row in sorted(rows, key=lambda row: int(row["part"]))]
        return _whole(parts or [TableScan(layout)])


def _scan_arrow(batches: Iterator[Any], names: list[str], layout: TableLayout, as_text: list[str]) -> Iterator[Any]:
    """One record: the number of the partition, and its scan as bytes. Runs in Spark's worker."""
    import pyarrow as pa  # noqa: PLC0415 - Spark's own way of handing over rows
    from pyspark import TaskContext  # noqa: PLC0415 - we are inside it

    scan = TableScan(layout)
    for batch in batches:
        if batch.num_rows:
            table = pa.Table.from_batches([batch]).rename_columns(names)
            scan.update(frame_batch(nw.from_native(table, eager_only=True), layout.names, as_text))
    context = TaskContext.get()
    part = context.partitionId() if context is not None else 0
    yield pa.RecordBatch.from_pydict({"part": [part], "data": [to_bytes(scan)]})
