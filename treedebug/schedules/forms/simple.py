"""Constant, linear, step, exponential and polynomial rates."""

from __future__ import annotations

from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.schedules.forms.form import Form
from treedebug.schedules.schedule import checked_count, checked_number, checked_rate


class Constant(Form):
    """One rate for all steps. Raise ConfigError unless it is a finite number >= 0."""

    def __init__(self, value: float) -> None:
        super().__init__(None)
        self.value = checked_rate("value", value)

    def _at(self, t: int) -> tuple[float, str]:  # noqa: ARG002 - the same for all
        return self.value, "constant"

    def _arguments(self) -> dict[str, Any]:
        return {"value": self.value}


class Linear(Form):
    """From `start` in the first step to `end` in the last of `n_steps`; then `end`. It may rise.

    rate(t) = start + (end - start) t / (n_steps - 1). Raise ConfigError for rates under 0.
    """

    def __init__(self, start: float, end: float = 0.0, *, n_steps: int | None = None) -> None:
        super().__init__(n_steps)
        self.start, self.end = checked_rate("start", start), checked_rate("end", end)

    def _at(self, t: int) -> tuple[float, str]:
        share = self._share(t)
        return (1.0 - share) * self.start + share * self.end, "falling" if self.end < self.start else "rising"

    def _arguments(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end}


class Polynomial(Form):
    """From `start` to `end` along a power: rate(t) = end + (start - end) (1 - t / (n_steps - 1)) ** power.

    Raise ConfigError for rates under 0 or a power that is not above 0.
    """

    def __init__(self, start: float, end: float = 0.0, *, power: float = 2.0, n_steps: int | None = None) -> None:
        super().__init__(n_steps)
        self.start, self.end = checked_rate("start", start), checked_rate("end", end)
        self.power = checked_number("power", power)
        if self.power <= 0:
            raise ConfigError(f"power must be above 0; got {power!r}")

    def _at(self, t: int) -> tuple[float, str]:
        left = (1.0 - self._share(t)) ** self.power
        return self.end + (self.start - self.end) * left, "falling" if self.end < self.start else "rising"

    def _arguments(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "power": self.power}


class Step(Form):
    """Times `factor` every `every` steps: rate(t) = initial * factor ** (t // every).

    Raise ConfigError for a rate or factor under 0, or `every` under 1.
    """

    def __init__(self, initial: float, *, factor: float = 0.5, every: int) -> None:
        super().__init__(None)
        self.start = checked_rate("initial", initial)
        self.factor, self.every = checked_rate("factor", factor), checked_count("every", every)

    def _at(self, t: int) -> tuple[float, str]:
        n = t // self.every
        return self.start * self.factor**n, f"step {n}, times {self.factor:g}"

    def _arguments(self) -> dict[str, Any]:
        return {"initial": self.start, "factor": self.factor, "every": self.every}


class Exponential(Form):
    """By the same factor in each step, from `start` in the first to `end` in the last of `n_steps`; then `end`.

    rate(t) = start * (end / start) ** (t / (n_steps - 1)). Raise ConfigError unless both rates are above 0.
    """

    def __init__(self, start: float, end: float, *, n_steps: int | None = None) -> None:
        super().__init__(n_steps)
        self.start, self.end = checked_rate("start", start), checked_rate("end", end)
        if not (self.start > 0 and self.end > 0):
            raise ConfigError(f"an exponential schedule goes between rates above 0; got {start!r} and {end!r}")

    def _at(self, t: int) -> tuple[float, str]:
        share = self._share(t)
        return self.start ** (1.0 - share) * self.end**share, "falling" if self.end < self.start else "rising"

    def _arguments(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end}
