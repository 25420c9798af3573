"""Learning curves: each metric on each dataset over the rounds, the best round, the noise, and the wasted rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from treedebug.core.run.eval_log import EvalSeries
from treedebug.core.run.run_data import RunData
from treedebug.engine.resolve import Missing, Resolver
from treedebug.pictures.picture import AnyRun, Floats, Ints, NoPicture, Picture, data_of, once
from treedebug.pictures.thinning import thinned
from treedebug.signals.curves.eval_curves import EvalLoss, noise_of

MOST_CURVES = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """One metric on one dataset. `rounds` and `values` are points as recorded, thinned; not-finite values left out."""

    dataset: str
    metric: str
    is_training: bool
    higher_is_better: bool | None
    rounds: Ints
    values: Floats
    n_values: int
    """Recorded, before thinning."""
    n_not_finite: int
    best_round: int | None
    """None where the metric's direction is not known."""
    best_value: float
    last_value: float
    noise: float
    """Standard deviation from round to round."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LearningCurves(Picture):
    """All curves, and what the deciding one tells."""

    name: ClassVar[str] = "learning_curves"
    question: ClassVar[str] = "When was it best, and what did the rounds after that bring?"

    n_rounds: int
    curves: tuple[Curve, ...]
    n_left_out: int
    """Curves beyond the first dozen."""
    deciding: int | None
    """Position in `curves` of the one that early stopping would watch; None without a validation set."""
    best_round: int | None
    """Of the deciding curve."""
    best_value: float
    band: tuple[float, float] | None
    """Values no different from the best one beyond the noise from round to round."""
    wasted: tuple[int, int] | None
    """First and last round after the best one; None where the last is the best."""
    learning_rate_rounds: Ints
    learning_rates: Floats
    """The learning rate from each of `learning_rate_rounds` on; empty where unknown."""


def learning_curves(run: AnyRun) -> LearningCurves | NoPicture:
    """Return the metrics over the rounds."""
    return once(data_of(run), _learning_curves)


def _learning_curves(run: RunData) -> LearningCurves | NoPicture:
    known = [s for s in run.evals if len(s.values)]
    if not known:
        return NoPicture("no metric was recorded: pass `evals=` (LightGBM: `valid_sets=`)")
    loss = deciding_loss(run)
    kept = known[:MOST_CURVES]
    if loss is not None and not any(_is(s, loss) for s in kept):
        kept[-1] = next(s for s in known if _is(s, loss))
    rounds, rates = _rates(run)
    return LearningCurves(
        n_rounds=run.n_rounds,
        curves=tuple(_curve(s, is_training=run.evals.is_training(s.dataset)) for s in kept),
        n_left_out=len(known) - len(kept),
        deciding=None if loss is None else next(i for i, s in enumerate(kept) if _is(s, loss)),
        best_round=None if loss is None else loss.best_round,
        best_value=np.nan if loss is None else loss.shown(float(loss.valid[loss.best])),
        band=None if loss is None else _band(loss),
        wasted=None if loss is None or not loss.wait else (loss.best_round + 1, loss.last_round),
        learning_rate_rounds=rounds,
        learning_rates=rates,
    )


def deciding_loss(run: RunData) -> EvalLoss | None:
    """Return the deciding curve of a run; None where there is none."""
    return once(run, _deciding_loss)


def _deciding_loss(run: RunData) -> EvalLoss | None:
    try:
        loss: EvalLoss = Resolver(run.at(run.n_rounds, final=run.ended)).get(EvalLoss)
    except Missing:
        return None
    return loss


def _is(series: EvalSeries, loss: EvalLoss) -> bool:
    return (series.dataset, series.metric) == (loss.dataset, loss.metric)


def _band(loss: EvalLoss) -> tuple[float, float]:
    best, width = loss.shown(float(loss.valid[loss.best])), 2.0 * loss.drift(1)
    return (best - width, best + width)


def _curve(series: EvalSeries, *, is_training: bool) -> Curve:
    finite = np.isfinite(series.values)
    rounds, values = series.rounds[finite], series.values[finite]
    best = None
    if len(values) and series.higher_is_better is not None:
        best = int(values.argmax() if series.higher_is_better else values.argmin())
    at = thinned(values, keep=() if best is None else (best,))
    return Curve(
        dataset=series.dataset,
        metric=series.metric,
        is_training=is_training,
        higher_is_better=series.higher_is_better,
        rounds=rounds[at],
        values=values[at],
        n_values=len(series.values),
        n_not_finite=int((~finite).sum()),
        best_round=None if best is None else int(rounds[best]),
        best_value=np.nan if best is None else float(values[best]),
        last_value=float(values[-1]) if len(values) else np.nan,
        noise=noise_of(values) if len(values) else np.nan,
    )


def _rates(run: RunData) -> tuple[Ints, Floats]:
    """Return the rounds at which the learning rate changes, and what it is from then on."""
    rounds, rates = run.rounds.rounds, run.rounds.learning_rate
    known = np.isfinite(rates)
    rounds, rates = rounds[known], rates[known]
    changed = np.flatnonzero(np.diff(rates, prepend=np.nan) != 0)
    changed = changed[thinned(rates[changed])]
    return rounds[changed], rates[changed]
