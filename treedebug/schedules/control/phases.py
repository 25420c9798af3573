"""Schedules behind a warm-up, or before a final decay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.schedules.forms.shaped import DECAYS, fall
from treedebug.schedules.schedule import (
    RateChange,
    Schedule,
    checked_choice,
    checked_count,
    checked_rate,
    checked_share,
)


class _Around(Schedule):
    """A schedule that holds another one."""

    def __init__(self, inner: Schedule) -> None:
        super().__init__()
        if not isinstance(inner, Schedule):
            raise ConfigError(f"expected a schedule, such as GreedyLR(0.1); got {inner!r}")
        self.inner = inner

    @property
    def wants_direction(self) -> bool:
        """Whether the schedule within does."""
        return self.inner.wants_direction

    def know(self, n_rows: int | None, loss: str | None) -> None:
        """Take the rows and the kind of loss, for the schedule within."""
        self.inner.know(n_rows, loss)

    def direct(self, *, higher_is_better: bool) -> None:
        """Say which direction of the watched metric is better."""
        self.inner.direct(higher_is_better=higher_is_better)

    def state_dict(self) -> dict[str, Any]:
        """Return what training has changed, of both."""
        return {**super().state_dict(), "inner": self.inner.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state. Raise ConfigError for the state of another kind of schedule."""
        self.inner.load_state_dict(state.get("inner", {}))
        super().load_state_dict({name: value for name, value in state.items() if name != "inner"})

    def _take_over(self, offset: int, known: int) -> None:
        """Take the inner schedule's changes since its first `known` ones."""
        self.history += [change._replace(t=change.t + offset) for change in self.inner.history[known:]]


class Warmup(_Around):
    """Rise along a line to the first rate of `schedule` over `n_warmup` steps, then go on with it.

    rate(t) = start + (first - start) (t + 1) / (n_warmup + 1), so that step n_warmup has the first rate itself. What is
    observed in the meantime is not handed to `schedule`. Raise ConfigError for a negative rate or no step.
    """

    def __init__(self, schedule: Schedule, n_warmup: int, *, start: float = 0.0) -> None:
        super().__init__(schedule)
        self.n_warmup, self.start = checked_count("n_warmup", n_warmup), checked_rate("start", start)
        self.needs_values = schedule.needs_values

    def rate(self, t: int) -> float:
        """Return the rate of step t."""
        if checked_count("t", t, least=0) >= self.n_warmup:
            return self.inner.rate(t - self.n_warmup)
        share = (t + 1) / (self.n_warmup + 1)
        return (1.0 - share) * self.start + share * self.inner.initial

    def observe(self, value: float | None = None) -> float:
        """Close the step under way; return the rate of the next one."""
        known = len(self.inner.history)
        if self.t >= self.n_warmup:
            self.inner.observe(value)
        self.t += 1
        if self.t == self.n_warmup:
            self.history.append(RateChange(self.t, self.rate(self.t), f"warm-up over {self.n_warmup} steps is done"))
        self._take_over(self.n_warmup, known)
        return self.rate(self.t)

    def plan(self, n_steps: int) -> None:
        """Say how many steps there will be: the schedule has those after the warm-up."""
        super().plan(n_steps)
        self.inner.plan(max(n_steps - self.n_warmup, 1))

    def _arguments(self) -> dict[str, Any]:
        return {"inner": self.inner.describe(), "n_warmup": self.n_warmup, "start": self.start}


class FinalDecay(_Around):
    """Follow `schedule`, and over the last `share` of the planned steps fall from where it stands to `end` times that.

    The last step of the plan has the end. `shape`: "linear", "1-sqrt" or "cosine". GreedyLR and the like end high;
    most of what a falling schedule gains, it gains in its last steps. Raise ConfigError for shares outside 0..1, and at
    the first rate where the number of steps is not known.
    """

    state_names = ("top",)

    def __init__(
        self,
        schedule: Schedule,
        share: float = 0.2,
        *,
        end: float = 0.0,
        shape: str = "linear",
        n_steps: int | None = None,
    ) -> None:
        super().__init__(schedule)
        self.share, self.end = checked_share("share", share), checked_share("end", end)
        self.shape = checked_choice("shape", shape, DECAYS)
        self.top: float | None = None
        """The rate at which the decay began."""
        self.needs_values = schedule.needs_values
        if n_steps is not None:
            self.plan(n_steps)

    def _begin(self) -> int:
        if self.n_steps is None:
            raise ConfigError("a final decay needs the number of steps: give n_steps=, or call plan(n_steps)")
        return self.n_steps - round(self.share * self.n_steps)

    def rate(self, t: int) -> float:
        """Return the rate of step t."""
        begin = self._begin()
        if checked_count("t", t, least=0) < begin:
            return self.inner.rate(t)
        top = self.inner.rate(max(begin - 1, 0)) if self.top is None else self.top
        share = min((t - begin + 1) / max((self.n_steps or 0) - begin, 1), 1.0)
        return top * (self.end + (1.0 - self.end) * fall(share, self.shape))

    def observe(self, value: float | None = None) -> float:
        """Close the step under way; return the rate of the next one."""
        known = len(self.inner.history)
        begin = self._begin()
        self.inner.observe(value)
        self.t += 1
        if self.t < begin:
            self._take_over(0, known)
        elif self.top is None:
            self.top = self.inner.rate(self.inner.t)
            why = f"final decay over the last {(self.n_steps or 0) - begin} steps"
            self.history.append(RateChange(self.t, self.rate(self.t), why, value))
        return self.rate(self.t)

    def plan(self, n_steps: int) -> None:
        """Say how many steps there will be."""
        super().plan(n_steps)
        self.inner.plan(n_steps)

    def _arguments(self) -> dict[str, Any]:
        return {"inner": self.inner.describe(), "share": self.share, "end": self.end, "shape": self.shape}
