"""Tables that are computed when read: lazy frames of Polars and relations of DuckDB, a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import narwhals as nw

from treedebug.core.errors import ConfigError
from treedebug.profiles.cells import Batch
from treedebug.profiles.convert import frame_batch
from treedebug.profiles.source import Source, batch_rows


class PolarsLazySource(Source):
    """A Polars LazyFrame, collected by its streaming engine."""

    engine = "polars lazy"

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.names = _computed(lambda: list(frame.collect_schema().names()), "the Polars query")

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, in order."""
        frame = self._frame.select(list(names))
        chunks = _computed(lambda: iter(_polars_batches(frame, batch_rows(len(names)))), "the Polars query")
        while (chunk := _computed(lambda: next(chunks, None), "the Polars query")) is not None:
            yield frame_batch(nw.from_native(chunk, eager_only=True), names, as_text)


def _polars_batches(frame: Any, n_rows: int) -> Any:
    if hasattr(frame, "collect_batches"):
        return frame.collect_batches(chunk_size=n_rows, maintain_order=True)
    return frame.collect(engine="streaming").iter_slices(n_rows)


class DuckSource(Source):
    """A DuckDB relation."""

    engine = "duckdb"

    def __init__(self, relation: Any) -> None:
        self._relation = relation
        self.names = [str(c) for c in relation.columns]

    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows, in the relation's order."""
        quoted = ", ".join('"' + n.replace('"', '""') + '"' for n in names)
        relation = _computed(lambda: self._relation.project(quoted), "the DuckDB relation")
        while len(chunk := _computed(lambda: relation.fetch_df_chunk(_vectors(len(names))), "the DuckDB relation")):
            yield frame_batch(nw.from_native(chunk, eager_only=True), names, as_text)


def _vectors(n_columns: int) -> int:
    """Batches of DuckDB count in vectors of 2048 rows."""
    return max(1, batch_rows(n_columns) // 2048)


def _computed(compute: Any, what: str) -> Any:
    """What `compute` gives; whatever the engine raises as one clear error."""
    try:
        return compute()
    except Exception as error:  # of the engine, as it happens
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ConfigError(f"{what} cannot be computed: {reason}") from error
