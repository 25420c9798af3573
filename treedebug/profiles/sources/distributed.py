"""Tables that live elsewhere: Dask and Spark scan their parts themselves, and one scan comes back."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import pandas as pd

from treedebug.core.errors import ConfigError, TreedebugError, missing_extra
from treedebug.profiles.scan.cells import Batch
from treedebug.profiles.scan.column_scan import KindChangedError
from treedebug.profiles.scan.scan_bytes import from_bytes, to_bytes
from treedebug.profiles.scan.table_scan import TableLayout, TableScan
from treedebug.profiles.sources.frame_cells import frame_batch
from treedebug.profiles.sources.lazy_frames import computed
from treedebug.profiles.sources.local_frames import FrameSource, unique_names
from treedebug.profiles.sources.source import TableSource, batch_rows

_FAN_IN = 8
_COLLECTED = 2
"""Scans that come back from Spark at most."""
_UNKNOWN_PARTS, _FEW_PARTS = 2000, 16
"""Where the number of Spark's parts is not known: as many are merged, and each is thinned as one of few."""
_FIRST_ROWS = 64
_RECORD = "part long, piece long, n_pieces long, data binary"
"""A scan travels in pieces: a Java process stumbles over cells of a hundred megabytes."""
_COLUMNS = ["part", "piece", "n_pieces", "data"]
_PIECE = 4_000_000
_LOST = "its driver may have run out of memory (spark.driver.memory)"


class PartsSource(TableSource):
    """A table in parts, each of which is scanned by itself: what follows from its first rows is settled before."""

    def __init__(self) -> None:
        self._is_thinned = True

    def scan(self, layout: TableLayout) -> TableScan:
        """Read the table once; again if its parts cannot be compared, or were too unlike in size to be thinned."""
        scan = super().scan(layout)
        if scan.parts_differ:
            layout = replace(layout, naming=scan.candidates)
            scan = super().scan(layout)
        if not scan.is_complete:
            self._is_thinned = False
            scan = super().scan(layout)
        return scan


def _settled(first_rows: Any, layout: TableLayout, as_text: Collection[str]) -> TableLayout:
    """The layout with what the first rows of the table tell of it, for all parts alike."""
    if layout.naming is not None:
        return layout
    scan = FrameSource(first_rows, "").scan_once(layout, as_text)
    if not scan.n_rows:
        return layout
    return replace(layout, naming=scan.candidates, time_format=layout.time_format or scan.time_format)


