"""What NN901 says of a net before its first step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nn_bridge.record.network_facts import ParamFacts
from nn_bridge.rules._advice import layer_name
from treedebug.core.findings import Change
from treedebug.core.phrases import listed
from treedebug.reports.phrasing import short


class Flaw(NamedTuple):
    """A message, what to try, and the numbers."""

    message: str
    change: Change
    evidence: dict[str, Any]


def same_units(found: Sequence[ParamFacts], n: int) -> Flaw:
    """Describe layers whose units start with the same weights, of `n`."""
    message = (
        f"all units of {listed([layer_name(p.module or p.name) for p in found], 3)} start with the same weights "
        f"({len(found)} of {n} layers): they get the same gradients and can never differ"
    )
    change = Change("init", "kaiming_uniform_", f"draw {found[0].name} at random (PyTorch's default)")
    return Flaw(message, change, _of(found[0].name, len(found), twin_share=found[0].twin_unit_share))


def odd_weights(odd: Sequence[tuple[ParamFacts, float]], n: int) -> Flaw:
    """Describe layers, of `n`, that multiply their input by far too much or too little."""
    worst, gain = max(odd, key=lambda o: abs(np.log10(max(o[1], 1e-30))))
    message = (
        f"{worst.name} starts with weights that multiply its input by about {short(gain)} (usual: 0.5 to 1.5); "
        f"{len(odd)} of {n} layers start too {'small' if gain < 1 else 'large'}"
    )
    change = Change("init", "kaiming_uniform_", f"weights of {worst.name} near 1/sqrt({worst.fan_in})")
    return Flaw(message, change, _of(worst.name, len(odd), gain=gain))


def far_biases(far: Sequence[ParamFacts], bias: float) -> Flaw:
    """Describe biases that start far from zero; `bias` is the root mean square of the first."""
    message = (
        f"the biases {listed([p.name for p in far], 3)} start at {short(bias)} (root mean square, mean "
        f"{short(far[0].mean)}), far from the outputs of their layers, which are of size 1"
    )
    return Flaw(
        message, Change("init", "zeros_", f"start {far[0].name} at zero"), _of(far[0].name, len(far), bias=bias)
    )


def odd_signal(layer: str, std: float, how: str) -> Flaw:
    """Describe outputs of a layer that vary far too little or too much in the first batch."""
    message = f"the signal is {how} in the first batch: the outputs of {layer_name(layer)} vary by {short(std)}"
    return Flaw(message, Change("init", "kaiming_uniform_", "to keep the variance"), {"layer": layer, "std": std})


def _of(layer: str, n_layers: int, **known: float) -> dict[str, Any]:
    return {"layer": layer, "n_layers": n_layers, **known}
