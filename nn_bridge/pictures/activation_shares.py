"""What the units do: share of zeros, of silent units and of saturated entries by layer and step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from nn_bridge.pictures.layer_norms import NO_TENSORS, LayerCurves, thinned_table
from nn_bridge.record.tensor_streams import ACTIVATION, TensorLog
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of


@dataclass(frozen=True, kw_only=True, eq=False)
class ActivationShares(Picture):
    """Shares of each layer, 0..1; an entry is empty where nothing of it was recorded."""

    name: ClassVar[str] = "activation_shares"
    question: ClassVar[str] = "Which layers have units that do nothing, or no longer change?"

    zero: LayerCurves
    """Entries that are exactly 0."""
    silent: LayerCurves
    """Units that are 0 on every row of the batch."""
    saturated: LayerCurves
    """Entries that tanh or sigmoid squashes flat."""


def activation_shares(run: AnyRun) -> ActivationShares | NoPicture:
    """Return the shares by layer and step."""
    log = data_of(run).stream(TensorLog)
    if log is None or not log.layers(ACTIVATION):
        return NoPicture(f"no activations were recorded. {NO_TENSORS[0].upper()}{NO_TENSORS[1:]}")
    known = {(k.layer, k.statistic) for k in log.keys() if k.kind == ACTIVATION}

    def of(statistic: str) -> LayerCurves:
        names = [n for n in log.layers(ACTIVATION) if (n, statistic) in known]
        return thinned_table(log.table(ACTIVATION, statistic, names))

    return ActivationShares(zero=of("zero_share"), silent=of("silent_share"), saturated=of("saturated_share"))
