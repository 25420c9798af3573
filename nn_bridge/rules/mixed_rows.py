"""NN922 mixed-rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.rules._advice import OUTCOMES
from nn_bridge.signals.evaluation_checks import RowInfluence
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class MixedRows(Rule):
    """What the net says of a row depends on the other rows of the batch.

    ## What it does
    `nn_bridge.check` evaluates half of a batch alone and within the whole, in evaluation mode. Fires when an output
    differs by more than `min_change` of the outputs' standard deviation.
    ## Why is this bad
    Rows are mixed up: attention or a recurrence runs over the batch (`batch_first`), `view` stands for `permute`, or
    softmax is taken over dimension 0. Alone, as in service, a row gets another answer.
    ## When to ignore it
    The net compares the rows of a batch on purpose.
    """

    code = "NN922"
    name = "mixed-rows"
    explains: ClassVar[tuple[str, ...]] = OUTCOMES

    min_change: float = param(0.01, "change of an output, in standard deviations of the outputs", ge=0.0, le=1e6)

    def check(self, influence: RowInfluence) -> Iterator[Finding]:
        """Compare the largest change."""
        if influence.change <= self.min_change:
            return
        yield self.finding(
            f"the output of a row changes by {percent(influence.change)} of the outputs' spread when the other half of "
            "the batch is left out: rows influence each other",
            rounds=(0, 0),
            is_root=True,
            try_next=(
                Change("batch_first", value=True, why="of attention and recurrent layers fed with (rows, steps, ...)"),
                Change("view", "permute or transpose", "to swap dimensions; and softmax over the last dimension"),
            ),
            change=influence.change,
        )
