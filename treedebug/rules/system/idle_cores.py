"""SY802 idle-cores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Finding, Severity
from treedebug.core.phrases import figure
from treedebug.core.run.eval_log import RoundLog
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, setting
from treedebug.signals.system.round_timing import CoreUse


@dataclass(frozen=True, kw_only=True)
class IdleCores(Rule):
    """Most of the cores have nothing to do.

    ## What it does
    Compares the CPU time of the process with the wall time: how many cores were at work, in the mean. Fires, as info,
    if that is under `max_busy` of the cores the process may use, in a training of `min_seconds` or more whose rounds
    are long enough to be shared out (`min_round` seconds in the mean).
    ## Why is this bad
    The training could be done sooner: too few threads are allowed, or something that is not parallel (a metric in
    Python, loading data) holds it up.
    ## When to ignore it
    You keep the other cores for something else, such as other trainings at the same time.
    """

    code = "SY802"
    name = "idle-cores"
    severity = Severity.INFO

    max_busy: float = param(0.5, "share of the cores that are at work", ge=0.0, le=1.0)
    min_seconds: float = param(30.0, "seconds of training", ge=0.0, le=1e9)
    min_round: float = param(0.05, "seconds of a round", ge=0.0, le=1e6)
    min_rounds: int = param(10, "rounds of the training", ge=1, le=1_000_000)

    def check(self, use: CoreUse, header: Header, log: RoundLog) -> Iterator[Finding]:
        """Compare cores at work with cores there are."""
        n_rounds = len(log.rounds) - 1
        if use.n_cpus < 2 or use.seconds < self.min_seconds or n_rounds < self.min_rounds:
            return
        if use.busy >= self.max_busy * use.n_cpus or use.seconds / n_rounds < self.min_round:
            return
        threads = int(setting(header, "n_jobs") or 0)
        few = 0 < threads < use.n_cpus
        better = change(header, "n_jobs", use.n_cpus, "as many as there are cores")
        yield self.finding(
            f"on average {figure(use.busy)} of {use.n_cpus} cores were busy"
            + (f"; {better.parameter}={threads} allows no more" if few else ""),
            try_next=(better,) if few else (),
            busy=use.busy,
            n_cpus=use.n_cpus,
            threads=threads,
            seconds=use.seconds,
        )
