"""CV103 underfitting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import change, faster, longer, setting
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.improvement_slope import Slope
from treedebug.signals.curves.training_end import Ending


@dataclass(frozen=True, kw_only=True)
class Underfitting(Rule):
    """The model has hardly begun to learn.

    ## What it does
    Judges a finished training. Fires when the loss is still falling almost as fast as at the start (the last fifth
    of the rounds brings `min_straightness` of what the first fifth brought) and most of it is left; or when
    training and validation have both stayed within `max_progress` of a constant prediction, together.
    ## Why is this bad
    There is more in the data than the model was allowed to take out.
    ## When to ignore it
    The features hold next to nothing about the label, or you train only a few rounds on purpose.
    """

    code = "CV103"
    name = "underfitting"

    min_straightness: float = param(
        0.6, "speed of the last fifth of the rounds, as a share of the first fifth's", ge=0.0, le=10.0
    )
    min_left: float = param(0.5, "loss that is left, as a share of the loss at the start", ge=0.0, le=1.0)
    max_progress: float = param(0.03, "share of the constant prediction's loss removed", ge=0.0, le=1.0)
    min_rounds: int = param(10, "rounds before there is anything to judge", ge=4, le=100_000)

    def check(self, loss: EvalLoss, slope: Slope, ending: Ending, header: Header) -> Iterator[Finding]:
        """Compare the speed of learning at both ends, and the distance from the constant prediction."""
        if not ending.final or ending.stopped_early or len(loss.valid) < self.min_rounds:
            return
        straight = slope.falling and slope.straightness >= self.min_straightness and slope.left >= self.min_left
        near = self._near_baseline(loss) and loss.wait <= max(5, len(loss.valid) // 2)
        if not (straight or near):
            return
        how = (
            f"it still fell {_speed(slope.straightness)} when training ended"
            if straight
            else "training and validation both stayed near a constant prediction"
        )
        yield self.finding(
            f"{loss.metric} on {loss.dataset} only came from {figure(loss.shown(loss.start))} to "
            f"{figure(loss.shown(float(loss.valid[-1])))} in {len(loss.valid)} rounds; {how}",
            rounds=(int(loss.rounds[0]), loss.last_round),
            try_next=_more(header, len(loss.valid), straight=straight),
            start_value=loss.shown(loss.start),
            last_value=loss.shown(float(loss.valid[-1])),
            straightness=slope.straightness,
            left=slope.left,
            noise=loss.noise,
        )

    def _near_baseline(self, loss: EvalLoss) -> bool:
        if loss.baseline is None or loss.perfect is None or loss.train is None:
            return False
        whole = loss.start - loss.perfect
        valid, train = loss.start - float(loss.valid[-1]), loss.start - float(loss.train[-1])
        return whole > 0 and max(train, valid) <= self.max_progress * whole and valid >= train / 2


def _speed(straightness: float) -> str:
    return "as fast as at first" if straightness >= 1.0 else f"at {percent(straightness)} of its first speed"


def _more(header: Header, n_rounds: int, *, straight: bool) -> tuple[Change, ...]:
    depth = setting(header, "max_depth")
    if straight:
        return (*faster(header, n_rounds), *longer(header, 5 * n_rounds + header.start_round))
    if depth is not None and 0 < depth < 4:  # shallower than usual
        deeper = change(header, "max_depth", int(depth) + 3, "let the trees combine features")
        return (*faster(header, n_rounds), deeper)
    return faster(header, n_rounds)
