"""NN921 broadcast-loss."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES
from treedebug.core.findings import Change, Finding, Severity
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class BroadcastLoss(Rule):
    """Outputs and targets have different shapes, and the loss compares each with every other.

    ## What it does
    Reads the graph of the first loss. Fires (error) when outputs of shape (n, 1) met targets of shape (n,), or the
    other way round, so that the error was averaged over n x n pairs.
    ## Why is this bad
    Each output is pulled to the mean of all targets: the net learns a constant.
    ## When to ignore it
    Never; compare all pairs on purpose with two outputs of the net (a ranking loss), which is not judged.
    """

    code = "NN921"
    name = "broadcast-loss"
    severity: ClassVar[Severity] = Severity.ERROR
    explains: ClassVar[tuple[str, ...]] = OUTCOMES

    min_rows: int = param(2, "rows of the batch", ge=2, le=100_000)

    def check(self, facts: NetFacts) -> Iterator[Finding]:
        """Name the shape that the errors had."""
        shape = facts.loss.broadcast
        if not shape or shape[0] < self.min_rows:
            return
        n, size = shape[0], " x ".join(map(str, shape))
        yield self.finding(
            f"the loss averages {size} errors of a batch of {n} rows: outputs and targets have different shapes and "
            "were broadcast, so the net learns the mean of the targets",
            rounds=(0, 0),
            is_root=True,
            try_next=(Change("output", "squeeze(1)", "or targets.unsqueeze(1): both need the same shape"),),
            n_rows=n,
        )
