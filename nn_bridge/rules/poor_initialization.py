"""NN901 poor-initialization."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.facts import ParamFacts
from nn_bridge.rules.advice import OUTCOMES, TENSORS
from nn_bridge.signals.begin import OpeningOutputs, UnitWeights
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed
from treedebug.engine.rule import Rule, param
from treedebug.reports.words import short


@dataclass(frozen=True, kw_only=True)
class PoorInitialization(Rule):
    """The weights start equal, much too small, or much too large.

    ## What it does
    Looks at the net before the first step. Fires when `twin_share` of a layer's units start with the same weights as
    another one (for matrices of zeros: when most matrices are zero); when a layer multiplies its input by less than
    `min_gain` or more than `max_gain` (root mean square of its weights times the root of its inputs); when biases
    start larger than `max_bias`; or when, in the first batch, the variance of the layers' outputs differs by a
    factor of `max_ratio`.
    ## Why is this bad
    Units that start equal get equal gradients and stay equal: the layer is as good as one unit. Weights that are too
    small or too large shrink or blow up the signal, and the gradient, layer by layer.
    ## When to ignore it
    The weights were trained before, or a layer starts at zero on purpose (the last one of a residual branch).
    """

    code = "NN901"
    name = "poor-initialization"
    explains: ClassVar[tuple[str, ...]] = (*TENSORS, "NN914", *OUTCOMES)

    twin_share: float = param(0.5, "share of a layer's units that start like another one", ge=0.0, le=1.0)
    min_gain: float = param(0.05, "root mean square of the weights times the root of the fan-in", ge=0.0, le=1.0)
    max_gain: float = param(3.0, "the same, from above", ge=1.0, le=1e6)
    max_bias: float = param(3.0, "root mean square of a layer's biases", ge=0.0, le=1e6)
    max_ratio: float = param(100.0, "largest over smallest variance of the layers' outputs", ge=1.0, le=1e12)

    def check(self, units: UnitWeights, outputs: OpeningOutputs | None) -> Iterator[Finding]:
        """Equal units, then the scale of the weights, then the scale of what they give."""
        equal = [p for p in units.params if self._equal(p)]
        zeros = [p for p in units.params if p.zero_share == 1.0]
        odd = [p for p in units.params if p not in zeros and self._odd(units.gain(p), p)]
        if equal or 2 * len(zeros) > len(units.params):
            yield self._symmetric(equal or zeros, len(units.params))
        elif odd:
            yield self._scaled(odd, units)
        elif far := [p for p in units.biases if units.size(p) > self.max_bias]:
            yield self._offset(far, units)
        elif outputs is not None:
            yield from self._uneven(outputs)

    def _equal(self, p: ParamFacts) -> bool:
        return p.n_units > 1 and p.fan_in > 1 and p.zero_share < 1.0 and p.twin_unit_share >= self.twin_share

    def _odd(self, gain: float, p: ParamFacts) -> bool:
        return p.role != "embedding" and not self.min_gain <= gain <= self.max_gain

    def _symmetric(self, found: list[ParamFacts], n: int) -> Finding:
        return self.finding(
            f"all units of {listed([p.module or p.name for p in found], 3)} start with the same weights "
            f"({len(found)} of {n} layers): they get the same gradients and can never differ",
            rounds=(0, 0),
            try_next=(Change("init", "kaiming_uniform_", f"draw {found[0].name} at random (PyTorch's default)"),),
            layer=found[0].name,
            n_layers=len(found),
            twin_share=found[0].twin_unit_share,
        )

    def _scaled(self, odd: list[ParamFacts], units: UnitWeights) -> Finding:
        worst = max(odd, key=lambda p: abs(np.log10(max(units.gain(p), 1e-30))))
        gain = units.gain(worst)
        return self.finding(
            f"{worst.name} starts with weights that multiply its input by about {short(gain)} (usual: 0.5 to 1.5); "
            f"{len(odd)} of {len(units.params)} layers start too {'small' if gain < 1 else 'large'}",
            rounds=(0, 0),
            try_next=(Change("init", "kaiming_uniform_", f"weights of {worst.name} near 1/sqrt({worst.fan_in})"),),
            layer=worst.name,
            gain=gain,
            n_layers=len(odd),
        )

    def _offset(self, far: list[ParamFacts], units: UnitWeights) -> Finding:
        first = far[0]
        return self.finding(
            f"the biases {listed([p.name for p in far], 3)} start at {short(units.size(first))} (root mean square, "
            f"mean {short(first.mean)}), far from the outputs of their layers, which are of size 1",
            rounds=(0, 0),
            try_next=(Change("init", "zeros_", f"start {first.name} at zero"),),
            layer=first.name,
            bias=units.size(first),
            n_layers=len(far),
        )

    def _uneven(self, outputs: OpeningOutputs) -> Iterator[Finding]:
        low, high = int(np.nanargmin(outputs.variances)), int(np.nanargmax(outputs.variances))
        ratio = float(outputs.variances[high] / max(float(outputs.variances[low]), 1e-30))
        if not ratio >= self.max_ratio:
            return
        yield self.finding(
            f"in the first batch the outputs of {outputs.layers[high]} vary {short(ratio)} times as much as "
            f"those of {outputs.layers[low]}",
            rounds=(0, 0),
            try_next=(Change("init", "kaiming_uniform_", "keeps the variance from layer to layer"),),
            layer=outputs.layers[low],
            ratio=ratio,
        )
