"""All pictures of a network's run by name, and where its findings show."""

from __future__ import annotations

from collections.abc import Callable

from nn_bridge.pictures.activation_shares import activation_shares
from nn_bridge.pictures.kernel_regime import kernel_regime
from nn_bridge.pictures.latent_space import NOT_PROBED, latent_layers, latent_space
from nn_bridge.pictures.layer_norms import layer_norms
from nn_bridge.pictures.saliency import saliency
from nn_bridge.pictures.value_histograms import value_histograms
from nn_bridge.record.tensor_streams import TensorLog
from treedebug.pictures.evidence_marks import LAYERS, Place
from treedebug.pictures.evidence_marks import PLACES as OF_BOOSTERS
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of

OF_A_NET: dict[str, Callable[[AnyRun], Picture | NoPicture]] = {
    "layer_norms": layer_norms,
    "activation_shares": activation_shares,
    "kernel_regime": kernel_regime,
    "saliency": saliency,
}
"""`value_histograms` takes a layer and a kind too, `latent_space` a layer."""
MOST_HISTOGRAMS, MOST_SPACES = 12, 2
_GRADIENT, _WEIGHT = Place("layer_norms", LAYERS, "gradient"), Place("layer_norms", LAYERS, "weight")
_UPDATE = Place("layer_norms", LAYERS, "update_ratio")


def _activation(panel: str) -> Place:
    return Place("activation_shares", LAYERS, panel)


PLACES: dict[str, tuple[Place, ...]] = {
    **OF_BOOSTERS,
    "NN": (_GRADIENT,),
    "small-updates": (_UPDATE,),
    "unchanged-tensor": (_UPDATE,),
    "unfinished-schedule": (_UPDATE,),
    "dominant-weight-decay": (_WEIGHT,),
    "poor-initialization": (_WEIGHT,),
    "dead-relu": (_activation("silent"),),
    "all-zero-tensor": (_activation("zero"),),
    "low-variance-tensor": (_activation("zero"),),
    "missing-activation": (_activation("zero"),),
    "saturated-sigmoid": (_activation("saturated"),),
    "saturated-tanh": (_activation("saturated"),),
    "noisy-evaluation": (Place("learning_curves"),),
    "noisy-batch-norm": (Place("learning_curves"),),
    "overconfident-network": (Place("learning_curves"),),
    "misfit-loss": (Place("learning_curves"),),
    "idle-hidden-layers": (Place("kernel_regime"),),
}
"""By the name of the rule; by the letters of a family for its rules that are not listed."""


def net_pictures(run: AnyRun) -> dict[str, Picture | NoPicture]:
    """Return every picture of a network by name, or why there is none.

    Histograms are named "value_histograms LAYER KIND", latent spaces "latent_space LAYER".
    """
    found: dict[str, Picture | NoPicture] = {name: make(run) for name, make in OF_A_NET.items()}
    log = data_of(run).stream(TensorLog)
    for layer, kind in (log.histogram_keys() if log is not None else [])[:MOST_HISTOGRAMS]:
        found[f"value_histograms {layer} {kind}"] = value_histograms(run, layer, kind)
    spaces = {f"latent_space {layer}": latent_space(run, layer) for layer in latent_layers(run)[-MOST_SPACES:]}
    return found | (spaces or {"latent_space": NoPicture(NOT_PROBED)})
