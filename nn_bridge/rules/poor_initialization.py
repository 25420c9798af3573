"""NN901 poor-initialization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nn_bridge.record.network_facts import ParamFacts
from nn_bridge.rules._advice import OUTCOMES, TENSORS, layer_name
from nn_bridge.signals.initialization import InitialOutputs, InitialWeights
from treedebug.core.findings import Change, Finding
from treedebug.core.phrases import listed
from treedebug.engine.rule import Rule, param
from treedebug.reports.phrasing import short


@dataclass(frozen=True, kw_only=True)
class PoorInitialization(Rule):
    """The weights start equal, much too small, or much too large.

    ## What it does
    Looks at the net before the first step. Fires when `twin_share` of a layer's units start with the same weights as
    another one (for matrices of zeros: when most matrices are zero); when a layer multiplies its input by less than
    `min_gain` (the last one aside) or more than `max_gain` (root mean square of its weights times the root of its
    inputs); when biases before the last layer start larger than `max_bias`; or when, in the first batch, a layer's
    outputs have a standard deviation under `min_std` or over `max_std`.
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
    min_gain: float = param(0.03, "root mean square of the weights times the root of the fan-in", ge=0.0, le=1.0)
    max_gain: float = param(3.0, "the same, from above", ge=1.0, le=1e6)
    max_bias: float = param(3.0, "root mean square of a layer's biases", ge=0.0, le=1e6)
    min_std: float = param(1e-4, "standard deviation of a layer's outputs in the first batch", ge=0.0, le=1.0)
    max_std: float = param(100.0, "standard deviation of a layer's outputs in the first batch", ge=1.0, le=1e12)

    def check(self, units: InitialWeights, outputs: InitialOutputs | None) -> Iterator[Finding]:
        """Judge equal units, then the scale of the weights, then that of the signal."""
        equal = [p for p in units.drawn if p.twin_unit_share >= self.twin_share]
        odd = [(p, gain) for p, gain in units.gains if gain > self.max_gain or self._is_small(p, gain, units)]
        if equal or 2 * len(units.zeros) > len(units.params):
            yield self._symmetric(equal or units.zeros, len(units.params))
        elif odd:
            yield self._scaled(odd, len(units.params))
        elif far := [p for p in units.biases if units.size(p) > self.max_bias]:
            yield self._offset(far, units.size(far[0]))
        elif outputs is not None and outputs.strongest[1] > self.max_std:
            yield self._signal(*outputs.strongest, "blown up")
        elif outputs is not None and 0 < outputs.weakest[1] < self.min_std:
            yield self._signal(*outputs.weakest, "lost")

    def _is_small(self, param: ParamFacts, gain: float, units: InitialWeights) -> bool:
        return gain < self.min_gain and param.module not in units.last_layers

    def _symmetric(self, found: Sequence[ParamFacts], n: int) -> Finding:
        message = (
            f"all units of {listed([layer_name(p.module or p.name) for p in found], 3)} start with the same weights "
            f"({len(found)} of {n} layers): they get the same gradients and can never differ"
        )
        why = f"draw {found[0].name} at random (PyTorch's default)"
        return self._report(message, why, layer=found[0].name, n_layers=len(found), twin_share=found[0].twin_unit_share)

    def _scaled(self, odd: Sequence[tuple[ParamFacts, float]], n: int) -> Finding:
        worst, gain = max(odd, key=lambda o: abs(np.log10(max(o[1], 1e-30))))
        message = (
            f"{worst.name} starts with weights that multiply its input by about {short(gain)} (usual: 0.5 to 1.5); "
            f"{len(odd)} of {n} layers start too {'small' if gain < 1 else 'large'}"
        )
        why = f"weights of {worst.name} near 1/sqrt({worst.fan_in})"
        return self._report(message, why, layer=worst.name, gain=gain, n_layers=len(odd))

    def _offset(self, far: Sequence[ParamFacts], bias: float) -> Finding:
        message = (
            f"the biases {listed([p.name for p in far], 3)} start at {short(bias)} (root mean square, mean "
            f"{short(far[0].mean)}), far from the outputs of their layers, which are of size 1"
        )
        why = f"start {far[0].name} at zero"
        return self._report(message, why, init="zeros_", layer=far[0].name, bias=bias, n_layers=len(far))

    def _signal(self, layer: str, std: float, how: str) -> Finding:
        message = f"the signal is {how} in the first batch: outputs of {layer_name(layer)} vary by {short(std)}"
        return self._report(message, "to keep the variance", is_root=False, layer=layer, std=std)

    def _report(self, message: str, why: str, *, init: str = "kaiming_uniform_", **known: Any) -> Finding:
        return self.finding(message, rounds=(0, 0), try_next=(Change("init", init, why),), **{"is_root": True} | known)
