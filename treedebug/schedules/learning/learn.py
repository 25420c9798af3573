"""learn: fit a policy to recorded runs, by which rates paid off in which state."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from treedebug.core.errors import ConfigError
from treedebug.core.run.eval_log import EvalSeries
from treedebug.core.run.run_data import RunData
from treedebug.schedules.forms.automatic import AutomaticRate
from treedebug.schedules.learning.policy import N_FEATURES, Floats, LossProgress, Policy
from treedebug.schedules.schedule import checked_rate

MOST = 4.0
"""A learned rate is at most so many times the reference."""
_LEAST_ROUNDS = 10
_TEMPERATURE = 0.5
"""Of the weights exp(advantage / temperature), the advantage in standard deviations."""
_RIDGE = 1e-2
_EDGE = 0.02
_LOSS_KIND = {"logloss": "logloss", "binary_logloss": "logloss", "rmse": "rmse", "l2": "rmse", "mse": "rmse"}


class _Moves(NamedTuple):
    """The rounds of one run: features (n, 6), rates over the reference (n,), and what was still to be gained (n,)."""

    features: Floats
    factors: Floats
    gains: Floats


def learn(runs: Iterable[Any], *, most: float = MOST) -> Policy:
    """Fit the policy to recorded runs of boosters or nets: `treedebug.load(path)`, or anything with such a `.data`.

    In each round of each run stand the state (share of the budget, how the validation loss has fallen), the rate as a
    multiple of the run's reference, and the log improvement that was still to come. A linear fit says what was to be
    expected from a state; rounds that did better weigh more, by exp(advantage / 0.5), in a regression of the rate on
    the state (advantage-weighted regression, Peng et al. 2019). The reference is the automatic rate of the training
    where its rows, rounds and loss are known, else its first rate.

    What is learned is a correlation in the runs given: runs that tried one rate only can teach none. `Policy.n_seen`
    counts the runs used; `LearnedSchedule` keeps to the automatic rate under 20. Raise ConfigError where no run has a
    validation loss and rates over ten rounds.
    """
    most = checked_rate("most", most, least=1e-9)
    found = [moves for run in runs if (moves := _moves(getattr(run, "data", run))) is not None]
    if not found:
        raise ConfigError(
            "none of the runs has learning rates and a validation loss of ten rounds or more: nothing to learn from"
        )
    features, factors, gains = (np.concatenate(column) for column in zip(*found, strict=True))
    left = gains - features @ _fit(features, gains, np.ones(len(gains)))
    spread = float(left.std())
    advantage = left / spread if spread > 0 else left
    weights = np.exp(np.clip(advantage, -4.0, 4.0) / _TEMPERATURE)
    share = np.clip(factors / most, _EDGE, 1.0 - _EDGE)
    theta = _fit(features, np.log(share / (1.0 - share)), weights)
    about = (
        f"{len(found)} runs, {len(gains)} rounds; rates {factors.min():.2g} to {factors.max():.2g} times the reference"
    )
    return Policy(tuple(map(float, theta)), most, len(found), about)


def _fit(features: Floats, target: Floats, weights: Floats) -> Floats:
    """Return the (6,) weights of a ridge regression."""
    weighted = features * (weights / weights.sum())[:, None]
    return np.linalg.solve(weighted.T @ features + _RIDGE * np.eye(N_FEATURES), weighted.T @ target)


def _moves(run: RunData) -> _Moves | None:
    """Return what a run tells, or None if it tells nothing."""
    curve = next(_losses(run), None)
    log = run.rounds
    if curve is None:
        return None
    at = np.searchsorted(log.rounds, curve.rounds)
    known = (at < len(log.rounds)) & (curve.values > 0) & np.isfinite(curve.values)
    values, rates = curve.values[known], log.learning_rate[at[known]]
    if len(values) < _LEAST_ROUNDS or not np.isfinite(rates).all() or not (rates > 0).all():
        return None
    budget = run.header.planned_rounds or run.n_rounds
    reference = _reference(run, curve.metric, budget) or float(rates[0])
    progress, features = LossProgress(), []
    for t, value in enumerate(values.tolist()):
        features.append(progress.features(min(t / max(budget, 1), 1.0)))
        progress.see(value)
    best_to_come = np.minimum.accumulate(values[::-1])[::-1]
    before = np.concatenate([values[:1], values[:-1]])
    return _Moves(np.array(features), rates / reference, np.log(before) - np.log(best_to_come))


def _losses(run: RunData) -> Iterator[EvalSeries]:
    return (c for c in run.evals if c.higher_is_better is False and not run.evals.is_training(c.dataset))


def _reference(run: RunData, metric: str, budget: int) -> float | None:
    rows = [facts.get("n_rows") for facts in run.header.data.values() if facts.get("is_training")]
    loss = _LOSS_KIND.get(metric)
    if not rows or not isinstance(rows[0], int) or rows[0] < 1 or loss is None:
        return None
    rate = AutomaticRate(rows[0], loss=loss, n_steps=max(budget, 1)).rate(0)
    return rate if math.isfinite(rate) and rate > 0 else None
