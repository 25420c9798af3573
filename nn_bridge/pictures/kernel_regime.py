"""Whether the net learns features: how far its tangent kernel moved, and what is still linear in its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.pictures.layer_norms import LayerCurves
from nn_bridge.record.tensor_streams import Floats
from nn_bridge.signals.kernel_course import KernelCourse
from treedebug.core.run.run_data import RunData
from treedebug.engine.resolve import Missing, Resolver
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of, once


@dataclass(frozen=True, kw_only=True, eq=False)
class KernelRegime(Picture):
    """Curves over the steps at which the kernel was looked at; none of them is a layer's."""

    name: ClassVar[str] = "kernel_regime"
    question: ClassVar[str] = "Do the hidden layers learn, or does the net stay near its random start?"

    movement: LayerCurves
    """Distance of the kernel from that of the start, and relative change of the weights."""
    linear: LayerCurves
    """R2 of what is linear: in the weights, on the first kernel, on the last one (to show that the rows suffice)."""
    labels: LayerCurves
    """With labels: ridge regression on the kernel, and the kernel's alignment with them."""


def kernel_regime(run: AnyRun) -> KernelRegime | NoPicture:
    """Return the course of the kernel."""
    return once(data_of(run), _kernel_regime)


def _kernel_regime(run: RunData) -> KernelRegime | NoPicture:
    try:
        found: KernelCourse = Resolver(run.at(run.n_rounds, final=run.ended)).get(KernelCourse)
    except Missing as missing:
        return NoPicture(str(missing))
    return KernelRegime(
        movement=_curves(found, {"kernel distance": found.distance, "change of the weights": found.weight_change}),
        linear=_curves(
            found,
            {
                "net linearised at its start": np.maximum(found.linear_r2, 0.0),
                "ridge on the first kernel": np.maximum(found.start_r2, 0.0),
                "ridge on the present kernel": np.maximum(found.now_r2, 0.0),
            },
        ),
        labels=_curves(found, {"ridge on the kernel": found.ridge_score, "alignment": found.alignment}),
    )


def _curves(found: KernelCourse, named: dict[str, Floats]) -> LayerCurves:
    kept = {name: values for name, values in named.items() if np.isfinite(values).any()}
    values = np.stack(list(kept.values()), axis=1) if kept else np.empty((len(found.steps), 0))
    return LayerCurves(layers=tuple(kept), steps=found.steps, values=values, n_layers=len(kept))
