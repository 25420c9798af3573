"""NN920 unregistered-layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.rules._advice import OUTCOMES
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import plural


@dataclass(frozen=True, kw_only=True)
class UnregisteredLayers(Rule):
    """The loss depends on weights that no optimizer holds and the model does not know.

    ## What it does
    Reads the graph of the first loss. Fires when it holds parameters that are neither the model's nor in an optimizer:
    layers in a plain Python list or dict, or made inside `forward`.
    ## Why is this bad
    They are never trained, moved to a device, or saved: that part of the net stays random.
    ## When to ignore it
    They belong to another model that is kept as it is (a teacher); `requires_grad_(False)` says so.
    """

    code = "NN920"
    name = "unregistered-layers"
    explains: ClassVar[tuple[str, ...]] = OUTCOMES

    n_least: int = param(1, "parameters that must be missing", ge=1, le=1_000_000)

    def check(self, facts: NetFacts) -> Iterator[Finding]:
        """Name the shapes of the parameters."""
        shapes = facts.loss.unregistered
        if len(shapes) < self.n_least:
            return
        yield self.finding(
            f"no optimizer holds {plural(len(shapes), 'parameter')} that the loss depends on, and the model does not "
            f"list them (shapes {listed(shapes, 4)}): they are never trained",
            rounds=(0, 0),
            is_root=True,
            try_next=(Change("layers", "nn.ModuleList", "instead of a plain list, before the optimizer is made"),),
            n_parameters=len(shapes),
        )
