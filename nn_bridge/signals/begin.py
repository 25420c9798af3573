"""How the net begins: the scale of its weights, of its layers' outputs, and of the first loss."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.facts import LossFacts, NetFacts, ParamFacts
from nn_bridge.streams import ACTIVATION, Floats, TensorLog
from treedebug.core.classes import ClassLog
from treedebug.engine.resolve import Missing

NEEDS_NET = "needs the facts of a network, which `nn_bridge.TorchRecorder` records"


@dataclass(frozen=True)
class UnitWeights:
    """The weights of each trained matrix before the first step, in the order of the net."""

    params: tuple[ParamFacts, ...]
    biases: tuple[ParamFacts, ...]

    @classmethod
    def measure(cls, facts: NetFacts) -> Self:
        """Raises Missing for a net without weight matrices."""
        params = tuple(p for p in facts.matrices() if p.fan_in > 0)
        if not params:
            raise Missing("the network has no weight matrix (or is lazy, and no step was made yet)")
        return cls(params, tuple(p for p in facts.params if "bias" in p.role))

    @staticmethod
    def size(param: ParamFacts) -> float:
        """Root mean square of the entries."""
        return math.sqrt(max(param.var + param.mean**2, 0.0))

    @staticmethod
    def gain(param: ParamFacts) -> float:
        """Root mean square of the weights times the root of the inputs of a unit: what a layer multiplies its input by.

        About 0.58 with PyTorch's defaults, 1 after Glorot, 1.4 after He.
        """
        return UnitWeights.size(param) * math.sqrt(param.fan_in)


@dataclass(frozen=True, eq=False)
class OpeningOutputs:
    """Variance of the outputs of the weighted layers in the first sampled step, before any update. `variances` (n,)."""

    layers: tuple[str, ...]
    variances: Floats

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """The last layer is left out: what it should give depends on the loss. Raises Missing for fewer than two."""
        last = set(facts.loss.last_layers)
        names = [x.name for x in facts.layers if x.is_weighted and x.name not in last]
        table = log.table(ACTIVATION, "var", names)
        first = table.values[0] if len(table.steps) else np.empty(0)
        seen = np.flatnonzero(np.isfinite(first)).tolist()
        if len(seen) < 2:  # noqa: PLR2004 - a ratio takes two
            raise Missing("needs the activations of two weighted layers before the last: leave `layers=` out")
        return cls(tuple(names[j] for j in seen), first[seen])


@dataclass(frozen=True)
class FirstLoss:
    """The first training loss of a classification, beside that of a guess."""

    value: float
    n_classes: int
    loss: LossFacts

    @classmethod
    def measure(cls, facts: NetFacts, classes: ClassLog) -> Self:
        """Raises Missing where the loss or the number of classes is not known, from the loss or any class balance."""
        loss = facts.loss
        n_classes = max(loss.n_classes, *(len(r.confusion) for r in classes), 0)
        if n_classes < 2 or not math.isfinite(loss.first):  # noqa: PLR2004
            raise Missing("the first loss of a classification is not known: log the loss, and the labels")
        return cls(loss.first, n_classes, loss)

    @property
    def expected(self) -> float:
        """What a guess costs: ln(n_classes)."""
        return math.log(self.n_classes)

    @property
    def ratio(self) -> float:
        """`value / expected`."""
        return self.value / self.expected
