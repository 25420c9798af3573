"""SY803 growing-memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.changes import experiment
from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.system.round_timing import MemoryUse

_MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class GrowingMemory(Rule):
    """The memory of the process grows from round to round.

    ## What it does
    Looks at the largest resident memory of the process after the first quarter of the rounds, after the next three
    eighths, and at the end. Fires if it grew in both stretches, and by `min_growth` of what it was and `min_megabytes`
    in all. Tells what it will be at the planned end if it goes on like this.
    ## Why is this bad
    A training that grows is killed for want of memory, often hours later and without a message.
    ## When to ignore it
    Another thread of the process loads something meanwhile, or the model itself is that large.
    """

    code = "SY803"
    name = "growing-memory"

    min_growth: float = param(0.25, "growth as a share of the memory after the first quarter", ge=0.0, le=1e6)
    min_megabytes: float = param(256.0, "growth in MiB", ge=0.0, le=1e9)
    min_rounds: int = param(20, "rounds before growth can be told from preparation", ge=8, le=1_000_000)

    def check(self, memory: MemoryUse, header: Header) -> Iterator[Finding]:
        """Compare three points of the curve."""
        n = len(memory.peak)
        if n < self.min_rounds:
            return
        start, middle, end = (float(memory.peak[i]) for i in (n // 4, n * 5 // 8, n - 1))
        grown = end - start
        steady = min(middle - start, end - middle) >= grown / 5.0
        if grown < self.min_megabytes * _MIB or grown < self.min_growth * start or not steady:
            return
        a_round = grown / (n - 1 - n // 4)
        left = max((header.planned_rounds or 0) - 1 - int(memory.rounds[-1]), 0)
        more = f"; at the planned end it will be {figure((end + a_round * left) / _MIB)} MiB" if left else ""
        yield self.finding(
            f"the process grew from {figure(start / _MIB)} to {figure(end / _MIB)} MiB ({percent(grown / start)}) "
            f"since round {int(memory.rounds[n // 4])}, {figure(a_round / _MIB)} MiB a round{more}",
            rounds=(int(memory.rounds[n // 4]), int(memory.rounds[-1])),
            try_next=(experiment("train some rounds with no other callback than this one: does memory still grow?"),),
            start=start / _MIB,
            end=end / _MIB,
            a_round=a_round / _MIB,
        )
