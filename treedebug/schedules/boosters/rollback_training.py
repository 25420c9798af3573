"""Training with rollback: XGBoost in segments that are cut and continued, LightGBM round by round."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from treedebug.core.errors import ConfigError
from treedebug.core.run.eval_log import metric_direction
from treedebug.core.run.rate_log import RateReason
from treedebug.schedules.boosters.scheduled_training import Watch, lightgbm_score, xgboost_score
from treedebug.schedules.boosters.training_facts import REFUSED, booster_kind
from treedebug.schedules.schedule import RateChange, checked_count

if TYPE_CHECKING:
    from treedebug.schedules.boosters.rollback import Rollback


@dataclass(frozen=True)
class RolledBack:
    """What came of a training with rollback."""

    booster: Any
    n_rounds: int
    """Rounds the booster has."""
    n_discarded: int
    """Rounds that were trained and thrown away; with `n_rounds` they are the budget used."""
    best_value: float
    """The best value of the watched metric."""
    history: tuple[RateChange, ...]
    """Each cut, by rounds trained."""


def train_with_rollback(  # noqa: PLR0913 - those of `Rollback.train`
    rollback: Rollback,
    params: Mapping[str, Any],
    train: Any,
    n_rounds: int,
    *,
    evals: Sequence[tuple[Any, str]],
    watch: Watch,
    callbacks: Sequence[Any] = (),
    keep_best: bool = True,
) -> RolledBack:
    """Train as `Rollback.train` says."""
    library = sys.modules.get(type(train).__module__.split(".")[0])
    name = getattr(library, "__name__", "")
    if name not in {"xgboost", "lightgbm"}:
        raise ConfigError(f"expected a DMatrix of XGBoost or a Dataset of LightGBM, got {type(train).__name__}")
    kind = booster_kind(params, name)
    if kind in REFUSED:
        raise ConfigError(f"rollback cannot be used with booster {kind!r}: {REFUSED[kind]}")
    if name == "lightgbm" and callbacks:
        raise ConfigError("Rollback trains LightGBM round by round, without callbacks; got some")
    budget = checked_count("n_rounds", n_rounds)
    segments = (
        _XGBoost(library, rollback, params, watch) if name == "xgboost" else _LightGBM(library, rollback, params, watch)
    )
    booster = segments.train(train, budget, evals, callbacks)
    if keep_best and rollback.best_kept:
        rollback.cut_back()
        booster = segments.cut(booster)
    best = float("nan") if rollback.best is None else rollback.best
    return RolledBack(
        booster,
        n_rounds=rollback.n_kept,
        n_discarded=rollback.n_discarded,
        best_value=-best if rollback.higher_is_better else best,
        history=tuple(rollback.history),
    )


class _Segments:
    """One training, of either library."""

    def __init__(self, library: Any, rollback: Rollback, params: Mapping[str, Any], watch: Watch) -> None:
        self.library = library
        self.rollback = rollback
        self.params = dict(params)
        self.watch = watch

    def direct(self, *, higher: bool | None) -> None:
        """Tell the direction of the metric. Raise ConfigError where it is not known."""
        told = metric_direction(self.watch[1]) if higher is None else higher
        if told is None and self.rollback.wants_direction:
            raise ConfigError(
                f"is a higher or a lower {self.watch[1]!r} better? Give Rollback mode='min' or mode='max'"
            )
        if told is not None:
            self.rollback.direct(higher_is_better=told)


class _XGBoost(_Segments):
    def train(self, train: Any, budget: int, evals: Sequence[tuple[Any, str]], callbacks: Sequence[Any]) -> Any:
        """Train segment by segment, each from the best round of the one before."""
        self.direct(higher=None)
        rollback = self.rollback
        self.library.callback.TrainingCallback.register(_Segment)
        booster: Any = None
        while rollback.t < budget:
            booster = self.library.train(
                self.params, train, budget - rollback.t, evals=list(evals), xgb_model=booster, verbose_eval=False,
                callbacks=[*callbacks, _Segment(rollback, self.watch)],
            )  # fmt: skip
            booster = self.cut(booster)
        return booster

    def cut(self, booster: Any) -> Any:
        """Return the booster of the rounds that are kept."""
        n_kept = self.rollback.n_kept
        return booster if booster.num_boosted_rounds() == n_kept else booster[:n_kept]


class _Segment:
    """XGBoost's callback of one segment: sets the rate, observes, and ends the segment when it is to be cut back."""

    def __init__(self, rollback: Rollback, watch: Watch) -> None:
        self._rollback = rollback
        self._watch = watch
        self._n_known = len(rollback.history)
        self._first = rollback.n_kept
        self._rate: float | None = None

    def before_training(self, model: Any) -> Any:
        """Return the model."""
        return model

    def before_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - the library's signature
        """Set the rate."""
        if self._rollback.now != self._rate:
            self._rate = self._rollback.now
            model.set_param({"learning_rate": self._rate})
        return False

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002 - the same
        """Observe; True ends the segment."""
        before = len(self._rollback.history)
        self._rollback.observe(xgboost_score(evals_log, self._watch)[0])
        return len(self._rollback.history) > before

    def after_training(self, model: Any) -> Any:
        """Return the model."""
        return model

    def rate_facts(self) -> Mapping[str, Any]:
        """Return what the schedule is, for a recorder."""
        return {**self._rollback.describe(), "watch": list(self._watch), "watches_training": False, "n_rounds": None}

    def rate_reasons(self) -> Sequence[RateReason]:
        """Return why this segment has its rate: the cut before it."""
        cut = self._rollback.history[self._n_known - 1].why if self._n_known else "Rollback begins"
        rate = self._rollback.initial if self._rate is None else self._rate
        return [RateReason(self._first, rate, cut)]


class _LightGBM(_Segments):
    def train(self, train: Any, budget: int, evals: Sequence[tuple[Any, str]], callbacks: Sequence[Any]) -> Any:  # noqa: ARG002 - none
        """Train round by round; take rounds back one by one."""
        rollback = self.rollback
        booster = self.library.Booster({**self.params, "learning_rate": rollback.now}, train)
        for data, name in evals:
            booster.add_valid(data, name)
        rate = rollback.now
        while rollback.t < budget:
            if rollback.now != rate:
                rate = rollback.now
                booster.reset_parameter({"learning_rate": rate})
            before = booster.current_iteration()
            booster.update()
            if booster.current_iteration() == before:
                break  # no leaf can be split any more
            value, higher = lightgbm_score(booster.eval_valid(), self.watch)
            if rollback.t == 0:
                self.direct(higher=higher)
            rollback.observe(value)
            self.cut(booster)
        return booster

    def cut(self, booster: Any) -> Any:
        """Take rounds back until those that are kept are left."""
        while booster.current_iteration() > self.rollback.n_kept:
            booster.rollback_one_iter()
        return booster
