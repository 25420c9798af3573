"""The joints between floors: who is told of a round, and who may reach the booster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from treedebug.core.findings import Finding, FindingEvent
from treedebug.core.trees import TreeTable

if TYPE_CHECKING:
    from treedebug.core.run import RunData


class Knobs(Protocol):
    """What an action may do to a training."""

    def stop(self, *, best_round: int | None, reason: str) -> None:
        """End the training after this round; `best_round` (0-based) becomes the booster's best iteration."""


class Observer(Protocol):
    """Told by the recorder of the rounds at which the rules look; implemented by the engine's watcher."""

    def on_check(self, run: RunData, knobs: Knobs, *, final: bool) -> list[FindingEvent]:
        """Look at everything recorded so far; `final` when the training has ended. Returns what changed."""


class Action(Protocol):
    """Does something about findings, only because the user asked for it."""

    def on_findings(self, run: RunData, findings: Sequence[Finding], knobs: Knobs) -> None:
        """Act on the findings that stand now; called at every check round."""


class Listener(Protocol):
    """Shows findings as they come."""

    def on_events(self, run: RunData, events: Sequence[FindingEvent]) -> None:
        """Findings opened, changed or closed."""


class Progress(Protocol):
    """Told of every round, for a progress line."""

    def on_round(self, run: RunData) -> None:
        """One round was recorded."""

    def close(self) -> None:
        """The training has ended, however."""


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
        """All whole records, oldest first."""


class TreeSource(Protocol):
    """Gives a run's trees back, a batch at a time."""

    def batches(self) -> Iterator[TreeBatch]:
        """Batches in order of rounds."""

    def read(self, batch: TreeBatch) -> TreeTable:
        """The batch as flat arrays."""
