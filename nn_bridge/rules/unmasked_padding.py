"""NN936 unmasked-padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from treedebug.core.data.data_sets import DataSets
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import percent
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class UnmaskedPadding(Rule):
    """The loss of a language model counts padding as tokens to be predicted.

    ## What it does
    Judges a cross-entropy over the tokens that the net embeds. Fires when the token watched as padding fills
    `min_share` of the sequences and of the first targets, whose commonest it is, and `ignore_index` is another.
    ## Why is this bad
    Padding is the easiest token: the loss looks good, gradients go into it, and real tokens are learned late.
    ## When to ignore it
    The token is a real one, which is only common.
    """

    code = "NN936"
    name = "unmasked-padding"
    explains: ClassVar[tuple[str, ...]] = ("DA620", "CL403", "CL404", "CV103", "NN905", "NN910")

    min_share: float = param(0.3, "share of the token, of inputs and of targets", ge=0.0, le=1.0)

    def check(self, facts: NetFacts, data: DataSets) -> Iterator[Finding]:
        """Compare the commonest target with the padding of the inputs."""
        loss = facts.loss
        tables = {x.name for x in facts.layers if x.type.startswith("Embedding")}
        words = {p.shape[0] for p in facts.params if p.module in tables and p.shape}
        if loss.function not in ("cross_entropy", "nll") or loss.n_classes not in words or loss.common_target < 0:
            raise Missing("the loss is not a cross-entropy over the tokens that the net embeds")
        fills = {int(t.token): t.mean_share for t in data.train.tokens if isinstance(t.token, int | float)}
        share = min(fills.get(loss.common_target, 0.0), loss.common_share)
        if share < self.min_share or loss.ignored_target == loss.common_target:
            return
        yield self.finding(
            f"token {loss.common_target} fills {percent(fills[loss.common_target])} of the sequences, and is "
            f"{percent(loss.common_share)} of the targets that the loss counts: padding is not masked",
            rounds=(0, 0),
            is_root=True,
            try_next=(Change("ignore_index", loss.common_target, "of the loss; and a padding mask for attention"),),
            token=loss.common_target,
            share=loss.common_share,
        )
