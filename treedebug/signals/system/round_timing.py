"""What the rounds took: wall time, CPU time, memory, evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.run.eval_log import RoundLog
from treedebug.core.run.run_data import Header, Pulse
from treedebug.engine.resolve import Missing

Floats = NDArray[np.float64]
_SETUP_ROUNDS = 1
"""The first round pays for what the library prepares once."""


@dataclass(frozen=True, eq=False)
class RoundTimes:
    """Wall time of every round but the first. Arrays have shape (n,), n >= 1, times known."""

    rounds: NDArray[np.int64]
    seconds: Floats
    cpu_seconds: Floats
    """(n,) what the process worked in it, of all threads; NaN where that was not recorded."""

    @classmethod
    def measure(cls, log: RoundLog) -> Self:
        """Raise Missing where no times are recorded."""
        rounds, seconds = log.rounds[_SETUP_ROUNDS:], log.seconds[_SETUP_ROUNDS:]
        known = np.isfinite(seconds) & (seconds >= 0)
        if not known.any():
            raise Missing("needs the time of two rounds or more (a saved model has none)")
        return cls(rounds[known], seconds[known], log.cpu_seconds[_SETUP_ROUNDS:][known])

    @property
    def usual(self) -> float:
        """Median."""
        return float(np.median(self.seconds))

    @property
    def spread(self) -> float:
        """Robust standard deviation: of the median distance to the median."""
        return float(1.4826 * np.median(np.abs(self.seconds - self.usual)))

    def worked(self, slow: NDArray[np.bool_]) -> float:
        """Return the CPU seconds of some rounds beyond what as many usual ones take; NaN where not recorded."""
        usual = np.median(self.cpu_seconds[~slow]) if (~slow).any() else 0.0
        return float((self.cpu_seconds[slow] - usual).sum())


@dataclass(frozen=True, eq=False)
class CoreUse:
    """CPU time beside wall time, over all rounds but the first."""

    seconds: float
    cpu_seconds: float
    n_cpus: int
    """Cores the process may use."""

    @classmethod
    def measure(cls, log: RoundLog, header: Header) -> Self:
        """Raise Missing where CPU times or the number of cores are not recorded."""
        n_cpus = header.host.get("n_cpus")
        wall, cpu = log.seconds[_SETUP_ROUNDS:], log.cpu_seconds[_SETUP_ROUNDS:]
        known = np.isfinite(wall) & np.isfinite(cpu)
        if not n_cpus or not known.any():
            raise Missing(
                "needs the CPU time of the rounds and the number of cores (a saved model or an older run has none)"
            )
        return cls(float(wall[known].sum()), float(cpu[known].sum()), int(n_cpus))

    @property
    def busy(self) -> float:
        """Cores at work, in the mean."""
        return self.cpu_seconds / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, eq=False)
class MemoryUse:
    """Largest resident memory of the process up to each round, in bytes. (n,), n >= 1, known."""

    rounds: NDArray[np.int64]
    peak: Floats

    @classmethod
    def measure(cls, log: RoundLog) -> Self:
        """Raise Missing where it is not recorded."""
        known = np.isfinite(log.peak_memory)
        if not known.any():
            raise Missing("the memory of the process was not recorded (Windows, a saved model, or an older run)")
        return cls(log.rounds[known], log.peak_memory[known])


@dataclass(frozen=True, eq=False)
class EvaluationTime:
    """Time that evaluation took of all the time, over all rounds but the first."""

    seconds: float
    evaluation: float

    @classmethod
    def measure(cls, log: RoundLog) -> Self:
        """Raise Missing where the library does not tell the end of the boosting step (`cv`)."""
        wall, spent = log.seconds[_SETUP_ROUNDS:], log.evaluation_seconds[_SETUP_ROUNDS:]
        known = np.isfinite(wall) & np.isfinite(spent)
        if not known.any():
            raise Missing("the time of the evaluation was not recorded (`cv`, a saved model, or an older run)")
        return cls(float(wall[known].sum()), float(spent[known].sum()))

    @property
    def share(self) -> float:
        """Of all the time."""
        return self.evaluation / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Silence:
    """How long a run that has not ended has written nothing, beside how long its rounds take."""

    idle: float
    slowest: float
    """Longest round so far, in seconds."""
    last_round: int
    process: str
    """"alive", "gone", or "" where that cannot be told."""

    @classmethod
    def measure(cls, pulse: Pulse, log: RoundLog) -> Self:
        """Measure from the files of the run, and its rounds."""
        known = log.seconds[np.isfinite(log.seconds)]
        return cls(pulse.idle_seconds, float(known.max(initial=0.0)), log.n_rounds - 1, pulse.process)
