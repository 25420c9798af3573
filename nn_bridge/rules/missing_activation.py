"""NN916 missing-activation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import LayerFacts, NetFacts
from nn_bridge.rules._advice import OUTCOMES, layer_name
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import plural


@dataclass(frozen=True, kw_only=True)
class MissingActivation(Rule):
    """Two layers follow each other with no non-linear function between them.

    ## What it does
    Reads the graph of the first forward pass. Fires when a linear layer or convolution feeds another one with nothing
    between them but what is linear too (normalisation in evaluation, dropout, reshaping, average pooling). Layers
    that narrow to under `bottleneck` of both neighbours, and convolutions in groups, are a factorisation, meant so;
    a projection before attention or a recurrent layer is usual.
    ## Why is this bad
    The two are one linear layer, however many weights they have; the net cannot bend.
    ## When to ignore it
    A factorised layer is meant.
    """

    code = "NN916"
    name = "missing-activation"
    explains: ClassVar[tuple[str, ...]] = ("NN903", "NN904", "NN911", "NN912", *OUTCOMES)

    bottleneck: float = param(0.5, "units of a layer over those of both its neighbours", ge=0.0, le=1.0)

    def check(self, facts: NetFacts) -> Iterator[Finding]:
        """Report every pair of layers that could be one."""
        pairs = [(x.name, other) for x in facts.layers for other in x.is_linear_to if self._judged(facts, x, other)]
        if not pairs:
            return
        words = [f"{layer_name(one)} and {layer_name(other)}" for one, other in pairs]
        yield self.finding(
            f"there is no activation between {listed(words, 3)} ({plural(len(pairs), 'pair')}): "
            "each pair is one linear layer",
            rounds=(0, 0),
            try_next=(Change("activation", "ReLU", f"between {words[0]}"),),
            is_root=True,
            layer=pairs[0][0],
            n_pairs=len(pairs),
        )

    def _judged(self, facts: NetFacts, layer: LayerFacts, other: str) -> bool:
        mine, its = (next((p for p in facts.matrices() if p.module == name), None) for name in (layer.name, other))
        if len(layer.feeds) > 1:  # a shortcut passes it by: the two cannot be one
            return False
        if mine is None or its is None or not (_mixes_all(layer) and _mixes_all(facts.layer(other))):
            return False
        return mine.n_units > self.bottleneck * min(its.n_units, mine.fan_in)


def _mixes_all(layer: LayerFacts | None) -> bool:
    """Return whether every output of a linear layer or convolution sees every channel."""
    settings = {} if layer is None else layer.settings or {}
    return layer is not None and layer.type.startswith(("Linear", "Conv")) and settings.get("groups", 1) == 1
