"""Outbox: records on their way to a sink. What the disk refuses stays here and is tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from treedebug.core.run.records import Record, Sink


@dataclass(frozen=True)
class FlushPlan:
    """When records are written, and what is given up where the disk refuses them for long."""

    rounds: int = 256
    seconds: float = 1.0
    """A kill loses at most this much: a flush comes early enough that the next round is expected to end within it."""
    max_bytes: int = 256 * 2**20
    """Bytes kept while the disk refuses them; beyond this the records of the kinds `lossy` are given up."""
    lossy: frozenset[str] = frozenset({"trees"})

    def is_due(self, n_rounds: int, waited: float, slowest: float) -> bool:
        """Return whether to write now: many rounds wait, or the next one may end after the time is over."""
        return n_rounds >= self.rounds or waited + 2 * slowest >= self.seconds


class Outbox:
    """Records that wait in the list `pending` for `sink`.

    `leave_out` is called with a record that cannot be written at all, and why.
    """

    def __init__(self, sink: Sink, leave_out: Callable[[Record, Exception], None], pending: list[Record]) -> None:
        self.sink = sink
        self.pending = pending
        self._leave_out = leave_out

    def send(self) -> None:
        """Write all that waits. Raises OSError if the disk refuses, and keeps what is not written, in order."""
        held = list(self.pending)
        try:
            self.sink.append(held)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - one record that cannot be written must not cost the others
            self._send_singly(held, error)
        else:
            del self.pending[: len(held)]

    def _send_singly(self, held: list[Record], first: Exception) -> None:
        """Write one record after the other. Raises the first error, and keeps all, if none can be written."""
        refused: list[tuple[Record, Exception]] = []
        for record in held:
            try:
                self.sink.append([record])
            except OSError:
                raise
            except Exception as error:  # noqa: BLE001 - the same
                refused.append((record, error))
            else:
                self._remove(record)
        if len(refused) == len(held):
            raise first
        for record, why in refused:
            self._remove(record)
            self._leave_out(record, why)

    def _remove(self, record: Record) -> None:
        self.pending[:] = [r for r in self.pending if r is not record]

    def give_up(self, plan: FlushPlan) -> bool:
        """Drop records of the kinds that may be lost if too many bytes wait; return whether any went."""
        if sum(len(r.blob) for r in self.pending) <= plan.max_bytes:
            return False
        n = len(self.pending)
        self.pending[:] = [r for r in self.pending if r.kind not in plan.lossy]
        return len(self.pending) < n
