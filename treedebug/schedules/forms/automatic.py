"""AutomaticRate: the constant rate CatBoost chooses from the number of rows and of rounds."""

from __future__ import annotations

import math
from typing import Any

from treedebug.core.errors import ConfigError
from treedebug.schedules.forms.form import Form
from treedebug.schedules.schedule import checked_choice, checked_count

_LARGEST, _DIGITS, _THOUSAND = 0.5, 6, 1000.0
_COEFFICIENTS = {
    ("logloss", True, True): (0.246, -5.127, -0.451),
    ("logloss", False, True): (0.408, -7.299, -0.928),
    ("logloss", True, False): (0.247, -5.158, -0.435),
    ("logloss", False, False): (0.427, -7.525, -0.917),
    ("rmse", True, True): (0.157, -4.062, -0.61),
    ("rmse", False, True): (0.158, -4.287, -0.813),
    ("rmse", True, False): (0.189, -4.383, -0.623),
    ("rmse", False, False): (0.178, -4.473, -0.76),
}
"""(A, B, C) by loss, whether the best round is kept, whether boosting starts from the mean; CatBoost, CPU."""
LOSSES = ("logloss", "rmse")


class AutomaticRate(Form):
    """One rate, min(0.5, exp(A ln n + B) (T / 1000) ** C), for n training rows and T rounds: CatBoost's formula.

    A, B and C depend on the `loss` ("logloss" or "rmse"), on `keeps_best` (the model is cut to its best validation
    round) and on `starts_at_mean`; the formula and its numbers are CatBoost's (options_helper.cpp), checked against it.
    `treedebug.ScheduleCallback` fills in rows, rounds and the loss of a binary classifier or a regression; elsewhere
    give `n_rows` and `n_steps`. It is fitted to CatBoost's trees, and a starting point for others. `starts_at_mean` is
    CatBoost's default of the loss unless given.

    Raise ConfigError for another loss, and at the first rate where rows, rounds or loss are not known.
    """

    def __init__(
        self,
        n_rows: int | None = None,
        *,
        loss: str | None = None,
        keeps_best: bool = True,
        starts_at_mean: bool | None = None,
        n_steps: int | None = None,
    ) -> None:
        super().__init__(n_steps)
        self.n_rows = None if n_rows is None else checked_count("n_rows", n_rows)
        self.loss = None if loss is None else checked_choice("loss", loss, LOSSES)
        self._given = self.n_rows, self.loss
        self.keeps_best, self.starts_at_mean = keeps_best, starts_at_mean

    def know(self, n_rows: int | None, loss: str | None) -> None:
        """Take the training rows and the loss of a training, where they were not given at construction."""
        given_rows, given_loss = self._given
        self.n_rows, self.loss = given_rows or n_rows, given_loss or loss

    def _at(self, t: int) -> tuple[float, str]:  # noqa: ARG002 - the same for all
        if self.n_rows is None or self.loss is None:
            raise ConfigError(
                f"AutomaticRate needs n_rows= and loss= ({' or '.join(LOSSES)}), which this training does not tell; "
                f"got n_rows={self.n_rows!r}, loss={self.loss!r}"
            )
        at_mean = self.loss == "rmse" if self.starts_at_mean is None else self.starts_at_mean
        a, b, c = _COEFFICIENTS[self.loss, self.keeps_best, at_mean]
        rate = math.exp(a * math.log(self.n_rows) + b) * (self._planned() / _THOUSAND) ** c
        return round(min(_LARGEST, rate), _DIGITS), f"automatic, for {self.n_rows} rows and {self._planned()} rounds"

    def _arguments(self) -> dict[str, Any]:
        return {
            "n_rows": self.n_rows,
            "loss": self.loss,
            "keeps_best": self.keeps_best,
            "starts_at_mean": self.starts_at_mean,
        }
