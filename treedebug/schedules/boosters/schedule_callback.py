"""ScheduleCallback: sets the learning rate of each round, in XGBoost and LightGBM alike."""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Self

from treedebug.core.errors import ConfigError
from treedebug.core.run.eval_log import looks_like_training
from treedebug.core.run.rate_log import RateReason
from treedebug.recorders.caller_frames import caller_locals
from treedebug.schedules.boosters.rollback import Rollback
from treedebug.schedules.boosters.scheduled_training import ScheduledTraining, not_evaluated, xgboost_score
from treedebug.schedules.boosters.training_facts import LIGHTGBM, REFUSED, TrainingFacts, lightgbm_facts, xgboost_facts
from treedebug.schedules.schedule import Schedule


class ScheduleCallback:
    """Set the learning rate of each round as a schedule says: `schedule.rate(t)` is the rate of round t, from 0 on.

        watched = treedebug.schedules.GreedyLR(0.1)
        callback = treedebug.ScheduleCallback(watched, watch=("valid", "logloss"))
        xgb.train(params, dtrain, 300, evals=[(dvalid, "valid")], callbacks=[callback])

    For `train`, `cv` and the scikit-learn wrappers of XGBoost and LightGBM, before or after any other callback. `watch`
    names the dataset and the metric that a schedule such as GreedyLR observes after each round; in `cv` the mean over
    the folds counts, and all folds have the same rate. A training from scratch begins the schedule anew; a continued
    one goes on with it: keep `state_dict()` beside a saved model. The rate is set only when it changes: LightGBM draws
    other random numbers after a change under `feature_fraction`, `extra_trees` or GOSS.

    The watched score has chosen every rate: it is optimistic, so report the score of other rows. Early stopping counts
    rounds: under a falling rate, improvements get smaller, and it stops sooner.

    Raise ConfigError for arguments it does not understand; before the first round for DART and random forests, and for
    the training data as what is watched, unless `watch_training=True`; after the first round if what is to be watched
    was not evaluated.
    """

    def __init__(
        self, schedule: Schedule, watch: tuple[str, str] | None = None, *, watch_training: bool = False
    ) -> None:
        if not isinstance(schedule, Schedule):
            raise ConfigError(f"expected a schedule, such as treedebug.schedules.GreedyLR(0.1); got {schedule!r}")
        if isinstance(schedule, Rollback):
            raise ConfigError(
                "a callback cannot take trees away: call Rollback(...).train(params, train, n_rounds, ...)"
            )
        self.schedule = schedule
        self.watch = _checked(watch, schedule)
        self.watch_training = watch_training
        self._fresh = schedule.state_dict()
        """The schedule before any training."""
        self._training: ScheduledTraining | None = None

    # -- XGBoost's hooks -------------------------------------------------------------------------------------------

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The class; XGBoost asks for it when it checks its callbacks, and only then it must be one of its own."""
        xgboost = sys.modules.get("xgboost.callback")
        if xgboost is not None:
            xgboost.TrainingCallback.register(type(self))
        return type(self)

    def before_training(self, model: Any) -> Any:
        """Begin, or go on with, the schedule."""
        self._training = self._begin(xgboost_facts(model), model)
        return model

    def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - the library's signature
        """Set the rate of the round to come."""
        training = self._of(model) or self._begin(xgboost_facts(model), model)
        self._training = training
        training.log = evals_log
        rate = training.new_rate()
        if rate is not None:
            model.set_param({"learning_rate": rate})
        return False

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - the library's signature
        """Hand the watched score to the schedule."""
        training = self._of(model)
        if training is not None:
            training.close_round(xgboost_score(evals_log, self.watch))
        return False

    def after_training(self, model: Any) -> Any:
        """Observe the last round, if a callback before this one hid it by ending the training."""
        training = self._training
        if training is not None and training.is_open and training.log:
            training.close_round(xgboost_score(training.log, self.watch))
        return model

    # -- LightGBM's hook -------------------------------------------------------------------------------------------

    def __call__(self, env: Any) -> None:
        """Set the rate of the round to come; the first time, have the library call back after each round too."""
        training = None if env.iteration == env.begin_iteration else self._of(env.model)
        if training is None:
            training = self._training = self._begin(lightgbm_facts(env), env.model)
            frame = caller_locals(LIGHTGBM, "cv" if training.facts.is_cv else "train")
            after = frame.get("callbacks_after_iter")
            if isinstance(after, list):  # ahead of early stopping, which hides its last round from those behind it
                after.insert(0, training.after_round)
        rate = training.new_rate()
        if rate is not None:
            env.model.reset_parameter({"learning_rate": rate})

    # -- what the recorder asks ------------------------------------------------------------------------------------

    def rate_facts(self) -> Mapping[str, Any]:
        """Return the schedule with its arguments, what it watches, and how many rounds it was planned for."""
        facts = None if self._training is None else self._training.facts
        return {
            **self.schedule.describe(),
            "watch": None if self.watch is None else list(self.watch),
            "watches_training": facts is not None and _is_training(self.watch, facts),
            "n_rounds": self.schedule.n_steps,
            "least_observations": getattr(self.schedule, "least_observations", None),
        }

    def rate_reasons(self) -> Sequence[RateReason]:
        """Return every change of the rate in the last training, by round, oldest first."""
        return [] if self._training is None else self._training.reasons()

    # -- state -----------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return the schedule's state, JSON-able: keep it beside a saved model, to go on with it."""
        return self.schedule.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state in the next continued training."""
        self.schedule.load_state_dict(state)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a callback whose schedule begins anew: scikit-learn clones one for each fold."""
        schedule = copy.deepcopy(self.schedule, memo)
        schedule.load_state_dict(self._fresh)
        return type(self)(schedule, self.watch, watch_training=self.watch_training)

    def __getstate__(self) -> dict[str, Any]:
        """Return everything but the training under way."""
        return {**self.__dict__, "_training": None}

    def __repr__(self) -> str:
        """Return how it was made."""
        return f"{type(self).__name__}({self.schedule!r}, watch={self.watch!r})"

    # -- inside ----------------------------------------------------------------------------------------------------

    def _of(self, model: Any) -> ScheduledTraining | None:
        training = self._training
        return training if training is not None and training.is_of(model) else None

    def _begin(self, facts: TrainingFacts, model: Any) -> ScheduledTraining:
        reason = REFUSED.get(facts.booster)
        if reason is not None:
            raise ConfigError(f"a schedule cannot be used with booster {facts.booster!r}: {reason}")
        if self.watch is not None:
            self._check_watched(self.watch, facts)
        schedule = self.schedule
        if not facts.start:
            schedule.load_state_dict(self._fresh)
        schedule.know(facts.n_rows, facts.loss)
        if facts.planned is not None:
            schedule.plan(schedule.t + facts.planned)
        _check_rates(schedule, facts.planned or 1)
        return ScheduledTraining(schedule, self.watch, facts, model)

    def _check_watched(self, watch: tuple[str, str], facts: TrainingFacts) -> None:
        if facts.evaluated is not None and watch[0] not in facts.evaluated:
            raise ConfigError(not_evaluated(watch, sorted(facts.evaluated)))
        if _is_training(watch, facts) and not self.watch_training:
            raise ConfigError(
                f"watch={watch!r} is the training data, whose loss falls in nearly every round: a greedy rate only "
                "climbs (on six tables its last round was 41 % worse). Watch a validation set, or say "
                "watch_training=True"
            )


def _check_rates(schedule: Schedule, planned: int) -> None:
    """Raise ConfigError for a rate of 0, or for what the schedule lacks."""
    t = next((t for t in range(schedule.t, schedule.t + planned) if schedule.rate(t) <= 0.0), None)
    if t is not None:
        raise ConfigError(
            f"the schedule has a rate of 0 in round {t}: XGBoost would add an empty tree, LightGBM refuses. Let it end "
            "above 0, such as end=0.01"
        )


def _checked(watch: Any, schedule: Schedule) -> tuple[str, str] | None:
    if watch is None:
        if schedule.needs_values:
            raise ConfigError(
                f"{type(schedule).__name__} goes by a metric: name it, such as watch=('valid', 'logloss')"
            )
        return None
    if isinstance(watch, str) or len(watch) != 2 or not all(isinstance(part, str) for part in watch):
        raise ConfigError(
            f"watch takes the names of a dataset and a metric, such as ('valid', 'logloss'); got {watch!r}"
        )
    return watch[0], watch[1]


def _is_training(watch: tuple[str, str] | None, facts: TrainingFacts) -> bool:
    if watch is None:
        return False
    return watch[0] in facts.training or (facts.evaluated is None and looks_like_training(watch[0]))
