"""What is written and read back: records, batches of trees, and the two ends of a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.tree_table import TreeTable


@dataclass(frozen=True)
class TreeBatch:
    """A slice of rounds as the library wrote it: a model file of those rounds alone.

    `rounds` (n_iterations,) is the round index of each boosting iteration in `raw`; `first_tree` counts the trees
    before it.
    """

    library: str
    raw: bytes
    rounds: NDArray[np.int64]
    first_tree: int


class TreeSource(Protocol):
    """Gives a run's trees back, a batch at a time."""

    def batches(self) -> Iterator[TreeBatch]:
        """Yield batches in order of rounds."""

    def read(self, batch: TreeBatch) -> TreeTable:
        """Return the batch as flat arrays."""


def tree_tables(trees: TreeSource) -> Iterator[TreeTable]:
    """Yield a run's trees as flat arrays, a batch at a time, in order of rounds."""
    return (trees.read(batch) for batch in trees.batches())


@dataclass(frozen=True)
class Record:
    """One entry of a run's log: a kind, JSON-able fields, and an optional block of bytes."""

    kind: str
    fields: Mapping[str, Any]
    blob: bytes = b""


class Sink(Protocol):
    """Where a recorder puts its records. One writer per sink."""

    def append(self, records: list[Record]) -> None:
        """Write all records or, on OSError, none of them."""

    def close(self) -> None:
        """Release the file; safe to call twice."""


class Source(Protocol):
    """Where records are read back from, while or after they are written."""

    def records(self) -> Iterator[Record]:
        """Yield all whole records, oldest first."""
