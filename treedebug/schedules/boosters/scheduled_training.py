"""One training under a schedule: which rate each round gets, what was observed, and why the rate changed."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.run.eval_log import metric_direction
from treedebug.core.run.rate_log import RateReason
from treedebug.schedules.boosters.training_facts import TrainingFacts
from treedebug.schedules.schedule import Schedule

Watch = tuple[str, str]
Score = tuple[float | None, bool | None]
"""A value, and whether higher is better where the library tells."""


class ScheduledTraining:
    """A training under way. `log` is XGBoost's log of evaluations."""

    def __init__(self, schedule: Schedule, watch: Watch | None, facts: TrainingFacts, model: Any) -> None:
        self.facts = facts
        self._model = weakref.ref(model)
        self.log: Any = None
        self.is_open = False
        """A round has begun and was not observed yet."""
        self._schedule = schedule
        self._watch = watch
        self._rate = facts.rate
        """As the library has it."""
        self._first = schedule.t
        """The schedule's step of the first round."""
        self._n_known = len(schedule.history)
        self._start_rate = schedule.now
        self._is_directed = watch is None

    def new_rate(self) -> float | None:
        """Return the rate of the round to come if it must be set, else None."""
        self.is_open = True
        rate = self._schedule.now
        if rate == self._rate:
            return None
        self._rate = rate
        return rate

    def close_round(self, score: Score) -> None:
        """Hand a score, and whether higher is better where the library tells, to the schedule."""
        self.is_open = False
        value, higher = score
        if not self._is_directed and self._watch is not None:
            direction = metric_direction(self._watch[1]) if higher is None else higher
            if direction is None and self._schedule.wants_direction:
                raise ConfigError(
                    f"is a higher or a lower {self._watch[1]!r} better? Give the schedule mode='min' or mode='max'"
                )
            if direction is not None:
                self._schedule.direct(higher_is_better=direction)
            self._is_directed = True
        self._schedule.observe(value)

    def after_round(self, env: Any) -> None:
        """Take the round's results from LightGBM."""
        self.close_round(lightgbm_score(env.evaluation_result_list, self._watch))

    def reasons(self) -> list[RateReason]:
        """Return the changes of this training by round; the first is where it began."""
        offset = self.facts.start - self._first
        changes = self._schedule.history[self._n_known :]
        begun = RateReason(self.facts.start, self._start_rate, f"{type(self._schedule).__name__} begins")
        return [begun, *(RateReason(change.t + offset, change.rate, change.why) for change in changes)]

    def is_of(self, model: Any) -> bool:
        """Return whether it is the training of this model."""
        return self._model() is model


def not_evaluated(watch: Watch, known: Sequence[object]) -> str:
    """Return the message of a watch that the training does not evaluate; `known` are datasets, or pairs."""
    names = [" ".join(k) if isinstance(k, tuple) else str(k) for k in known]
    wanted = watch[0] if known and isinstance(known[0], str) else " ".join(watch)
    return (
        f"watch={watch!r} is not evaluated in this training, which evaluates {', '.join(names) or 'nothing'}."
        f"{did_you_mean(wanted, names)}"
    )


def xgboost_score(log: Any, watch: Watch | None) -> Score:
    """Return the newest score in XGBoost's log; the mean over the folds in `cv`. Raise ConfigError if there is none."""
    if watch is None:
        return None, None
    values = (log or {}).get(watch[0], {}).get(watch[1])
    if not values:
        raise ConfigError(not_evaluated(watch, [(d, m) for d, metrics in (log or {}).items() for m in metrics]))
    last = values[-1]
    return float(last[0] if isinstance(last, tuple) else last), None


def lightgbm_score(results: Any, watch: Watch | None) -> Score:
    """Return the score among LightGBM's results of a round. Raise ConfigError if there is none."""
    if watch is None:
        return None, None
    for result in results or ():
        if (result[0], result[1]) == watch:
            return float(result[2]), bool(result[3])
    raise ConfigError(not_evaluated(watch, [(str(r[0]), str(r[1])) for r in results or ()]))
