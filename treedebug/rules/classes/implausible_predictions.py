"""CL407 implausible-predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import figure, percent
from treedebug.engine.rule import Rule, param
from treedebug.signals.classes.last_predictions import LastPredictions
from treedebug.signals.params.parameter_view import Params

_MEDIAN = ("mape", "regression_l1", "reg:absoluteerror", "reg:squaredlogerror")
_ROBUST = ("huber", "fair", "reg:pseudohubererror", "quantile", "reg:quantileerror")


@dataclass(frozen=True, kw_only=True)
class ImplausiblePredictions(Rule):
    """Predicted amounts that cannot be: below zero where no label is, or off in the mean.

    ## What it does
    Judges a finished regression by its validation predictions. Fires if no label is negative and `min_share` of the
    predictions, and `min_rows` or more, are. And if the mean prediction is off the mean label by `min_bias` standard
    deviations of the labels and `min_sigmas` of chance, while the labels of both datasets have the same mean: info,
    from `much` on a warning. MAPE and the absolute error do that by design; robust losses and quantiles are left alone.
    And, with LightGBM's `linear_tree`, if predictions lie `max_beyond` times the span of all labels beyond them.
    ## Why is this bad
    A negative quantity, or a sum that is off by a tenth, is wrong for whoever plans with it, however good the score.
    ## When to ignore it
    You clip the predictions, or the median is what you want.
    """

    code = "CL407"
    name = "implausible-predictions"
    explains: ClassVar[tuple[str, ...]] = ()

    min_share: float = param(0.01, "share of the predictions below zero", ge=0.0, le=1.0)
    min_rows: int = param(3, "predictions below zero", ge=1, le=1_000_000)
    min_bias: float = param(0.1, "mean error in standard deviations of the labels", ge=0.0, le=1e6)
    much: float = param(0.25, "the same, from which on it is a warning (MAPE: always)", ge=0.0, le=1e6)
    min_sigmas: float = param(5.0, "standard deviations of chance", ge=0.0, le=1e6)

    max_beyond: float = param(0.5, "span of the labels that linear leaves may go beyond them", ge=0.0, le=1e6)

    def check(self, seen: LastPredictions, params: Params) -> Iterator[Finding]:
        """The sign first, then the mean."""
        if seen.label_minimum >= 0 and seen.below_zero >= max(self.min_share, self.min_rows / max(seen.n_rows, 1)):
            yield self._sign(seen, params)
        span = seen.label_maximum - seen.label_minimum
        beyond = max(seen.maximum - seen.label_maximum, seen.label_minimum - seen.minimum)
        if params.is_on("linear_tree") and beyond >= self.max_beyond * span:
            yield self._linear(seen)
            return
        off = abs(seen.mean_error) / seen.label_std
        robust = params.objective in _ROBUST
        if off < self.min_bias or seen.sigmas < self.min_sigmas or seen.shift >= off / 2 or robust:
            return
        fit = "regression" if params.library == "lightgbm" else "reg:squarederror"
        aims = params.objective in _MEDIAN
        yield self.finding(
            f"predictions on {seen.dataset} average {figure(seen.mean)}, its labels {figure(seen.label_mean)}: the "
            f"predictions are biased by {figure(seen.mean_error)}"
            + (f", since objective={params.objective} does not aim at the mean" if aims else ""),
            severity=Severity.WARNING if off >= self.much or "mape" in params.objective else Severity.INFO,
            subject=f"mean of {seen.dataset}",
            try_next=(Change("objective", fit, "fits the mean"),) if aims else (),
            mean_error=seen.mean_error,
            share=off,
        )

    def _sign(self, seen: LastPredictions, params: Params) -> Finding:
        better = "tweedie" if params.library == "lightgbm" else "reg:tweedie"
        return self.finding(
            f"{percent(seen.below_zero)} of the predictions on {seen.dataset} are negative (down to "
            f"{figure(seen.minimum)}), but no label is: objective={params.objective} allows any number",
            subject=f"sign of {seen.dataset}",
            try_next=(Change("objective", better, "never below zero; poisson for counts"),),
            share=seen.below_zero,
            minimum=seen.minimum,
        )

    def _linear(self, seen: LastPredictions) -> Finding:
        low = seen.label_minimum - seen.minimum > seen.maximum - seen.label_maximum
        wild, bound = (seen.minimum, seen.label_minimum) if low else (seen.maximum, seen.label_maximum)
        return self.finding(
            f"predictions on {seen.dataset} go {'down' if low else 'up'} to {figure(wild)}, and all labels end at "
            f"{figure(bound)}: with linear_tree a leaf goes on in a straight line where a feature leaves the range of "
            "the training data",
            subject=f"range of {seen.dataset}",
            explains=("CV101", "CV102", "CV105", "CV112", "FT305"),
            try_next=(Change("linear_tree", value=False, why="or clip the features to their range in training"),),
            extreme=wild,
            bound=bound,
        )
