"""NN901 poor-initialization."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.rules._advice import OUTCOMES, TENSORS
from nn_bridge.rules._initial_flaws import Flaw, far_biases, odd_signal, odd_weights, same_units
from nn_bridge.signals.initialization import InitialOutputs, InitialWeights
from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class PoorInitialization(Rule):
    """The weights start equal, much too small, or much too large.

    ## What it does
    Looks at the net before the first step. Fires when `twin_share` of a layer's units start with the same weights as
    another one (for matrices of zeros: when most matrices are zero); when a layer multiplies its input by less than
    `min_gain` (the last one aside) or more than `max_gain`; when biases before the last layer start larger than
    `max_bias`; or when, in the first batch, a layer's outputs vary by under `min_std` or over `max_std`.
    ## Why is this bad
    Units that start equal stay equal. Weights of the wrong size shrink or blow up signal and gradient, layer by layer.
    ## When to ignore it
    The weights were trained before, or a layer starts at zero on purpose (a residual branch).
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
        n, equal = len(units.params), [p for p in units.drawn if p.twin_unit_share >= self.twin_share]
        small = [(p, g) for p, g in units.inner_gains if g < self.min_gain]
        odd = [*small, *((p, g) for p, g in units.gains if g > self.max_gain)]
        if equal or 2 * len(units.zeros) > n:
            yield self._report(same_units(equal or units.zeros, n))
        elif odd:
            yield self._report(odd_weights(odd, n))
        elif far := [p for p in units.biases if units.size(p) > self.max_bias]:
            yield self._report(far_biases(far, units.size(far[0])))
        elif outputs is not None and outputs.strongest[1] > self.max_std:
            yield self._report(odd_signal(*outputs.strongest, "blown up"), is_root=False)
        elif outputs is not None and 0 < outputs.weakest[1] < self.min_std:
            yield self._report(odd_signal(*outputs.weakest, "lost"), is_root=False)

    def _report(self, flaw: Flaw, *, is_root: bool = True) -> Finding:
        return self.finding(flaw.message, rounds=(0, 0), is_root=is_root, try_next=(flaw.change,), **flaw.evidence)
