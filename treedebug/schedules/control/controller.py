"""Controller: the rate goes by what is observed, within bounds; GreedyLR and the plateau rule are made of it."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from treedebug.core.errors import ConfigError
from treedebug.core.phrases import figure
from treedebug.schedules.schedule import (
    RateChange,
    Schedule,
    checked_choice,
    checked_count,
    checked_number,
    checked_rate,
)


class Controller(Schedule):
    """A rate that observations move. Subclasses say how; the past and the bounds are kept here."""

    needs_values = True
    state_names: ClassVar[tuple[str, ...]] = ("current", "higher_is_better", "best", "window")

    def __init__(self, initial: float, min_lr: float, max_lr: float, mode: str) -> None:
        super().__init__()
        self.start = checked_rate("initial", initial)
        self.min_lr, self.max_lr = checked_rate("min_lr", min_lr), checked_rate("max_lr", max_lr)
        if not self.start > 0.0 or not self.min_lr <= self.start <= self.max_lr:
            raise ConfigError(
                f"the rate starts at {figure(self.start)} and must be above 0 and between min_lr={figure(self.min_lr)} "
                f"and max_lr={figure(self.max_lr)}: outside of its bounds it could move one way only"
            )
        self.mode = checked_choice("mode", mode, ("auto", "min", "max"))
        self.higher_is_better = mode == "max"
        self.current = self.start
        self.best: float | None = None
        """The best value compared so far, lower being better."""
        self.window: list[float] = []
        """The last finite values, lower being better."""

    def rate(self, t: int) -> float:
        """Return the rate of step t: as it was, or as it is now for the steps to come."""
        if checked_count("t", t, least=0) >= self.t:
            return self.current
        past = [change.rate for change in self.history if change.t <= t]
        return past[-1] if past else self.start

    @property
    def initial(self) -> float:
        """The rate of step 0."""
        return self.start

    def direct(self, *, higher_is_better: bool) -> None:
        """Take the direction of the metric, unless `mode` was given as min or max."""
        if self.mode == "auto":
            self.higher_is_better = higher_is_better

    @property
    def wants_direction(self) -> bool:
        """Whether `mode` is auto."""
        return self.mode == "auto"

    def _signed(self, value: float | None) -> float:
        """Return the value with lower being better; NaN where it is none or infinite."""
        if value is None:
            raise ConfigError(f"{type(self).__name__} goes by a metric: observe(value) needs its value")
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        return (-number if self.higher_is_better else number) if math.isfinite(number) else math.nan

    def _move(self, rate: float, why: str, value: float | None, seen: float | None) -> bool:
        """Set the rate of the next step, clipped; return whether that changed it."""
        rate = min(max(rate, self.min_lr), self.max_lr)
        if rate == self.current:
            return False
        self.current = rate
        if rate in (self.min_lr, self.max_lr):
            why = f"{why} (its {'floor' if rate == self.min_lr else 'ceiling'})"
        shown = None if seen is None else -seen if self.higher_is_better else seen
        self.history.append(RateChange(self.t + 1, rate, why, None if value is None else float(value), shown))
        return True


def is_better(value: float, than: float | None, threshold: float, threshold_mode: str) -> bool:
    """Return whether a value (lower is better) improves on another by more than the threshold.

    Relative thresholds are shares of the absolute reference: PyTorch and transformers multiply a negative reference by
    1 - threshold, so that for them a constant negative loss improves for ever.
    """
    if than is None:
        return True
    return value < than - threshold * (abs(than) if threshold_mode == "rel" else 1.0)


def checked_factor(value: Any) -> float:
    """Return the factor of a cut. Raise ConfigError unless it is between 0 and 1, both excluded."""
    factor = checked_number("factor", value)
    if not 0.0 < factor < 1.0:
        raise ConfigError(f"factor must be between 0 and 1, such as 0.9: a cut multiplies by it; got {value!r}")
    return factor
