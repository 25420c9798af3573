"""CV106 unfinished-training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from treedebug.core.findings import Finding
from treedebug.core.phrases import figure, percent
from treedebug.core.run.run_data import FINISHED, Header
from treedebug.engine.rule import Rule, param
from treedebug.rules.advice import faster, longer
from treedebug.signals.curves.eval_curves import EvalLoss
from treedebug.signals.curves.improvement_slope import Slope
from treedebug.signals.curves.training_end import Ending


@dataclass(frozen=True, kw_only=True)
class UnfinishedTraining(Rule):
    """Validation was still improving materially at the last round.

    ## What it does
    Judges a finished training that ran all its rounds. Fires when the last tenth of them still brought `min_share`
    of all the improvement on the validation data, beyond its noise, the best round is among them, and the last fifth
    fell at `min_straightness` of the first fifth's speed: a few lucky rounds at the end are not enough. (A straight
    line brings 10 % in its last tenth, a curve that has levelled off next to nothing.)
    ## Why is this bad
    The model would be better for nothing but more rounds.
    ## When to ignore it
    Size or speed of the model matters more to you than its quality.
    """

    code = "CV106"
    name = "unfinished-training"
    explains: ClassVar[tuple[str, ...]] = ("CV103",)

    min_share: float = param(0.03, "share of the improvement that came in the last tenth of the rounds", ge=0.0, le=1.0)
    min_straightness: float = param(
        0.25, "speed of the last fifth of the rounds, as a share of the first fifth's", ge=0.0, le=10.0
    )
    min_rounds: int = param(20, "rounds before there is anything to judge", ge=4, le=100_000)

    def check(self, loss: EvalLoss, slope: Slope, ending: Ending, header: Header) -> Iterator[Finding]:
        """Look at what the last tenth of the rounds brought."""
        if ending.state != FINISHED or ending.stopped_early or len(loss.valid) < self.min_rounds:
            return
        if slope.tail_share < self.min_share or loss.wait > max(1, slope.tail_rounds // 2):
            return
        if slope.tail_gain <= 2.0 * loss.drift(1) or slope.straightness < self.min_straightness:
            return
        n_rounds = len(loss.valid)
        more = longer(header, 2 * n_rounds + header.start_round)
        yield self.finding(
            f"{loss.metric} on {loss.dataset} was still improving when training ended: the last {slope.tail_rounds} of "
            f"{len(loss.valid)} rounds brought {percent(slope.tail_share)} of the improvement (now "
            f"{figure(loss.shown(float(loss.valid[-1])))})",
            rounds=(loss.last_round - slope.tail_rounds + 1, loss.last_round),
            try_next=(*faster(header, n_rounds), *more),
            tail_rounds=slope.tail_rounds,
            tail_share=slope.tail_share,
            tail_gain=slope.tail_gain,
            last_value=loss.shown(float(loss.valid[-1])),
            noise=loss.noise,
        )
