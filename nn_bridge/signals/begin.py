"""How the net begins: the scale of its weights, of its layers' outputs, and of the first loss."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.facts import UNKNOWN, LossFacts, NetFacts, ParamFacts
from nn_bridge.streams import ACTIVATION, Floats, TensorLog
from treedebug.engine.resolve import Missing

OPENING_STEPS = 10
NEEDS_NET = "needs the facts of a network, which `nn_bridge.TorchRecorder` records"
_CLASS_LOSSES = ("cross_entropy", "nll", UNKNOWN)


@dataclass(frozen=True)
class UnitWeights:
    """The weights of each trained matrix before the first step, in the order of the net."""

    params: tuple[ParamFacts, ...]

    @classmethod
    def measure(cls, facts: NetFacts) -> Self:
        """Raises Missing for a net without weight matrices."""
        params = tuple(p for p in facts.matrices() if p.fan_in > 0)
        if not params:
            raise Missing("the network has no weight matrix (or is lazy, and no step was made yet)")
        return cls(params)

    @staticmethod
    def gain(param: ParamFacts) -> float:
        """Root mean square of the weights times the root of the inputs of a unit: what a layer multiplies its input by.

        About 0.58 with PyTorch's defaults, 1 after Glorot, 1.4 after He.
        """
        return math.sqrt(max(param.var + param.mean**2, 0.0) * param.fan_in)


@dataclass(frozen=True, eq=False)
class OpeningOutputs:
    """Variance of the outputs of the weighted layers over the first ten steps: the median of each. `variances` (n,)."""

    layers: tuple[str, ...]
    variances: Floats

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """The last layer is left out: what it should give depends on the loss. Raises Missing for fewer than two."""
        last = set(facts.loss.last_layers)
        names = [x.name for x in facts.layers if x.is_weighted and x.name not in last]
        table = log.table(ACTIVATION, "var", names)
        early = table.values[table.steps < OPENING_STEPS]
        seen = [j for j in range(len(names)) if len(early) and np.isfinite(early[:, j]).any()]
        if len(seen) < 2:  # noqa: PLR2004 - a ratio takes two
            raise Missing(
                "needs the activations of two weighted layers before the last: record them (activations=True)"
            )
        return cls(tuple(names[j] for j in seen), np.array([np.nanmedian(early[:, j]) for j in seen]))


@dataclass(frozen=True)
class FirstLoss:
    """The first training loss of a classification, beside that of a guess."""

    value: float
    expected: float
    """ln(n_classes)."""
    loss: LossFacts

    @classmethod
    def measure(cls, facts: NetFacts) -> Self:
        """Raises Missing where the loss or the number of classes is not known."""
        loss = facts.loss
        if loss.n_classes < 2 or not math.isfinite(loss.first):  # noqa: PLR2004
            raise Missing("the first loss of a classification is not known: log the loss, and the labels")
        return cls(loss.first, math.log(loss.n_classes), loss)

    @property
    def ratio(self) -> float:
        """`value / expected`."""
        return self.value / self.expected

    @property
    def is_class_loss(self) -> bool:
        """The loss is a cross-entropy, or nobody knows."""
        return self.loss.function in _CLASS_LOSSES
