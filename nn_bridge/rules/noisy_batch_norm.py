"""NN919 noisy-batch-norm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES, layer_name
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed
from treedebug.engine.resolve import Missing
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class NoisyBatchNorm(Rule):
    """Batch norm on batches of a few rows.

    ## What it does
    Fires for nets with batch norm over vectors (`BatchNorm1d`) or pictures when the first batch has fewer than
    `min_rows` rows.
    ## Why is this bad
    Mean and variance of a few rows are noise: each row's output depends on which others it was drawn with, the running
    statistics fit none of them, and of two rows, normalised, only the sign is left.
    ## When to ignore it
    The first batch was small by accident, or batch norm is synchronised over many processes.
    """

    code = "NN919"
    name = "noisy-batch-norm"
    explains: ClassVar[tuple[str, ...]] = (
        "NN902", "NN903", "NN904", "NN905", "NN906", "NN910", "NN911", "NN912", *OUTCOMES,
    )  # fmt: skip

    min_rows: int = param(8, "rows of a batch", ge=2, le=100_000)

    def check(self, facts: NetFacts) -> Iterator[Finding]:
        """Compare the rows of the first batch."""
        layers = [x.name for x in facts.layers if x.type.startswith("BatchNorm")]
        n_rows = facts.loss.n_rows
        if layers and n_rows <= 0:
            raise Missing("the rows of a batch are not known: log the loss before backward()")
        if not layers or n_rows >= self.min_rows:
            return
        yield self.finding(
            f"{listed([layer_name(x) for x in layers], 3)} normalise{'s' if len(layers) == 1 else ''} by the "
            f"statistics of {n_rows} rows: they are noise",
            rounds=(0, 0),
            try_next=(
                Change("batch_size", 32, "or"),
                Change("norm", "LayerNorm or GroupNorm", "which need one row"),
            ),
            n_rows=n_rows,
            layer=layers[0],
        )
