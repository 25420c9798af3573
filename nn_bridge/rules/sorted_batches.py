"""NN915 sorted-batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES
from nn_bridge.signals.sampled_steps import LabelMix
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class SortedBatches(Rule):
    """Batches hold rows of one class only: the data are sorted and not shuffled.

    ## What it does
    Compares the entropy of the classes in a batch with that of all training labels. Fires when the median over
    `steps` sampled batches or more is under `min_mix`.
    ## Why is this bad
    Each batch pulls the net to its own class and lets it forget the others; batch norm learns statistics of one class.
    ## When to ignore it
    Batches hold few rows by design, or one class by design (metric learning).
    """

    code = "NN915"
    name = "sorted-batches"
    explains: ClassVar[tuple[str, ...]] = ("NN903", "NN904", "NN906", "NN910", "NN912", *OUTCOMES)

    min_mix: float = param(0.5, "entropy of a batch's labels over that of all labels", ge=0.0, le=1.0)
    steps: int = param(5, "sampled batches", ge=1, le=100_000)

    def check(self, mix: LabelMix, facts: NetFacts) -> Iterator[Finding]:
        """Judge the median batch."""
        n_rows = facts.loss.n_rows
        most = min(mix.whole, float(np.log(n_rows))) if n_rows > 1 else mix.whole  # so few rows hold few classes
        typical = float(np.median(mix.shares)) * mix.whole / most
        if len(mix.shares) < self.steps or typical >= self.min_mix:
            return
        yield self.finding(
            f"a batch holds {percent(typical)} of the variety of the labels (median of {len(mix.shares)} batches): the "
            "rows are sorted by class",
            rounds=(int(mix.rounds[0]), int(mix.rounds[-1])),
            try_next=(Change("shuffle", value=True, why="in the DataLoader of the training data"),),
            mix=typical,
            n_batches=len(mix.shares),
        )
