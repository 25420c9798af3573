"""Which steps are sampled: all at first, then every so often, and a burst after a finding. Fixed by step numbers only.

A burst follows findings, and those follow what was recorded: so a run that trains again samples the same steps.
"""

from __future__ import annotations

from dataclasses import dataclass

from treedebug.core.errors import ConfigError

OPENING = 10
"""Steps of the first round, before the first evaluation."""
FIRST_DECADES = (10, 100, 1000)
"""Steps after which a round ends while no evaluation was logged; then every 1000."""
COUNTED = 25
"""Steps of a round in which labels and predictions are counted, or more; fewer in rounds of less than 125 steps."""


@dataclass(frozen=True)
class SamplingSchedule:
    """`dense` steps at first, then every `every`-th, and `burst` steps in a row after each new finding."""

    dense: int = OPENING
    every: int = 50
    burst: int = 10

    def __post_init__(self) -> None:
        """Raise ConfigError unless all are numbers of steps."""
        for name, least in (("dense", 0), ("every", 1), ("burst", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ConfigError(f"{name} must be a whole number of steps >= {least}; got {value!r}")

    def samples(self, step: int, burst_until: int = 0) -> bool:
        """Return whether this step (counted from 0) is sampled; bursts last until step `burst_until`."""
        return step < self.dense or step < burst_until or step % self.every == 0


def ends_round(n_steps: int, round_steps: int | None, *, evaluated: bool) -> bool:
    """Return whether a round ends by itself after so many steps: every `round_steps`, or before any evaluation."""
    if round_steps is not None:
        return n_steps % round_steps == 0
    if evaluated:
        return False
    return n_steps in FIRST_DECADES or n_steps % FIRST_DECADES[-1] == 0


def is_counted_step(step: int, n_steps_before: int) -> bool:
    """Return whether labels and predictions are counted in a training step, on a CPU: about `COUNTED` a round.

    In every 5th to 20th step, by how many the round before had (`n_steps_before`; 0 if there was none).
    """
    return step % min(max(n_steps_before // COUNTED, 5), 20) == 0


@dataclass
class RecordOptions:
    """What is recorded of a sampled step besides statistics."""

    histograms: bool = True
    whole: frozenset[str] = frozenset()
    """Modules whose whole outputs are kept."""
    tokens: tuple[int, ...] | None = None
    """Tokens whose share of the input is watched; None: the padding."""
