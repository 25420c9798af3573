"""ReduceOnPlateau: cut the rate when the metric has stopped improving."""

from __future__ import annotations

from typing import Any

from treedebug.schedules.control.controller import Controller, checked_factor, is_better
from treedebug.schedules.schedule import checked_choice, checked_count, checked_rate


class ReduceOnPlateau(Controller):
    """Multiply the rate by `factor` after more than `patience` observations in a row without an improvement.

    The rule of PyTorch's ReduceLROnPlateau, with its arguments; a relative threshold works for negative values, a value
    that is not finite counts as no improvement, and the state is complete. Raise ConfigError for arguments outside
    their ranges.
    """

    state_names = (*Controller.state_names, "bad", "cooldown_left")

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        initial: float,
        *,
        factor: float = 0.5,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        mode: str = "auto",
    ) -> None:
        super().__init__(initial, min_lr, initial, mode)
        self.factor, self.patience = checked_factor(factor), checked_count("patience", patience, least=0)
        self.threshold = checked_rate("threshold", threshold)
        self.threshold_mode = checked_choice("threshold_mode", threshold_mode, ("rel", "abs"))
        self.cooldown = checked_count("cooldown", cooldown, least=0)
        self.bad = self.cooldown_left = 0

    @property
    def least_observations(self) -> int:
        """Observations before the rate can change for the first time."""
        return self.patience + 2

    def observe(self, value: float | None = None) -> float:
        """Take the metric of the step under way; return the rate of the next step."""
        number = self._signed(value)
        if number == number and is_better(number, self.best, self.threshold, self.threshold_mode):  # noqa: PLR0124 - NaN
            self.best, self.bad = number, 0
        else:
            self.bad += 1
        if self.cooldown_left > 0:
            self.cooldown_left, self.bad = self.cooldown_left - 1, 0
        if self.bad > self.patience:
            why = f"cut: no improvement in {self.patience + 1} observations"
            self._move(self.current * self.factor, why, value, number)
            self.cooldown_left, self.bad = self.cooldown, 0
        self.t += 1
        return self.current

    def _arguments(self) -> dict[str, Any]:
        names = ("factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "mode")
        return {"initial": self.start, **{name: getattr(self, name) for name in names}}
