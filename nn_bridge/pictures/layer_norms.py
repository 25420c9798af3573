"""Norms by layer and step: of gradients and weights, and how far a step moves the weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_bridge.record.tensor_streams import GRADIENT, WEIGHT, Floats, Integers, LayerTable, TensorLog
from nn_bridge.signals.weight_updates import UpdateRatios
from treedebug.core.run.run_data import RunData
from treedebug.engine.resolve import Missing, Resolver
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of, once
from treedebug.pictures.thinning import evenly

MOST_LAYERS, MOST_STEPS = 30, 150
_USUAL = (1e-4, 1e-2)
NO_TENSORS = "no tensors were recorded: train inside `with TorchRecorder(model, optimizer, ...)`"


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerCurves:
    """One number of each layer over the sampled steps."""

    layers: tuple[str, ...]
    """In the order of the net; of more than thirty, evenly spaced ones."""
    steps: Integers
    values: Floats
    """(n_steps, n_layers), NaN where a layer was not sampled."""
    n_layers: int
    """Of the net."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerNorms(Picture):
    """Gradients, weights and updates of the layers; an entry is empty where nothing of it was recorded."""

    name: ClassVar[str] = "layer_norms"
    question: ClassVar[str] = "Does every layer get a gradient, and does it move by a sensible step?"

    gradient: LayerCurves
    """Euclidean norms."""
    weight: LayerCurves
    update_ratio: LayerCurves
    """Mean size of the update over that of the weights."""
    usual: tuple[float, ...]
    """The usual range of it; empty where a recorded step is a whole pass over the rows (scikit-learn)."""


def layer_norms(run: AnyRun) -> LayerNorms | NoPicture:
    """Return the norms by layer and step."""
    return once(data_of(run), _layer_norms)


def _layer_norms(run: RunData) -> LayerNorms | NoPicture:
    log = run.stream(TensorLog)
    if log is None or not len(log.steps):
        return NoPicture(NO_TENSORS)
    return LayerNorms(
        gradient=thinned_table(log.table(GRADIENT, "norm")),
        weight=thinned_table(log.table(WEIGHT, "norm")),
        update_ratio=_ratios(run),
        usual=() if run.header.library == "sklearn" else _USUAL,
    )


def thinned_table(table: LayerTable) -> LayerCurves:
    """Return evenly spaced steps and layers of a table; the first and the last among them."""
    steps, layers = evenly(len(table.steps), MOST_STEPS), evenly(len(table.layers), MOST_LAYERS)
    return LayerCurves(
        layers=tuple(table.layers[i] for i in layers),
        steps=table.steps[steps],
        values=table.values[np.ix_(steps, layers)],
        n_layers=len(table.layers),
    )


def _ratios(run: RunData) -> LayerCurves:
    try:
        found: UpdateRatios = Resolver(run.at(run.n_rounds, final=run.ended)).get(UpdateRatios)
    except Missing:
        none = np.empty(0, dtype=np.int64)
        return LayerCurves(layers=(), steps=none, values=np.empty((0, 0)), n_layers=0)
    return thinned_table(LayerTable(found.layers, found.steps, found.rounds, found.ratios))
