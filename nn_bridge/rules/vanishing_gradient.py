"""NN902 vanishing-gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import Floats
from nn_bridge.rules._advice import OUTCOMES
from nn_bridge.signals.layer_gradients import GradientFlow
from nn_bridge.signals.unit_activity import bad_since
from treedebug.core.findings import Change, Finding
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class VanishingGradient(Rule):
    """The gradients of early layers vanish beside those of the later ones.

    ## What it does
    For each weight matrix compares the norm of its gradient with the largest of the layers behind it.
    Fires when, in the last `steps` sampled steps, it was smaller by `max_ratio`, but not exactly zero (that is
    NN905), and neither a layer before it nor one that feeds the same layer got a larger one: where one does, gradients
    arrive, and this one is small for another reason (queries and keys of attention). Names the first such layer.
    ## Why is this bad
    The early layers do not learn: the net is as good as its last layers on random features.
    ## When to ignore it
    The layer is meant to stay as it is.
    """

    code = "NN902"
    name = "vanishing-gradient"
    explains: ClassVar[tuple[str, ...]] = ("NN906", "NN910", "NN912", *OUTCOMES)

    max_ratio: float = param(1e-3, "gradient of a layer over the largest behind it", ge=0.0, le=1.0)
    steps: int = param(5, "sampled steps in a row", ge=1, le=100_000)

    def check(self, flow: GradientFlow, facts: NetFacts) -> Iterator[Finding]:
        """Compare each layer with the largest behind it."""
        size = np.where(np.isfinite(flow.norms), flow.norms, 0.0)
        behind = np.maximum.accumulate(size[:, ::-1], axis=1)[:, ::-1]
        with np.errstate(all="ignore"):
            ratio = np.where(behind > 0, size / behind, 1.0)
            arrives = np.where(behind > 0, _arriving(size, flow.layers, facts) / behind, 1.0)
        began = bad_since((arrives < self.max_ratio) & (size > 0), self.steps)
        found = np.flatnonzero(began >= 0)
        if not len(found):
            return
        first = int(found[0])
        step = int(flow.steps[began[first]])
        function = facts.activation_of(flow.layers[first])
        squashing = function in ("sigmoid", "tanh")
        yield self.finding(
            f"the gradient of {flow.layers[first]} is {short(float(ratio[-1, first]))} of that of the layers behind it "
            f"since step {step} ({len(found)} of {len(flow.layers)} layers)"
            + (f"; a stack of {function} shrinks it layer by layer" if squashing else ""),
            rounds=(int(flow.rounds[began[first]]), int(flow.rounds[-1])),
            try_next=(
                *((Change("activation", "ReLU", f"instead of {function}"),) if squashing else ()),
                Change("norm", "BatchNorm or LayerNorm", f"after {_module(flow.layers[first])}, or a shortcut"),
            ),
            layer=flow.layers[first],
            first_step=step,
            ratio=float(ratio[-1, first]),
            n_layers=len(found),
        )


def _module(param: str) -> str:
    return param.rpartition(".")[0]


def _arriving(size: Floats, layers: Sequence[str], facts: NetFacts) -> Floats:
    """Return, by step and layer, the largest gradient of it, of those before it, and of those that feed the same."""
    feeds = [set() if (x := facts.layer(_module(name))) is None else set(x.feeds) for name in layers]
    beside = [[j for j, other in enumerate(feeds) if other & mine] for mine in feeds]
    largest = np.maximum.accumulate(size, axis=1)
    for i, some in enumerate(beside):
        if some:
            largest[:, i] = np.maximum(largest[:, i], size[:, some].max(axis=1))
    return largest
