"""LearnedSchedule: the rate of a booster or net as a policy says that was fitted to past runs."""

from __future__ import annotations

from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.core.phrases import figure
from treedebug.schedules.forms.automatic import AutomaticRate
from treedebug.schedules.learning.policy import LossProgress, Policy
from treedebug.schedules.schedule import RateChange, Schedule, checked_count, checked_rate

LEAST_RUNS = 20
_SMALLEST_MOVE = 0.05
"""Changes of the rate under this share are not made: LightGBM draws anew at each, and they bring nothing."""


class LearnedSchedule(Schedule):
    """Multiply a reference rate by what the policy says, from the share of the budget used and how the loss falls.

    `reference` is a rate; None for the automatic rate of the training, which `treedebug.ScheduleCallback` fills in. A
    policy that has seen fewer than `least_runs` runs is not used: the rate stays the reference's, and the history says
    so. Give it losses (lower is better, above 0); the rate stays between a hundredth of the reference and what the
    policy allows at most. Raise ConfigError for arguments outside their ranges.
    """

    needs_values = True
    state_names = ("current", "losses", "higher_is_better")

    def __init__(
        self,
        policy: Policy,
        reference: float | None = None,
        *,
        least_runs: int = LEAST_RUNS,
        n_steps: int | None = None,
    ) -> None:
        super().__init__()
        self.policy = policy
        self.least_runs = checked_count("least_runs", least_runs, least=0)
        self._reference = AutomaticRate() if reference is None else None
        self._given = None if reference is None else checked_rate("reference", reference, least=1e-12)
        self.is_used = policy.n_seen >= self.least_runs
        """Whether the policy has seen enough runs to be used."""
        self.current: float | None = None
        self.losses: list[float] = []
        """What it remembers of the losses."""
        self.higher_is_better = False
        if n_steps is not None:
            self.plan(n_steps)

    @property
    def reference(self) -> float:
        """The rate that the policy multiplies."""
        return self._given if self._reference is None else self._reference.rate(0)  # type: ignore[return-value]

    def know(self, n_rows: int | None, loss: str | None) -> None:
        """Take what the automatic rate depends on."""
        if self._reference is not None:
            self._reference.know(n_rows, loss)

    def plan(self, n_steps: int) -> None:
        """Say how many steps there will be."""
        super().plan(n_steps)
        if self._reference is not None:
            self._reference.plan(n_steps)

    @property
    def wants_direction(self) -> bool:
        """Whether it must know which direction is better: it takes losses only."""
        return True

    def direct(self, *, higher_is_better: bool) -> None:
        """Refuse a metric of which more is better: its logarithm says nothing of how far there is to go."""
        if higher_is_better:
            raise ConfigError(
                "LearnedSchedule goes by a loss; watch one of which less is better, such as logloss or rmse"
            )

    def rate(self, t: int) -> float:
        """Return the rate of step t."""
        checked_count("t", t, least=0)
        past = [c.rate for c in self.history if c.t <= t]
        if t < self.t and past:
            return past[-1]
        return self._wanted(0) if self.current is None or t < self.t else self.current

    def observe(self, value: float | None = None) -> float:
        """Take the loss of the step under way; return the rate of the next step."""
        if value is None:
            raise ConfigError("LearnedSchedule goes by a loss: observe(value) needs its value")
        before = self.now
        progress = LossProgress(self.losses)
        progress.see(float(value))
        self.losses = progress.state()
        self.t += 1
        wanted = self._wanted(self.t)
        self.current = before
        if abs(wanted - before) > _SMALLEST_MOVE * before:
            self.current = wanted
            why = f"learned from {self.policy.n_seen} runs: {figure(wanted / self.reference)} times the reference rate"
            self.history.append(RateChange(self.t, wanted, why, float(value)))
        elif self.t == 1 and not self.is_used:
            why = (
                f"learned from {self.policy.n_seen} runs only, of {self.least_runs} needed: the reference rate is kept"
            )
            self.history.append(RateChange(self.t, before, why, float(value)))
        return self.current

    def _wanted(self, t: int) -> float:
        if not self.is_used:
            return self.reference
        if self.n_steps is None:
            raise ConfigError(
                "LearnedSchedule depends on how many steps there will be: give n_steps=, or call plan(n_steps)"
            )
        share = min(t / max(self.n_steps, 1), 1.0)
        return self.reference * max(self.policy.factor(LossProgress(self.losses).features(share)), 0.01)

    def _arguments(self) -> dict[str, Any]:
        return {"n_seen": self.policy.n_seen, "reference": self._given, "least_runs": self.least_runs}
