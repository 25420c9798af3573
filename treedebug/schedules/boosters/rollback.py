"""Rollback: on a plateau, cut the booster back to its best round, lower the rate and go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from treedebug.schedules.boosters.rollback_training import RolledBack, train_with_rollback
from treedebug.schedules.boosters.scheduled_training import Watch
from treedebug.schedules.control.controller import Controller, checked_factor, is_better
from treedebug.schedules.schedule import checked_count, checked_rate


class Rollback(Controller):
    """Lower the rate by `factor` after more than `patience` rounds without an improvement, from the best round on.

        rollback = treedebug.schedules.Rollback(0.1)
        done = rollback.train(params, dtrain, 300, evals=[(dvalid, "valid")], watch=("valid", "logloss"))

    A tree that is added cannot be undone by a lower rate, only outvoted: so the rounds since the best one are thrown
    away. They count in the budget of rounds. `train` does the training, for XGBoost and LightGBM; elsewhere, after
    `observe(value)`, `n_kept` says how many rounds the model is to keep. The floor is `min_lr`, by default a hundredth
    of `initial`. Raise ConfigError for arguments outside their ranges.
    """

    state_names = (*Controller.state_names, "bad", "n_kept", "best_kept", "n_discarded")

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        initial: float,
        *,
        factor: float = 0.5,
        patience: int = 10,
        threshold: float = 0.0,
        min_lr: float | None = None,
        mode: str = "auto",
    ) -> None:
        start = checked_rate("initial", initial)
        super().__init__(start, start / 100 if min_lr is None else min_lr, start, mode)
        self.factor, self.patience = checked_factor(factor), checked_count("patience", patience, least=0)
        self.threshold = checked_rate("threshold", threshold)
        self.bad = 0
        self.n_kept = 0
        """Rounds the model has, or is to be cut back to."""
        self.best_kept = 0
        """Rounds it had at its best."""
        self.n_discarded = 0
        """Rounds thrown away so far."""
        self._fresh = self.state_dict()

    def observe(self, value: float | None = None) -> float:
        """Take the metric of the round under way, cut `n_kept` back if need be; return the rate of the next round."""
        number = self._signed(value)
        self.n_kept += 1
        if number == number and is_better(number, self.best, self.threshold, "rel"):  # noqa: PLR0124 - NaN
            self.best, self.best_kept, self.bad = number, self.n_kept, 0
        else:
            self.bad += 1
        if self.bad > self.patience and self.current > self.min_lr:
            n = self.cut_back()
            why = f"cut back to round {self.n_kept - 1}, the best: {n} rounds without an improvement thrown away"
            self._move(self.current * self.factor, why, value, number)
        self.t += 1
        return self.current

    def cut_back(self) -> int:
        """Keep the rounds up to the best one only; return how many are thrown away."""
        n = self.n_kept - self.best_kept
        self.n_discarded, self.n_kept, self.bad = self.n_discarded + n, self.best_kept, 0
        return n

    def train(  # noqa: PLR0913 - as the libraries' own `train`
        self,
        params: Mapping[str, Any],
        train: Any,
        n_rounds: int,
        *,
        evals: Sequence[tuple[Any, str]],
        watch: Watch,
        callbacks: Sequence[Any] = (),
        keep_best: bool = True,
    ) -> RolledBack:
        """Train for `n_rounds` rounds, those thrown away included; the schedule begins anew.

        `train` and `evals` are DMatrices of XGBoost or Datasets of LightGBM. With `keep_best` the rounds after the best
        one are cut off at the end too. `callbacks` are XGBoost's; each segment calls them anew, so a recorder needs a
        path and `resume=True`. Raise ConfigError for what cannot be trained so: DART, random forests, a metric that is
        not evaluated or of unknown direction, callbacks for LightGBM, whose rounds are trained one by one.
        """
        self.load_state_dict(self._fresh)
        return train_with_rollback(
            self, params, train, n_rounds, evals=evals, watch=watch, callbacks=callbacks, keep_best=keep_best
        )

    def _arguments(self) -> dict[str, Any]:
        names = ("factor", "patience", "threshold", "min_lr", "mode")
        return {"initial": self.start, **{name: getattr(self, name) for name in names}}
