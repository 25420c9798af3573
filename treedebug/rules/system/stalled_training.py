"""SY805 stalled-training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.signals.system.round_timing import Silence


@dataclass(frozen=True, kw_only=True)
class StalledTraining(Rule):
    """A training whose end was never recorded has stopped writing.

    ## What it does
    Looks at the files of a run that has not ended, when `treedebug check` is asked about it. Fires if nothing has been
    written for `min_seconds` and for `min_factor` times the longest round. It also says whether the process is still
    there, by its number on the machine that trains, elsewhere by its signs of life: an error if it is gone. The clock
    decides here, so this rule is silent in the training itself, and never part of a replay.
    ## Why is this bad
    The training hangs, or was killed (most often for want of memory), unnoticed.
    ## When to ignore it
    The machine sleeps, or the files are a copy of a run that goes on elsewhere.
    """

    code = "SY805"
    name = "stalled-training"

    min_seconds: float = param(60.0, "seconds without a word", ge=0.0, le=1e9)
    min_factor: float = param(10.0, "times the longest round so far", ge=1.0, le=1e6)

    def check(self, silence: Silence, header: Header) -> Iterator[Finding]:
        """Compare the silence with the rounds before it."""
        if silence.idle < max(self.min_seconds, self.min_factor * silence.slowest):
            return
        planned = f" of {header.planned_rounds}" if header.planned_rounds else ""
        pid, name = header.host.get("pid", "?"), header.host.get("name", "?")
        process = {
            "gone": f", and its process {pid} on {name} is gone: it was killed, or crashed without a word",
            "alive": f", but its process {pid} on {name} is there: it hangs",
        }.get(silence.process, "")
        yield self.finding(
            f"nothing has been written for {figure(silence.idle)} s since round {silence.last_round}{planned}, whose "
            f"rounds took {figure(silence.slowest)} s at most{process}",
            severity=Severity.ERROR if silence.process == "gone" else Severity.WARNING,
            rounds=(silence.last_round, silence.last_round) if silence.last_round >= 0 else None,
            try_next=(Change("resume", value=True, why="of the callback, to go on from the last round"),),
            idle_seconds=silence.idle,
            slowest_round=silence.slowest,
            process=silence.process,
        )
