"""What every table is to the scan: names, and batches of rows in order."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from treedebug.core.errors import FormatError
from treedebug.profiles.scan.cells import Batch
from treedebug.profiles.scan.column_scan import KindChangedError
from treedebug.profiles.scan.table_scan import TableLayout, TableScan

_BATCH_CELLS = 4_000_000
_BATCH_ROWS = 131_072
_FEATURES = 5000
_FEATURE_BYTES = 128
"""Bytes of text for each feature beyond the first 5,000."""


def batch_rows(n_columns: int) -> int:
    """Rows of a batch: as many as fit into a fixed number of cells."""
    return max(64, min(_BATCH_ROWS, _BATCH_CELLS // max(n_columns, 1)))


class ReadAgainError(FormatError):
    """The table must be read anew from its first row, otherwise than before; its source knows how."""


class TableSource(ABC):
    """A table that can be read from its first row to its last, any number of times."""

    engine: str = ""
    names: list[str]
    """Columns; each stands once."""
    doubled: tuple[str, ...] = ()
    """Names that stood in the table more than once."""
    n_absent: int = -1
    """Cells that a sparse matrix does not hold; -1 for any other table."""
    reading: Sequence[str] = ()
    """How a file was read, where that was not plain."""
    header_rows: Sequence[int] = ()
    """Rows that repeat the header and were left out."""
    label: str = ""
    """The column that such a file keeps its label in, and the one of queries."""
    query: str = ""
    keep: Any = None
    """What must live as long as the source does."""
    place: str = ""
    """Where it is on disk."""
    n_rows: int | None = None
    """Where it is known before reading."""
    watch: Callable[[int], None] | None = None
    """Called with the rows read so far, batch by batch."""
    n_bytes: int | None = None
    """Of the text files that hold it; None for any other table."""

    @property
    def most_features(self) -> int:
        """Features that are measured: a short text of very many columns has too few rows to say anything of them."""
        return sys.maxsize if self.n_bytes is None else max(_FEATURES, self.n_bytes // _FEATURE_BYTES)

    @abstractmethod
    def batches(self, names: Sequence[str], as_text: Collection[str]) -> Iterator[Batch]:
        """The rows of some columns, in order; those `as_text` as texts, whatever they hold."""

    def scan_once(self, layout: TableLayout, as_text: Collection[str]) -> TableScan:
        """Read it from beginning to end. Raises KindChangedError."""
        scan = TableScan(layout)
        for batch in self.batches(layout.names, as_text):
            scan.update(batch)
            if self.watch is not None:
                self.watch(scan.n_rows)
        return scan

    def scan(self, layout: TableLayout) -> TableScan:
        """Read the table once; again only if a column changes its kind on the way, or its bytes their encoding."""
        as_text: set[str] = set()
        while True:
            try:
                return self.scan_once(layout, as_text)
            except ReadAgainError:
                continue
            except KindChangedError as changed:
                if set(changed.columns) <= as_text:
                    raise
                as_text.update(changed.columns)
