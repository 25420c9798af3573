"""Records of a schedule and its changes: an encoder and a decoder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from treedebug.core.plain_json import plain
from treedebug.core.run.rate_log import RateLog, RateReason
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import RunData


def encode_rates(reasons: Sequence[RateReason], facts: Mapping[str, Any] | None = None) -> Record:
    """Changes of the learning rate, and the schedule's facts where they are new."""
    fields: dict[str, Any] = {"changes": [[r.round_index, r.rate, r.why] for r in reasons]}
    return Record("rates", fields if facts is None else {**fields, "facts": plain(facts)})


def apply_rates(run: RunData, record: Record) -> None:
    """Add changes to a run. Raise ValueError for one that is out of order, or no number."""
    f = record.fields
    reasons = [RateReason(int(at), float(rate), str(why)) for at, rate, why in f["changes"]]
    log = run.stream(RateLog)
    known = list(log or ())
    rounds = [r.round_index for r in [*known[-1:], *reasons]]
    if rounds != sorted(rounds) or any(not math.isfinite(r.rate) for r in reasons):
        raise ValueError("changes of the learning rate that are out of order or no numbers")
    facts = f.get("facts")
    if facts is not None and not isinstance(facts, Mapping):
        raise TypeError(f"expected the facts of a schedule, got {facts!r}")
    log = run.ensure_stream(RateLog)
    if facts is not None:
        log.facts = dict(facts)
    for reason in reasons:
        log.append(reason)
