"""NN913 wrong-mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import LayerFacts, NetFacts
from nn_bridge.rules._advice import OUTCOMES, layer_name
from nn_bridge.signals.sampled_steps import Modes
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed, percent
from treedebug.engine.rule import Rule, param

_TWO_MODES = ("Dropout", "BatchNorm")


@dataclass(frozen=True, kw_only=True)
class WrongMode(Rule):
    """The net trains in evaluation mode, or is evaluated in training mode.

    ## What it does
    Looks at nets with layers that differ between the modes (dropout, batch norm). Fires when, in `rounds` rounds,
    `min_share` of the forward passes with gradients ran in evaluation mode, or of those without gradients in training
    mode.
    ## Why is this bad
    Without `model.train()` dropout does nothing and batch norm keeps stale statistics. Without `model.eval()` the
    metrics shown are those of a net with units dropped and with statistics of the validation batch, and batch norm
    learns from the validation data.
    ## When to ignore it
    Batch norm is frozen on purpose while a trained net is tuned, or dropout is sampled on purpose (Monte Carlo).
    """

    code = "NN913"
    name = "wrong-mode"
    explains: ClassVar[tuple[str, ...]] = OUTCOMES

    min_share: float = param(0.9, "share of the forward passes of a round in the wrong mode", ge=0.0, le=1.0)
    rounds: int = param(2, "rounds that show it", ge=1, le=100_000)

    def check(self, modes: Modes, facts: NetFacts) -> Iterator[Finding]:
        """Judge training, then evaluation."""
        layers = [x for x in facts.layers if _differs(x)]
        if not layers:
            return
        for values, what, call in (
            (modes.training_in_eval, "trains in evaluation mode", "model.train()"),
            (modes.evaluating_in_train, "is evaluated in training mode", "model.eval()"),
        ):
            bad = values >= self.min_share
            found = np.unique(modes.rounds[bad])
            if len(found) < self.rounds:
                continue
            before = "the training steps" if call == "model.train()" else "the evaluation"
            yield self.finding(
                f"the net {what} ({percent(float(values[bad].mean()))} of the forward passes) in {len(found)} rounds: "
                f"{listed([layer_name(x.name) for x in layers], 3)} behave{'s' * (len(layers) == 1)} differently there",
                rounds=(int(found[0]), int(found[-1])),
                subject=call,
                try_next=(Change(call, "before " + before, "in every epoch"),),
                n_rounds=len(found),
                share=float(values[bad].mean()),
                layers=[x.name for x in layers],
            )


def _differs(layer: LayerFacts) -> bool:
    dropped = (layer.settings or {}).get("p", 1.0)
    return layer.type.startswith(_TWO_MODES) and bool(dropped)
