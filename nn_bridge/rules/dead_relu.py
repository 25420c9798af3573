"""NN910 dead-relu."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES, layer_name, rate_change
from nn_bridge.signals.sampled_steps import StepLoss
from nn_bridge.signals.unit_activity import SilentLayers
from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class DeadRelu(Rule):
    """Units behind a ReLU give zero on every row.

    ## What it does
    Counts the units of each layer that were zero on every row of the last eight sampled batches. Fires for the first
    layer of which `min_share` or more are silent; as information where the training loss has fallen under
    `max_left` of the first: a sparse code may be meant.
    ## Why is this bad
    A unit that is never active gets no gradient and will not come back: the layer is as narrow as what is left.
    ## When to ignore it
    The layer is far wider than needed, or sparse by design.
    """

    code = "NN910"
    name = "dead-relu"
    explains: ClassVar[tuple[str, ...]] = ("NN905", "NN906", "NN907", "NN912", *OUTCOMES)

    min_share: float = param(0.5, "share of a layer's units that are silent on every row", ge=0.0, le=1.0)
    max_left: float = param(0.5, "training loss that is left, under which it is information only", ge=0.0, le=1.0)
    batches: int = param(5, "sampled batches that must show it", ge=1, le=8)

    def check(self, silent: SilentLayers, facts: NetFacts, loss: StepLoss | None) -> Iterator[Finding]:
        """Name the first layer; the ones behind it may only suffer from it."""
        found = [s for s in silent.layers if s.n_batches >= self.batches and s.share >= self.min_share]
        if not found:
            return
        first = found[0]
        has_learned = loss is not None and float(np.median(loss.left(loss.steps[-3:]))) < self.max_left
        yield self.finding(
            f"{first.n_silent} of {first.n_units} units of {layer_name(first.layer)} ({percent(first.share)}) are zero "
            f"on every row from step {first.since_step} on ({len(found)} of {len(silent.layers)} layers with ReLU)",
            rounds=(0, silent.round_index),
            try_next=(
                *rate_change(facts, 0.1, "large steps kill units"),
                Change("activation", "LeakyReLU", "units can come back; or start with biases of zero"),
            ),
            severity=Severity.INFO if has_learned else None,
            layer=first.layer,
            silent_share=first.share,
            n_silent=first.n_silent,
            first_step=first.since_step,
            n_layers=len(found),
        )
