"""Of each training the smallest model that is no worse than the reference."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from treedebug.api.saved_models import model_as_run
from treedebug.core.errors import ConfigError
from treedebug.cure.fix.reference import numbers
from treedebug.cure.fix.sets import Sets
from treedebug.cure.fix.trial import KEPT, REFUSED, Result, Trial, TrialModel
from treedebug.cure.model_source import ModelSource, read_source
from treedebug.cure.slim.slim import slim_rows
from treedebug.cure.slim.slimmed import Slimmed

Floats = NDArray[np.float64]
LUCK_OF_SEVERAL = 0.5
"""Standard errors by which the smallest of several trainings must be ahead: twice what slim asks of one model."""


def source_of_trial(trained: TrialModel, trial: Trial) -> ModelSource:
    """Return the model that a trial gave, with its record where there is one."""
    return read_source(trained.raw, trial.name, trained.run or model_as_run(trained.raw))


@dataclass(frozen=True)
class Smaller:
    """Makes models small, none worse than `losses` (n_valid,) by more than the tolerance."""

    sets: Sets
    losses: Floats
    tolerance: float
    luck: float = LUCK_OF_SEVERAL

    def slimmed(self, source: ModelSource, drop: tuple[str, ...] = ()) -> Slimmed | None:
        """Return the smallest form of a model; None where none is good enough, or it cannot be made small."""
        train, valid = (numbers(part.without(drop), source) for part in self.sets.folds[0])
        try:
            found = slim_rows(
                source, valid, train if len(train.label) else None, tolerance=self.tolerance, reference=self.losses,
                luck=self.luck, kept_gain=0.0, checks=False,
            )  # fmt: skip
        except ConfigError:
            return None
        return found if found.difference <= (self.tolerance - self.luck) * found.error else None

    def judged(self, result: Result, most_leaves: int) -> tuple[Result, Slimmed | None]:
        """Return a trial as it stands after slimming: kept where it is below `most_leaves`."""
        if result.trained is None:
            return result, None
        found = self.slimmed(source_of_trial(result.trained, result.trial), result.trial.drop)
        if found is None:
            return replace(result, verdict=REFUSED, note="nothing of it is small and no worse"), None
        trained = replace(result.trained, raw=found.raw, n_leaves=found.after.n_leaves, n_rounds=found.after.n_rounds)
        small = found.after.n_leaves < most_leaves
        note = found.method if small else f"{found.after.n_leaves:,} leaves, no fewer"
        return Result(result.trial, KEPT if small else REFUSED, found.difference, found.error, trained, note), found