class DaskSource(PartsSource):
    """A Dask frame: a task scans each partition, more tasks merge the scans, and one scan comes back."""

    engine = "dask"

    def __init__(self, frame: Any) -> None:
        if not hasattr(frame, "to_delayed") or not hasattr(frame, "columns"):
            raise TreedebugError(f"expected a Dask DataFrame, got a {type(frame).__name__}")
        super().__init__()
        self._frame = frame
        self.names, self.doubled = unique_names([str(c) for c in frame.columns])

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, a partition at a time, in this process."""
        for part in self._frame.to_delayed():
            yield from FrameSource(part.compute(), self.engine).batches(names, as_text)

    def scan_once(self, layout: TableLayout, as_text: Collection[str]) -> TableScan:
        """Let Dask scan. Raises KindChangedError."""
        dask: Any = importlib.import_module("dask")  # there is a Dask frame, so it is there
        parts, texts = self._frame.to_delayed(), set(as_text)
        if not len(parts):
            return TableScan(layout)
        settled = dask.delayed(_settled_by)(parts[0], layout, texts) if len(parts) > 1 else layout
        n_parts = len(parts) if self._is_thinned else 1
        scans = [dask.delayed(_scan_part)(part, settled, texts, n_parts) for part in parts]
        while len(scans) > 1:
            n_left = -(-len(scans) // _FAN_IN) if self._is_thinned else 1
            scans = [dask.delayed(_merged)(scans[i : i + _FAN_IN], n_left) for i in range(0, len(scans), _FAN_IN)]
        return _whole([computed(lambda: dask.compute(scans[0])[0], "the Dask frame")])


def _settled_by(part: Any, layout: TableLayout, as_text: set[str]) -> TableLayout:
    return _settled(part.head(_FIRST_ROWS), layout, as_text)


def _scan_part(part: Any, layout: TableLayout, as_text: set[str], n_parts: int) -> TableScan | list[str]:
    """The scan of a partition, or the columns that must be read as texts."""
    try:
        scan = FrameSource(part, "dask").scan_once(layout, as_text)
    except KindChangedError as changed:
        return changed.columns
    scan.thin(n_parts)
    return scan


def _merged(scans: Sequence[TableScan | list[str]], n_left: int) -> TableScan | list[str]:
    """One scan of several that follow each other, one of `n_left`."""
    try:
        scan = _whole(scans)
    except KindChangedError as changed:
        return changed.columns
    scan.thin(n_left)
    return scan


def _whole(scans: Sequence[TableScan | list[str]]) -> TableScan:
    changed = sorted({name for one in scans if isinstance(one, list) for name in one})
    if changed:
        raise KindChangedError(changed)
    found = [s for s in scans if isinstance(s, TableScan)]
    filled = [s for s in found if s.n_rows] or found[:1]
    for scan in filled[1:]:
        filled[0].merge(scan)
    return filled[0]


class SparkSource(PartsSource):
    """A PySpark frame: tasks scan its partitions through Arrow, more tasks merge the scans, and few come back."""

    engine = "pyspark"
    reading = ("Spark keeps no order of rows: they are numbered as its partitions came, from 0 on",)

    def __init__(self, frame: Any) -> None:
        if not hasattr(frame, "mapInArrow"):
            raise TreedebugError(f"expected a PySpark DataFrame, got a {type(frame).__name__}")
        super().__init__()
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
        n_known = self._n_parts()
        if n_known != 1:
            first = computed(lambda: self._frame.limit(_FIRST_ROWS).toPandas(), "the Spark frame")
            layout = _settled(first.set_axis(names, axis=1), layout, texts)
        n_parts = (n_known or _FEW_PARTS) if self._is_thinned else 1

        def scan_partition(batches: Iterator[Any]) -> Iterator[Any]:
            return _scan_arrow(batches, names, layout, texts, n_parts)

        def collected() -> Any:
            scans, left = self._frame.mapInArrow(scan_partition, _RECORD), n_known or _UNKNOWN_PARTS
            while left > _COLLECTED:
                left = -(-left // _FAN_IN)
                scans = scans.selectExpr("*", f"part div {_FAN_IN} as whole").groupBy("whole")
                scans = scans.applyInPandas(_merger(left if n_parts > 1 else 1), _RECORD)
            return scans.collect(), left

        rows, n_expected = computed(collected, "the Spark frame")
        found = pd.DataFrame([row.asDict() for row in rows], columns=_COLUMNS)
        n_found = found["part"].nunique()
        if n_known and n_found < n_expected:
            raise ConfigError(f"Spark handed over {n_found} of {n_expected} parts: {_LOST}")
        return _joined(found) or TableScan(layout)

    def _n_parts(self) -> int:
        """The number of partitions; 0 where Spark would have to move rows to tell it."""
        try:
            plan = self._frame._jdf.queryExecution().executedPlan().toString()  # noqa: SLF001 - no other way
            return 0 if "Exchange" in plan else int(self._frame.rdd.getNumPartitions())
        except Exception:  # noqa: BLE001 - Spark Connect knows neither, and says so in its own way
            return 0


def _scan_arrow(
    batches: Iterator[Any], names: list[str], layout: TableLayout, as_text: list[str], n_parts: int
) -> Iterator[Any]:
    """The number of the partition, and its scan as bytes, in pieces. Runs in Spark's worker."""
    import pyarrow as pa  # noqa: PLC0415 - Spark's own way of handing over rows
    from pyspark import TaskContext  # noqa: PLC0415 - we are inside it

    scan = TableScan(layout)
    for some in _gathered(batches, batch_rows(len(names))):
        table = pa.Table.from_batches(some).rename_columns(names)
        scan.update(frame_batch(nw.from_native(table, eager_only=True), layout.names, as_text))
    scan.thin(n_parts)
    context = TaskContext.get()
    part = context.partitionId() if context is not None else 0
    for record in _pieces(part, scan):
        yield pa.RecordBatch.from_pydict({name: [value] for name, value in zip(_COLUMNS, record, strict=True)})


def _pieces(part: int, scan: TableScan | None) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield the bytes of a scan, some at a time, with what puts them together again."""
    data = b"" if scan is None else to_bytes(scan)
    n = max(-(-len(data) // _PIECE), 1)
    yield from ((part, i, n, data[i * _PIECE : (i + 1) * _PIECE]) for i in range(n))


def _gathered(batches: Iterator[Any], n_rows: int) -> Iterator[list[Any]]:
    """Spark's small batches, together as many rows as every other table is read in."""
    some: list[Any] = []
    for batch in batches:
        if batch.num_rows:
            some.append(batch)
        if sum(b.num_rows for b in some) >= n_rows:
            yield some
            some = []
    if some:
        yield some


def _merger(n_parts: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what makes one scan of several that follow each other. Runs in Spark's worker."""

    def merged(records: pd.DataFrame) -> pd.DataFrame:
        found = _joined(records)
        if found is not None:
            found.thin(n_parts)
        return pd.DataFrame(list(_pieces(int(records["whole"].iloc[0]), found)), columns=_COLUMNS)

    return merged


def _joined(records: pd.DataFrame) -> TableScan | None:
    """The scan of all records, in the order of their parts; None of none. Raise ConfigError where a piece is lost."""
    scans = []
    for _, some in records.sort_values(["part", "piece"]).groupby("part"):
        if len(some) != some["n_pieces"].iloc[0]:
            raise ConfigError(f"Spark handed over {len(some)} of {some['n_pieces'].iloc[0]} pieces: {_LOST}")
        if data := b"".join(bytes(piece) for piece in some["data"]):
            scans.append(from_bytes(data))
    return _whole(scans) if scans else None
