"""NN925 drifting-statistics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import LayerFacts, NetFacts
from nn_bridge.rules._advice import OUTCOMES, layer_name
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class DriftingStatistics(Rule):
    """The weights of a batch norm are frozen, but its running statistics go on moving.

    ## What it does
    Fires when `n_least` batch norm layers have frozen weights, and so has every layer before them, but run in training
    mode.
    ## Why is this bad
    `requires_grad=False` does not stop running means and variances: the frozen part changes with the new data.
    ## When to ignore it
    The statistics are meant to adapt to the new data.
    """

    code = "NN925"
    name = "drifting-statistics"
    explains: ClassVar[tuple[str, ...]] = OUTCOMES

    n_least: int = param(1, "layers of batch norm that drift", ge=1, le=100_000)

    def check(self, facts: NetFacts) -> Iterator[Finding]:
        """Name the layers."""
        found = [x.name for x in facts.layers if self._drifts(x, facts)]
        if len(found) < self.n_least:
            return
        names = listed([layer_name(x) for x in found], 3)
        yield self.finding(
            f"the weights of batch norm {names} are frozen, but the running statistics go on moving: "
            f"{'they run' if len(found) > 1 else 'it runs'} in training mode",
            rounds=(0, 0),
            try_next=(Change("eval()", "of the frozen part", "after each model.train()"),),
            layer=found[0],
            n_layers=len(found),
        )

    def _drifts(self, layer: LayerFacts, facts: NetFacts) -> bool:
        own = [p for p in facts.params if p.module == layer.name]
        keeps = (layer.settings or {}).get("track_running_stats", True)
        frozen = bool(own) and not any(p.requires_grad for p in own)
        return layer.type.startswith(("BatchNorm", "SyncBatchNorm")) and frozen and layer.is_training and bool(keeps)
