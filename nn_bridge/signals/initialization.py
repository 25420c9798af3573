"""How the net begins: the scale of its weights, of its layers' outputs, and of the first loss."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import numpy as np

from nn_bridge.record.network_facts import CODES, LossFacts, NetFacts, ParamFacts
from nn_bridge.record.tensor_streams import ACTIVATION, Floats, TensorLog
from treedebug.core.run.class_log import ClassLog
from treedebug.engine.resolve import Missing

_LOGIT_LOSSES = ("cross_entropy", "bce_with_logits")
_AMOUNTS = ("mse", "l1", "huber", "smooth_l1")
_SQUASHING = ("softmax", "sigmoid", "log_softmax", "relu", "tanh")
_EVEN = 0.93
"""Evenness of codes that number classes; counts and ratings have a commonest value."""
NEEDS_NET = "needs the facts of a network, which `nn_bridge.TorchRecorder` records"


@dataclass(frozen=True)
class InitialWeights:
    """The weights of each trained matrix before the first step, in the order of the net."""

    params: tuple[ParamFacts, ...]
    biases: tuple[ParamFacts, ...]
    """Those of the last layers left out: they may start at what the targets are on average."""
    last_layers: Collection[str] = ()

    @classmethod
    def measure(cls, facts: NetFacts) -> Self:
        """Raise Missing for a net without weight matrices, and where they were first seen after a step."""
        if not facts.are_initial:
            raise Missing("the weights were first seen after a step: scikit-learn draws and trains them in one call")
        params = tuple(p for p in facts.matrices() if p.fan_in > 0)
        if not params:
            raise Missing("the network has no weight matrix (or is lazy, and no step was made yet)")
        last = set(facts.loss.last_layers)
        biases = tuple(p for p in facts.params if "bias" in p.role and p.module not in last)
        return cls(params, biases, last)

    @property
    def zeros(self) -> tuple[ParamFacts, ...]:
        """Matrices that hold nothing but zeros."""
        return tuple(p for p in self.params if p.zero_share == 1.0)

    @property
    def drawn(self) -> tuple[ParamFacts, ...]:
        """Matrices whose units could differ: two or more, of two inputs or more, and not all zero."""
        return tuple(
            p for p in self.params if p.n_units > 1 and p.fan_in > 1 and p.zero_share < 1.0 and p.requires_grad
        )

    @property
    def gains(self) -> tuple[tuple[ParamFacts, float], ...]:
        """Matrices with what they multiply their input by; without zeros, and embeddings, which look their rows up."""
        return tuple((p, self.gain(p)) for p in self.params if p.zero_share != 1.0 and p.role != "embedding")

    @property
    def inner_gains(self) -> tuple[tuple[ParamFacts, float], ...]:
        """Those of the last layers, which may start small, left out."""
        return tuple((p, gain) for p, gain in self.gains if p.module not in self.last_layers)

    @staticmethod
    def size(param: ParamFacts) -> float:
        """Return the root mean square of the entries."""
        return math.sqrt(max(param.var + param.mean**2, 0.0))

    @staticmethod
    def gain(param: ParamFacts) -> float:
        """Return what a layer multiplies its input by: the weights' root mean square times the root of a unit's inputs.

        About 0.58 with PyTorch's defaults, 1 after Glorot, 1.4 after He.
        """
        return InitialWeights.size(param) * math.sqrt(param.fan_in)


@dataclass(frozen=True, eq=False)
class InitialOutputs:
    """Variance of the outputs of the weighted layers in the first sampled step, before any update. `variances` (n,)."""

    layers: tuple[str, ...]
    variances: Floats

    @classmethod
    def measure(cls, log: TensorLog, facts: NetFacts) -> Self:
        """Leave out the last layer, whose scale depends on the loss. Raise Missing for fewer than two layers."""
        last = set(facts.loss.last_layers)
        names = [x.name for x in facts.layers if x.is_weighted and x.name not in last]
        table = log.table(ACTIVATION, "var", names)
        first = table.values[0] if len(table.steps) else np.empty(0)
        seen = np.flatnonzero(np.isfinite(first)).tolist()
        if len(seen) <= 1:
            raise Missing("needs the activations of two weighted layers before the last: leave `layers=` out")
        return cls(tuple(names[j] for j in seen), first[seen])

    @property
    def weakest(self) -> tuple[str, float]:
        """The layer whose outputs vary least, and their standard deviation."""
        return self._at(int(self.variances.argmin()))

    @property
    def strongest(self) -> tuple[str, float]:
        """The layer whose outputs vary most, and their standard deviation."""
        return self._at(int(self.variances.argmax()))

    def _at(self, place: int) -> tuple[str, float]:
        return self.layers[place], math.sqrt(float(self.variances[place]))


@dataclass(frozen=True)
class FirstLoss:
    """The first training loss of a classification, beside that of a guess."""

    value: float
    n_classes: int
    loss: LossFacts

    @classmethod
    def measure(cls, facts: NetFacts, classes: ClassLog) -> Self:
        """Raise Missing where the loss or the number of classes is not known, from the loss or any class balance."""
        loss = facts.loss
        n_classes = max(loss.n_classes, *(len(r.confusion) for r in classes), 0)
        if loss.targets == CODES and loss.target_evenness >= _EVEN:
            n_classes = max(n_classes, int(loss.target_max) + 1)
        if n_classes <= 1 or not math.isfinite(loss.first):
            raise Missing("not a classification, or its first loss is unknown: log the loss before backward()")
        return cls(loss.first, n_classes, loss)

    @property
    def classes(self) -> str:
        """The classes, in words."""
        numbered = f" by number (0 to {self.loss.target_max:g}, all as common)" if self.loss.targets == CODES else ""
        return f"{self.n_classes} classes{numbered}"

    @property
    def takes_logits(self) -> bool:
        """The loss has its own softmax or sigmoid."""
        return self.loss.function in _LOGIT_LOSSES

    @property
    def is_for_amounts(self) -> bool:
        """The loss measures distances between numbers."""
        return self.loss.function in _AMOUNTS

    @property
    def is_never_negative(self) -> bool:
        """The loss is known to be 0 at least."""
        return self.loss.function in ("cross_entropy", "nll", *_AMOUNTS)

    @property
    def squashed_by(self) -> str:
        """The first function before the loss that bounds what it is given; "" for none, or none that was seen."""
        return next((f for f in self.loss.applied if f in _SQUASHING), "")

    def sums_to_one(self, within: float) -> bool:
        """Return whether the loss is given probabilities: none negative, rows that sum to 1 on average."""
        return self.loss.row_sum_deviation <= within and self.loss.row_min >= 0

    @property
    def expected(self) -> float:
        """What a guess costs: ln(n_classes)."""
        return math.log(self.n_classes)

    @property
    def ratio(self) -> float:
        """`value / expected`."""
        return self.value / self.expected
