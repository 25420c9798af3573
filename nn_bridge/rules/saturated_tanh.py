"""NN908 saturated-tanh."""

from __future__ import annotations

from dataclasses import dataclass

from nn_bridge.rules._saturation import SaturatedFunction


@dataclass(frozen=True, kw_only=True)
class SaturatedTanh(SaturatedFunction):
    """Most outputs of a tanh stand at its flat ends.

    ## What it does
    Fires when, in each of the last `steps` sampled steps, `min_share` of the inputs of a tanh were 5 or more away from
    zero, where its slope is under a hundredth of what it is at zero. Names the first such layer.
    ## Why is this bad
    Hardly any gradient passes: what is before the layer does not learn.
    ## When to ignore it
    The layer is a gate that is meant to be open or shut.
    """

    code = "NN908"
    name = "saturated-tanh"
    function = "tanh"
