"""SY801 slow-rounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treedebug.core.changes import experiment
from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.system.round_timing import RoundTimes


@dataclass(frozen=True, kw_only=True)
class SlowRounds(Rule):
    """Some rounds take far longer than the others, or every round takes longer than the one before.

    ## What it does
    Looks for rounds that are `min_factor` times the median and `min_sigmas` robust standard deviations over it, and
    fires if what they take beyond the median is `min_share` of all the time and `min_seconds`. And for rounds that
    grow: the last tenth taking `min_growth` times the first tenth. The first round, which pays for the preparation,
    does not count. Info; a warning from `warn_share` of the time and ten times `min_seconds` on, unless the process
    worked for less than `min_worked` of what slow rounds lost: then it waited, for a machine that others use.
    ## Why is this bad
    Something else has the machine, the disk or the memory is short, or a callback does work that grows with the model.
    ## When to ignore it
    The machine is shared and you know with whom, or a callback saves a checkpoint now and then.
    """

    code = "SY801"
    name = "slow-rounds"
    severity = Severity.INFO

    min_factor: float = param(4.0, "times the median round", ge=1.0, le=1e6)
    min_sigmas: float = param(8.0, "robust standard deviations over the median", ge=0.0, le=1e6)
    min_share: float = param(0.1, "share of all the time", ge=0.0, le=1.0)
    min_seconds: float = param(2.0, "seconds lost", ge=0.0, le=1e9)
    min_growth: float = param(3.0, "last tenth of the rounds over the first tenth", ge=1.0, le=1e6)
    warn_share: float = param(0.3, "share of all the time that is a warning", ge=0.0, le=1.0)
    min_worked: float = param(0.5, "CPU seconds of slow rounds, as a share of what they lost", ge=0.0, le=1000.0)
    min_rounds: int = param(30, "rounds before their times can be compared", ge=2, le=1_000_000)

    def check(self, times: RoundTimes) -> Iterator[Finding]:
        """Compare the rounds with their median, and the last with the first."""
        if len(times.seconds) < self.min_rounds or times.seconds.sum() < self.min_seconds:
            return
        growing = self._growing(times)
        yield from growing or self._outliers(times)

    def _growing(self, times: RoundTimes) -> list[Finding]:
        """The cost of a round grows with the rounds."""
        total, tenth = float(times.seconds.sum()), max(len(times.seconds) // 10, 3)
        first, last = float(np.median(times.seconds[:tenth])), float(np.median(times.seconds[-tenth:]))
        lost = float(np.maximum(times.seconds - first, 0.0).sum())
        if last < self.min_growth * max(first, 1e-9) or not self._matters(lost, total):
            return []
        found = self.finding(
            f"a round takes {figure(last)} s at the end and {figure(first)} s at the start: the cost of a round "
            "grows with the rounds (a callback that reads the whole model, or dart)",
            subject="growing",
            severity=self._grade(lost, total),
            try_next=(experiment("train some rounds with no other callback than this one: are they what grows?"),),
            first=first,
            last=last,
            lost=lost,
        )
        return [found]

    def _outliers(self, times: RoundTimes) -> list[Finding]:
        """Some rounds take far longer than the median one."""
        usual, total = times.usual, float(times.seconds.sum())
        slow = (times.seconds >= self.min_factor * usual) & (times.seconds >= usual + self.min_sigmas * times.spread)
        lost = float((times.seconds[slow] - usual).sum())
        if not slow.any() or not self._matters(lost, total):
            return []
        worst, waited = int(times.seconds.argmax()), times.worked(slow) < self.min_worked * lost
        found = self.finding(
            f"{int(slow.sum())} of {len(slow)} rounds were far slower than the others and cost {percent(lost / total)} "
            f"of the time: round {int(times.rounds[worst])} took {figure(float(times.seconds[worst]))} s, where "
            f"{figure(usual)} s is usual; "
            + ("the process waited: something else had the machine" if waited else "look which callback works then"),
            subject="outliers",
            severity=Severity.INFO if waited else self._grade(lost, total),
            rounds=(int(times.rounds[slow][0]), int(times.rounds[slow][-1])),
            n_slow=int(slow.sum()),
            slowest_round=int(times.rounds[worst]),
            lost=lost,
            median=usual,
        )
        return [found]

    def _matters(self, lost: float, total: float) -> bool:
        return lost >= self.min_seconds and lost >= self.min_share * total

    def _grade(self, lost: float, total: float) -> Severity:
        heavy = lost >= self.warn_share * total and lost >= 10 * self.min_seconds
        return Severity.WARNING if heavy else Severity.INFO
