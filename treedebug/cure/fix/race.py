"""Trainings one after the other, each against the best so far, within a budget of trainings and of seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from treedebug.cure.fix.races import Pace
from treedebug.cure.fix.sets import Sets
from treedebug.cure.fix.timing import seconds_a_row
from treedebug.cure.fix.trainers import Trainer
from treedebug.cure.fix.trial import FAILED, KEPT, REFUSED, STOPPED, CureLimits, Result, Trial, TrialModel
from treedebug.cure.model_source import n_leaves_of
from treedebug.cure.row_losses import RowLoss, compared
from treedebug.readers.library_readers import library_of

Floats = NDArray[np.float64]
Loss = Callable[[Floats, Floats], Floats]
_HOPELESS = 2.0
"""Standard errors behind after a fold, from which the other folds are not trained."""


@dataclass(eq=False)
class Race:
    """The trials so far. `reference` (n_valid,) are the losses of what they are judged against."""

    sets: Sets
    trainer: Trainer
    loss: RowLoss
    reference: Floats
    noise: float
    """Standard errors of the paired difference that a trial must be ahead to be kept."""
    limits: CureLimits
    budget: int
    deadline: float | None = None
    place: Path | None = None
    results: list[Result] = field(default_factory=list)
    interrupted: bool = False

    @property
    def leader(self) -> Result | None:
        """The trial of the least mean loss, kept or not."""
        return min((r for r in self.results if r.trained is not None and not r.trained.cut_off),
                   key=lambda r: r.difference, default=None)  # fmt: skip

    @property
    def winner(self) -> Result | None:
        """The best of the trials that are ahead beyond the noise and within the limits."""
        return min((r for r in self.results if r.verdict == KEPT), key=lambda r: r.difference, default=None)

    def is_over(self) -> bool:
        """Return whether the budget is spent."""
        late = self.deadline is not None and time.monotonic() > self.deadline
        return self.interrupted or late or len(self.results) >= self.budget

    def run(self, trials: Iterable[Trial]) -> None:
        """Try one after the other. The iterable may look at the results so far before it names the next."""
        for trial in trials:
            if self.is_over():
                return
            allowed = self.limits.allowed(trial)
            if allowed is None or any(r.trial.changes == allowed.changes and r.trial.drop == allowed.drop
                                      for r in self.results):  # fmt: skip
                continue
            try:
                self.results.append(self.tried(allowed))
            except KeyboardInterrupt:
                self.interrupted = True

    def tried(self, trial: Trial) -> Result:
        """Train, and judge."""
        try:
            trained = self._train(trial)
        except Exception as error:  # noqa: BLE001 - what a library says of parameters is a result
            return Result(trial, FAILED, note=f"{type(error).__name__}: {str(error).splitlines()[0]:.200}")
        n = len(trained.losses)
        difference, spread = compared(trained.losses, self.reference[:n], self.sets.weight[:n])
        if trained.cut_off:
            return Result(trial, STOPPED, difference, spread, trained, trained.cut_off)
        if difference >= -self.noise * spread:
            note = "not better" if difference >= 0 else f"better by less than {self.noise:g} standard errors"
            return Result(trial, REFUSED, difference, spread, trained, note)
        over = self._over(trained)
        return Result(trial, REFUSED if over else KEPT, difference, spread, trained, over)

    def _over(self, trained: TrialModel) -> str:
        limits = self.limits
        if limits.most_leaves is not None and trained.n_leaves > limits.most_leaves:
            return f"{trained.n_leaves:,} leaves, and at most {limits.most_leaves:,} are allowed"
        if limits.most_bytes is not None and len(trained.raw) > limits.most_bytes:
            return f"{len(trained.raw):,} bytes, and at most {limits.most_bytes:,} are allowed"
        if limits.most_seconds is not None:
            _, valid = self.sets.folds[0]
            found = seconds_a_row(trained.raw, valid.without(trained.drop), library_of(trained.raw))
            if found > limits.most_seconds:
                return (
                    f"{1e6 * found:,.0f} us to predict a row, and at most {1e6 * limits.most_seconds:,.0f} are allowed"
                )
        return ""

    def _train(self, trial: Trial) -> TrialModel:
        started = time.perf_counter()
        losses: list[Floats] = []
        fits = []
        best = self.leader
        known = best.trained.metric if best is not None and best.trained is not None and not self.sets.is_cv else np.nan
        cut_off = ""
        for i, (train, valid) in enumerate(self.sets.folds):
            own = replace(trial, name=f"{trial.name}-fold-{i + 1}") if self.sets.is_cv else trial
            pace = Pace(known, trial.rounds, self.deadline)
            fit = self.trainer(own, train.without(trial.drop), valid.without(trial.drop), pace, self.place)
            losses.append(self.loss.of(fit.margin, valid.y))
            fits.append(fit)
            cut_off = pace.reason or self._hopeless(losses, i)
            if cut_off:
                break
        first = fits[0]
        n_leaves = n_leaves_of(first.raw, library_of(first.raw))
        return TrialModel(
            first.raw, np.concatenate(losses), first.n_rounds, n_leaves, time.perf_counter() - started,
            first.run, first.path, first.metric, tuple(f.n_rounds for f in fits), cut_off, trial.drop,
        )  # fmt: skip

    def _hopeless(self, losses: Sequence[Floats], fold: int) -> str:
        if fold + 1 >= len(self.sets.folds):
            return ""
        n = sum(map(len, losses))
        difference, error = compared(np.concatenate(losses), self.reference[:n], self.sets.weight[:n])
        if difference > _HOPELESS * error:
            done = f"{fold + 1} of {len(self.sets.folds)} folds"
            return f"after {done} it stood {difference / error:.1f} standard errors behind"
        return ""
