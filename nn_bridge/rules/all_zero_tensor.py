"""NN905 all-zero-tensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import ACTIVATION, GRADIENT, INPUT, WEIGHT
from nn_bridge.rules._advice import OUTCOMES, TENSORS, layer_name
from nn_bridge.signals.unit_activity import Spread, Spreads, bad_since, dropouts, zero_shares
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed, percent
from treedebug.engine.rule import Rule, param

_HINT = {
    INPUT: Change("data", "check the loader", "the net sees nothing"),
    ACTIVATION: Change("init", "kaiming_uniform_", "or a smaller dropout, or smaller learning rate: nothing passes"),
    GRADIENT: Change("init", "kaiming_uniform_", "no gradient arrives: look for detach(), dead units, zero weights"),
    WEIGHT: Change("init", "kaiming_uniform_", "weights of zero pass nothing on"),
}


@dataclass(frozen=True, kw_only=True)
class AllZeroTensor(Rule):
    """A tensor holds (almost) nothing but zeros, step after step.

    ## What it does
    Fires for the inputs, activations, gradients and weights of which, in each of the last `steps` sampled steps,
    `min_share` of the entries were exactly zero; one finding for each kind, naming the first layer. Fires at once for
    dropout of `max_dropout` or more. Of
    inputs, which may be sparse, all must be zero; of weights and gradients only matrices are judged.
    ## Why is this bad
    Nothing flows through: what is before it gets no gradient, what is behind it sees a constant.
    ## When to ignore it
    The tensor is sparse by design.
    """

    code = "NN905"
    name = "all-zero-tensor"
    explains: ClassVar[tuple[str, ...]] = ("NN906", "NN912", *OUTCOMES)

    min_share: float = param(0.985, "share of entries that are exactly zero", ge=0.0, le=1.0)
    max_dropout: float = param(0.9, "share that a dropout layer sets to zero", ge=0.0, le=1.0)
    steps: int = param(5, "sampled steps in a row", ge=1, le=100_000)

    def check(self, spreads: Spreads, facts: NetFacts) -> Iterator[Finding]:
        """Judge dropout that leaves nothing, then each kind of tensor."""
        dropped = {name: share for name, share in dropouts(facts).items() if share >= self.max_dropout}
        if dropped:
            first, share = next(iter(dropped.items()))
            yield self.finding(
                f"dropout sets {percent(share)} of its input to zero in training "
                f"({listed([layer_name(x) for x in dropped], 3)}): next to nothing passes",
                subject="dropout",
                rounds=(0, 0),
                try_next=(Change("p", 0.2, f"of {layer_name(first)}; it is the share that is dropped, not kept"),),
                explains=(*TENSORS, *OUTCOMES),
                kind="dropout",
                layer=first,
                n_layers=len(dropped),
            )
        for spread in spreads.found:
            if spread.kind in _HINT:
                yield from self._zeros(spread, facts)

    def _zeros(self, spread: Spread, facts: NetFacts) -> Iterator[Finding]:
        least = 1.0 if spread.kind == INPUT else self.min_share
        began = bad_since(zero_shares(spread, facts) >= least, self.steps)
        found = np.flatnonzero(began >= 0)
        if not len(found):
            return
        first, share = int(found[0]), float(spread.zero_share[-1, found[0]])
        names = [layer_name(spread.layers[j]) for j in found]
        yield self.finding(
            f"{percent(share)} of the {spread.kind} of {listed(names, 3)} is zero since step "
            f"{int(spread.steps[began[first]])} ({len(found)} of {len(spread.layers)} layers)",
            rounds=(int(spread.rounds[began[first]]), int(spread.rounds[-1])),
            subject=spread.kind,
            try_next=(_HINT[spread.kind],),
            explains=(*TENSORS, *OUTCOMES) if spread.kind == INPUT else None,
            kind=spread.kind,
            layer=spread.layers[first],
            first_step=int(spread.steps[began[first]]),
            zero_share=share,
            n_layers=len(found),
        )
