"""Form: a schedule that is a formula of the step and of the number of steps planned."""

from __future__ import annotations

from abc import abstractmethod

from treedebug.core.errors import ConfigError
from treedebug.schedules.schedule import RateChange, Schedule, checked_count


class Form(Schedule):
    """A formula: it observes nothing, and its history says which phase began when."""

    def __init__(self, n_steps: int | None) -> None:
        super().__init__()
        self.n_steps = None if n_steps is None else checked_count("n_steps", n_steps)
        self._is_fixed = n_steps is not None
        """The user gave the number of steps: what a callback plans does not change it."""

    @abstractmethod
    def _at(self, t: int) -> tuple[float, str]:
        """Return the rate of step t >= 0, and what the phase is called."""

    def rate(self, t: int) -> float:
        """Return the rate of step t (from 0). Raise ConfigError where it depends on a number of steps not known."""
        return self._at(checked_count("t", t, least=0))[0]

    def observe(self, value: float | None = None) -> float:  # noqa: ARG002 - a formula sees nothing
        """Close the step under way; return the rate of the next one."""
        before = self._at(self.t)[1]
        self.t += 1
        rate, phase = self._at(self.t)
        if phase != before:
            self.history.append(RateChange(self.t, rate, phase))
        return rate

    def plan(self, n_steps: int) -> None:
        """Say how many steps there will be; what was given at construction stays."""
        if not self._is_fixed:
            super().plan(n_steps)

    def _planned(self) -> int:
        if self.n_steps is None:
            raise ConfigError(
                f"{type(self).__name__} falls or rises over the planned steps: give n_steps=, or call plan(n_steps)"
            )
        return self.n_steps

    def _share(self, t: int) -> float:
        """Return how far step t is: 0 at the first planned step, 1 at the last and after it."""
        last = self._planned() - 1
        return min(t / last, 1.0) if last > 0 else float(t > 0)
