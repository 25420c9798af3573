"""NN905 all-zero-tensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.facts import LayerFacts, NetFacts
from nn_bridge.rules.advice import OUTCOMES, TENSORS
from nn_bridge.signals.activity import Spread, Spreads, since
from nn_bridge.streams import ACTIVATION, GRADIENT, INPUT, WEIGHT
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
    embeddings, whose gradient touches few rows, all of it must be zero.
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
        """Dropout that leaves nothing, then one finding a kind."""
        dropped = [x.name for x in facts.layers if "Dropout" in x.type and self._drops(x) >= self.max_dropout]
        if dropped:
            yield self.finding(
                f"dropout sets {percent(self._drops(facts.layer(dropped[0])))} of its input to zero in training "
                f"({listed(dropped, 3)}): next to nothing passes",
                subject="dropout",
                rounds=(0, 0),
                try_next=(Change("p", 0.2, f"of {dropped[0]}; it is the share that is dropped, not kept"),),
                explains=(*TENSORS, "NN918", *OUTCOMES),
                kind="dropout",
                layer=dropped[0],
                n_layers=len(dropped),
            )
        for spread in spreads.found:
            if spread.kind in _HINT:
                yield from self._zeros(spread, facts)

    @staticmethod
    def _drops(layer: LayerFacts | None) -> float:
        share = (layer.settings or {}).get("p", 0.0) if layer is not None else 0.0
        return float(share) if isinstance(share, int | float) else 0.0

    def _zeros(self, spread: Spread, facts: NetFacts) -> Iterator[Finding]:
        bad = spread.zero_share >= self.min_share
        sparse = [j for j, name in enumerate(spread.layers) if spread.kind == GRADIENT and _is_embedding(facts, name)]
        bad[:, sparse] = spread.zero_share[:, sparse] >= 1.0
        if spread.kind == WEIGHT:  # biases start at zero by custom
            matrices = {p.name for p in facts.matrices()}
            bad &= np.array([name in matrices for name in spread.layers])[None]
        began = since(bad, self.steps)
        found = np.flatnonzero(began >= 0)
        if not len(found):
            return
        first = int(found[0])
        share = float(spread.zero_share[-1, first])
        names = [spread.layers[j] or "the net" for j in found]
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


def _is_embedding(facts: NetFacts, name: str) -> bool:
    """A batch touches few rows of it."""
    param = facts.param(name)
    layer = None if param is None else facts.layer(param.module)
    return layer is not None and layer.type.startswith("Embedding")
