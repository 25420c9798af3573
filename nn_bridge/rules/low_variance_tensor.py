"""NN906 low-variance-tensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import ACTIVATION, INPUT, WEIGHT
from nn_bridge.rules._advice import OUTCOMES, layer_name
from nn_bridge.signals.unit_activity import Spread, Spreads, bad_since
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short

_WATCHED = (INPUT, ACTIVATION, WEIGHT)


@dataclass(frozen=True, kw_only=True)
class LowVarianceTensor(Rule):
    """A tensor has lost its variance: all its entries are the same number.

    ## What it does
    Fires for inputs, activations and weights whose standard deviation was under `min_spread` of their root mean
    square, and for weights also under `min_left` of their own first standard deviation, in each of the last `steps`
    sampled steps. One finding for each kind, naming the first layer. Tensors of zeros are NN905's.
    ## Why is this bad
    A constant tells rows apart no more: the net has collapsed, or never saw a difference.
    ## When to ignore it
    The tensor is one number on purpose (a temperature, a scale).
    """

    code = "NN906"
    name = "low-variance-tensor"
    explains: ClassVar[tuple[str, ...]] = ("NN912", *OUTCOMES)

    min_spread: float = param(1e-3, "standard deviation over root mean square", ge=0.0, le=1.0)
    min_left: float = param(0.02, "standard deviation of weights, as a share of the first one", ge=0.0, le=1.0)
    steps: int = param(5, "sampled steps in a row", ge=1, le=100_000)

    def check(self, spreads: Spreads, facts: NetFacts) -> Iterator[Finding]:
        """Judge each kind of tensor."""
        for spread in spreads.found:
            if spread.kind in _WATCHED:
                yield from self._flat(spread, facts)

    def _flat(self, spread: Spread, facts: NetFacts) -> Iterator[Finding]:
        std = np.sqrt(spread.var)
        size = np.sqrt(spread.var + np.square(spread.mean))
        matrices = {p.name for p in facts.matrices()}
        matrix = np.array([spread.kind != WEIGHT or n in matrices for n in spread.layers])
        bad = (std < self.min_spread * size) & (size > 0)
        if spread.kind == WEIGHT:
            bad |= (std < self.min_left * std[0]) & (size > 0)
        began = bad_since(bad & matrix[None] & (spread.zero_share < 1.0), self.steps)
        found = np.flatnonzero(began >= 0)
        if not len(found):
            return
        first = int(found[0])
        decayed = spread.kind == WEIGHT and bool(std[-1, first] < self.min_left * std[0, first])
        names = [layer_name(spread.layers[j]) for j in found]
        yield self.finding(
            f"the {spread.kind} of {listed(names, 3)} has a standard deviation of "
            f"{short(float(std[-1, first]))}"
            + (
                f", down from {short(float(std[0, first]))}"
                if decayed
                else f" around {short(float(spread.mean[-1, first]))}"
            )
            + f", since step {int(spread.steps[began[first]])}",
            rounds=(int(spread.rounds[began[first]]), int(spread.rounds[-1])),
            subject=spread.kind,
            try_next=(Change("weight_decay", 1e-4, "it pulls the weights to zero"),) if decayed else (),
            kind=spread.kind,
            layer=spread.layers[first],
            first_step=int(spread.steps[began[first]]),
            std=float(std[-1, first]),
            n_layers=len(found),
        )
