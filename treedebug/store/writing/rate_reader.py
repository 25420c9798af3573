"""RateReader: takes over from a schedule among the callbacks why the learning rate changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from treedebug.core.plain_json import plain
from treedebug.core.protocols import RateSource
from treedebug.core.run.rate_log import RateLog
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData
from treedebug.store.rate_records import encode_rates


def rate_source(callbacks: Iterable[Any] | None) -> RateSource | None:
    """Return the schedule among the callbacks of a training, or None."""
    return next((c for c in callbacks or () if isinstance(c, RateSource)), None)


class RateReader:
    """Takes over the changes up to the round that is recorded: those of rounds to come may yet be superseded."""

    def __init__(self, source: RateSource, run: RunData, queue: Callable[[Record], None]) -> None:
        self._source = source
        self._run = run
        self._queue = queue
        self._n_read = 0

    def read(self, round_index: int) -> None:
        """Record what is new, as of a round that is done."""
        new = []
        for reason in self._source.rate_reasons()[self._n_read :]:
            if reason.round_index > round_index:
                break
            new.append(reason)
        log = self._run.ensure_stream(RateLog)
        facts: dict[str, Any] | None = plain(self._source.rate_facts())
        if facts == log.facts:
            facts = None
        if not new and facts is None:
            return
        record = encode_rates(new, facts)
        log.facts = log.facts if facts is None else record.fields["facts"]
        for reason in new:
            log.append(reason)
        self._queue(record)
        self._n_read += len(new)
