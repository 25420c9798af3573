"""Tables that are computed when read: lazy frames of Polars and relations of DuckDB, a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import narwhals as nw

from treedebug.core.errors import ConfigError, TreedebugError, missing_extra
from treedebug.profiles.scan.cells import Batch
from treedebug.profiles.sources.frame_cells import frame_batch
from treedebug.profiles.sources.source import TableSource, batch_rows


class PolarsLazySource(TableSource):
    """A Polars LazyFrame, collected by its streaming engine."""

    engine = "polars lazy"

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.names = computed(lambda: list(frame.collect_schema().names()), "the Polars query")

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, in order."""
        frame = self._frame.select(list(names))
        chunks = computed(lambda: iter(_polars_batches(frame, batch_rows(len(names)))), "the Polars query")
        while (chunk := computed(lambda: next(chunks, None), "the Polars query")) is not None:
            yield frame_batch(nw.from_native(chunk, eager_only=True), names, as_text)


def _polars_batches(frame: Any, n_rows: int) -> Any:
    if hasattr(frame, "collect_batches"):
        return frame.collect_batches(chunk_size=n_rows, maintain_order=True)
    return frame.collect(engine="streaming").iter_slices(n_rows)


class DuckSource(TableSource):
    """A DuckDB relation."""

    engine = "duckdb"

    def __init__(self, relation: Any) -> None:
        self._relation = relation
        self.names = [str(c) for c in relation.columns]

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, in the relation's order."""
        try:
            import pyarrow as pa  # noqa: PLC0415 - optional
        except ImportError as error:
            raise missing_extra("pyarrow", "duckdb") from error
        what = "the DuckDB relation"
        quoted = ", ".join('"' + n.replace('"', '""') + '"' for n in names)
        relation = computed(lambda: self._relation.project(quoted), what)
        read = "to_arrow_reader" if hasattr(type(relation), "to_arrow_reader") else "fetch_record_batch"
        reader = computed(lambda: getattr(relation, read)(batch_rows(len(names))), what)
        while (batch := computed(lambda: next(reader, None), what)) is not None:
            if batch.num_rows:
                yield frame_batch(nw.from_native(pa.Table.from_batches([batch]), eager_only=True), names, as_text)


def computed(compute: Any, what: str) -> Any:
    """What `compute` gives; whatever the engine raises as one clear error."""
    try:
        return compute()
    except TreedebugError:
        raise
    except Exception as error:  # of the engine, as it happens
        lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        errors = [line for line in lines[1:] if "Error" in line.partition(":")[0]]  # of a worker, behind its traceback
        reason = f"{lines[0]} {errors[0]}" if errors and lines[0].endswith(":") else lines[0]
        raise ConfigError(f"{what} cannot be computed: {reason}") from error
