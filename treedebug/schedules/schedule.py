"""Schedule: which learning rate holds at which step, what it has seen, and why it changed."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from treedebug.core.errors import ConfigError


class RateChange(NamedTuple):
    """From step `t` on (0-based) the learning rate is `rate`, because of `why`.

    `value` is what was observed last, `seen` what the schedule compared (a mean, where it smooths); None where the
    change needed no observation.
    """

    t: int
    rate: float
    why: str
    value: float | None = None
    seen: float | None = None


class Schedule(ABC):
    """A learning rate for each step: of a booster a round, of a net a step of the optimiser or an evaluation.

    `rate(t)` is the rate of step t, counted from 0. `observe(value)` closes the step under way and returns the rate of
    the next one; schedules that go by a metric need the value, the others take none. `plan(n)` says how many steps
    there will be, for schedules whose form depends on that. `state_dict` holds everything that changes in training, as
    JSON has it: a schedule made with the same arguments that loads it goes on as if nothing had come between.
    """

    needs_values: bool = False
    """Whether `observe` must be given a metric."""
    state_names: ClassVar[tuple[str, ...]] = ()
    """Attributes of a subclass that change in training."""

    def __init__(self) -> None:
        self.t = 0
        """The step under way."""
        self.n_steps: int | None = None
        """Steps planned."""
        self.history: list[RateChange] = []
        """Every change of the rate by an observation, or of the phase, oldest first."""

    @abstractmethod
    def rate(self, t: int) -> float:
        """Return the rate of step t; of steps to come, that which holds if nothing is observed meanwhile."""

    @abstractmethod
    def observe(self, value: float | None = None) -> float:
        """Close the step under way, whose metric is `value`; return the rate of the next step."""

    @property
    def initial(self) -> float:
        """The rate of step 0."""
        return self.rate(0)

    @property
    def now(self) -> float:
        """The rate of the step under way."""
        return self.rate(self.t)

    def plan(self, n_steps: int) -> None:
        """Say how many steps there will be. Raise ConfigError unless it is a whole number >= 1."""
        self.n_steps = checked_count("n_steps", n_steps)

    def direct(self, *, higher_is_better: bool) -> None:  # noqa: B027 - only those that go by a metric care
        """Say which direction of the watched metric is better."""

    @property
    def wants_direction(self) -> bool:
        """Whether it depends on which direction of the metric is better, and was not told at construction."""
        return False

    def know(self, n_rows: int | None, loss: str | None) -> None:  # noqa: B027 - only few care
        """Take the rows of the training data and the kind of loss ("logloss", "rmse"), where a training tells them."""

    def describe(self) -> dict[str, Any]:
        """Return its class and arguments, JSON-able, for a run's header and for people."""
        return {"schedule": type(self).__name__, **self._arguments()}

    def _arguments(self) -> dict[str, Any]:
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Return what training has changed, JSON-able."""
        own = {name: _copied(getattr(self, name)) for name in ("t", "n_steps", *self.state_names)}
        return {"schedule": type(self).__name__, **own, "history": [list(change) for change in self.history]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state. Raise ConfigError for the state of another kind of schedule."""
        kind = state.get("schedule")
        missing = [name for name in ("t", "n_steps", *self.state_names, "history") if name not in state]
        if kind != type(self).__name__ or missing:
            lacks = f" without {', '.join(missing)}" if missing else ""
            raise ConfigError(f"expected the state of a {type(self).__name__}, got that of {kind!r}{lacks}")
        for name in ("t", "n_steps", *self.state_names):
            setattr(self, name, _copied(state[name]))
        self.history = [RateChange(*change) for change in state["history"]]

    def __repr__(self) -> str:
        """Return how it was made."""
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._arguments().items())})"


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value


def checked_rate(name: str, value: Any, *, least: float = 0.0) -> float:
    """Return a rate as a float. Raise ConfigError unless it is a finite number >= `least`."""
    number = checked_number(name, value)
    if number < least:
        raise ConfigError(f"{name} must be a number >= {least:g}; got {value!r}")
    return number


def checked_number(name: str, value: Any) -> float:
    """Return a finite float. Raise ConfigError for anything else."""
    try:
        number = math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ConfigError(f"{name} must be a finite number; got {value!r}")
    return number


def checked_count(name: str, value: Any, *, least: int = 1) -> int:
    """Return a whole number. Raise ConfigError unless it is one >= `least`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < least:
        raise ConfigError(f"{name} must be a whole number >= {least}; got {value!r}")
    return int(value)


def checked_share(name: str, value: Any) -> float:
    """Return a share. Raise ConfigError unless it is a number between 0 and 1."""
    number = checked_number(name, value)
    if not 0.0 <= number <= 1.0:
        raise ConfigError(f"{name} must be a share between 0 and 1; got {value!r}")
    return number


def checked_choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    """Return one of the choices. Raise ConfigError for anything else."""
    if value not in choices:
        raise ConfigError(f"{name} is one of {', '.join(choices)}; got {value!r}")
    return str(value)
