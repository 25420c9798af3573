"""GreedyLR: raise the rate while the metric improves, lower it when it worsens."""

from __future__ import annotations

import warnings
from typing import Any

from treedebug.core.phrases import figure
from treedebug.schedules.control.controller import Controller, checked_factor, is_better
from treedebug.schedules.schedule import checked_choice, checked_count, checked_rate

REFERENCES = ("best", "previous", "window")


class GreedyLR(Controller):
    """Divide the rate by `factor` after more than `patience` improvements in a row, multiply after as many failures.

    After Subramanian, Krishnamoorthy and Murthy (arXiv 2512.14527, algorithms 2 and 3), corrected: the bounds are a
    tenth and ten times `initial` unless given; a value that is not finite counts as a failure and enters no mean; a
    relative threshold works for negative values; no change is too small to be made.

    The mean of the last `window` values is compared with the `reference`: the "best" mean so far, the "previous" one,
    or the value alone with the mean of the "window" before it. After a cut, `cooldown` observations are waited for
    before failures count again, after a rise `warmup` ones before improvements do; `extend="continue"` goes on cutting
    or raising for as long instead. After `reset_after` observations on the floor all starts anew. `mode`: "min", "max",
    or "auto", the direction of the metric where a callback knows it, else min.

    Raise ConfigError for arguments outside their ranges, and where the rate does not start within its bounds.
    """

    state_names = (*Controller.state_names, "good", "bad", "cooldown_left", "warmup_left", "floor_steps", "previous")

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        initial: float,
        *,
        factor: float = 0.9,
        patience: int = 5,
        window: int = 1,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        warmup: int = 0,
        cooldown: int = 0,
        min_lr: float | None = None,
        max_lr: float | None = None,
        mode: str = "auto",
        extend: str = "wait",
        reference: str = "best",
        reset_after: int | None = None,
    ) -> None:
        start = checked_rate("initial", initial)
        super().__init__(
            start, start / 10 if min_lr is None else min_lr, start * 10 if max_lr is None else max_lr, mode
        )
        self.factor = checked_factor(factor)
        self.patience, self.n_window = checked_count("patience", patience, least=0), checked_count("window", window)
        self.threshold = checked_rate("threshold", threshold)
        self.threshold_mode = checked_choice("threshold_mode", threshold_mode, ("rel", "abs"))
        self.warmup, self.cooldown = (
            checked_count("warmup", warmup, least=0),
            checked_count("cooldown", cooldown, least=0),
        )
        self.extend = checked_choice("extend", extend, ("wait", "continue"))
        self.reference = checked_choice("reference", reference, REFERENCES)
        self.reset_after = None if reset_after is None else checked_count("reset_after", reset_after)
        self.good = self.bad = self.cooldown_left = self.warmup_left = self.floor_steps = 0
        self.previous: float | None = None
        if self.factor < 0.5 and self.max_lr > self.start:
            warnings.warn(
                f"GreedyLR(factor={factor:g}) more than doubles the rate at each rise: a factor of 0.25 diverged in "
                "the paper's own sweep. Use 0.5 or more, or max_lr=initial so that it only falls",
                stacklevel=2,
            )

    @property
    def least_observations(self) -> int:
        """Observations before the rate can change for the first time."""
        return self.patience + 1

    def plan(self, n_steps: int) -> None:
        """Say how many observations there will be, and warn if the rate can never change."""
        super().plan(n_steps)
        if n_steps <= self.patience:
            warnings.warn(
                f"GreedyLR waits for {self.patience + 1} observations before it changes the rate, and only {n_steps} "
                "are planned: the rate stays constant. Lower patience=, or observe more often",
                stacklevel=2,
            )

    def observe(self, value: float | None = None) -> float:
        """Take the metric of the step under way; return the rate of the next step."""
        number = self._signed(value)
        seen, better = self._compared(number)
        self.good, self.bad = (self.good + 1, 0) if better else (0, self.bad + 1)
        if self.extend == "wait" or not self._goes_on(value, seen):
            self._count(value, seen)
        self._leave_floor(value, seen)
        self.t += 1
        return self.current

    def _compared(self, number: float) -> tuple[float | None, bool]:
        """Return what is compared, None for a value that is not finite, and whether it is better than the reference."""
        if number != number:  # noqa: PLR0124 - NaN
            return None, False
        before = sum(self.window) / len(self.window) if self.window else None
        self.window = [*self.window, number][-self.n_window :]
        seen = number if self.reference == "window" else sum(self.window) / len(self.window)
        against = {"best": self.best, "previous": self.previous, "window": before}[self.reference]
        better = is_better(seen, against, self.threshold, self.threshold_mode)
        if self.best is None or is_better(seen, self.best, self.threshold, self.threshold_mode):
            self.best = seen
        self.previous = seen
        return seen, better

    def _count(self, value: float | None, seen: float | None) -> None:
        if self.cooldown_left > 0:
            self.cooldown_left, self.bad = self.cooldown_left - 1, 0
        if self.warmup_left > 0:
            self.warmup_left, self.good = self.warmup_left - 1, 0
        if self.bad > self.patience:
            self.cooldown_left = self.cooldown if self._cut(value, seen) else 0
            self.bad = 0
        if self.good > self.patience:
            self.warmup_left = self.warmup if self._raise(value, seen) else 0
            self.good = 0

    def _goes_on(self, value: float | None, seen: float | None) -> bool:
        """Go on with a cut or rise that has begun, whatever is observed; return whether one is under way."""
        if self.cooldown_left > 0:
            self.cooldown_left, self.bad = self.cooldown_left - 1, 0
            self._cut(value, seen, "goes on cutting")
            return True
        if self.warmup_left > 0:
            self.warmup_left, self.good = self.warmup_left - 1, 0
            self._raise(value, seen, "goes on rising")
            return True
        return False

    def _cut(self, value: float | None, seen: float | None, why: str = "") -> bool:
        n = self.patience + 1
        reason = why or (f"no improvement in {n} observations" if n > 1 else "no improvement")
        return self._move(self.current * self.factor, f"cut: {reason}", value, seen)

    def _raise(self, value: float | None, seen: float | None, why: str = "") -> bool:
        n = self.patience + 1
        reason = why or (f"{n} improvements in a row" if n > 1 else "improved")
        return self._move(self.current / self.factor, f"raised: {reason}", value, seen)

    def _leave_floor(self, value: float | None, seen: float | None) -> None:
        self.floor_steps = self.floor_steps + 1 if self.current == self.min_lr else 0
        if self.reset_after is not None and self.floor_steps >= self.reset_after:
            why = f"began anew after {self.floor_steps} observations at {figure(self.min_lr)}"
            self._move(self.start, why, value, seen)
            self.best, self.previous, self.window = None, None, []
            self.good = self.bad = self.cooldown_left = self.warmup_left = self.floor_steps = 0

    def _arguments(self) -> dict[str, Any]:
        names = ("factor", "patience", "threshold", "threshold_mode", "warmup", "cooldown", "min_lr", "max_lr", "mode",
                 "extend", "reference", "reset_after")  # fmt: skip
        return {"initial": self.start, "window": self.n_window, **{name: getattr(self, name) for name in names}}
