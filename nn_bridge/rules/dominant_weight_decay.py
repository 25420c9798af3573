"""NN928 dominant-weight-decay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES
from nn_bridge.signals.sampled_steps import StepLoss
from nn_bridge.signals.weight_decay import DecayPull
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class DominantWeightDecay(Rule):
    """Weight decay pulls harder than the loss.

    ## What it does
    Compares the pull of weight decay on each matrix with its gradient (with its update where decay is decoupled, as
    in AdamW). Fires when it is `min_pull` times as strong on most matrices, over the sampled steps, while
    the weights shrank to `max_size` and `min_left` of the training loss is left.
    ## Why is this bad
    The weights shrink to zero whatever the data say: nothing is learned.
    ## When to ignore it
    The net is meant to be pruned.
    """

    code = "NN928"
    name = "dominant-weight-decay"
    explains: ClassVar[tuple[str, ...]] = ("NN902", "NN903", "NN904", "NN905", "NN906", "NN910", "NN912", *OUTCOMES)

    min_pull: float = param(2.0, "pull of the decay over the gradient", ge=0.0, le=1e6)
    max_size: float = param(0.8, "norm of the weights, as a share of the first", ge=0.0, le=10.0)
    min_left: float = param(0.6, "training loss that is left, as a share of the first", ge=0.0, le=1.0)
    steps: int = param(5, "sampled steps", ge=1, le=100_000)

    def check(self, pull: DecayPull, loss: StepLoss, facts: NetFacts) -> Iterator[Finding]:
        """Judge the median matrix in the median step."""
        left = float(loss.left(loss.steps[-1:])[0])
        is_strong = pull.typical >= self.min_pull and pull.shrunk <= self.max_size
        if len(pull.steps) < self.steps or not is_strong or not left >= self.min_left:
            return
        yield self.finding(
            f"weight_decay={short(pull.decay)} pulls the weights to zero {short(pull.typical)} times as hard as the "
            "loss pulls them anywhere (the median matrix)",
            rounds=(int(pull.rounds[0]), int(pull.rounds[-1])),
            is_root=True,
            try_next=(Change("weight_decay", float(f"{min(pull.decay / 1000, 1e-4):.1g}"), "or 0"),),
            pull=pull.typical,
            decay=pull.decay,
            optimizer=facts.optimizers[0].type if facts.optimizers else "",
        )
