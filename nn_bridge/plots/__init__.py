"""Every picture of a network's run as a Display, as `treedebug.plots` has those of boosters (the extra `plots`).

    nn_bridge.plots.LayerNormsDisplay.from_run(run).plot(ax=ax)

They draw what the page of `run.report` draws.
"""

from nn_bridge.plots.latent_space_display import LatentSpaceDisplay
from nn_bridge.plots.layer_displays import ActivationSharesDisplay, KernelRegimeDisplay, LayerNormsDisplay
from nn_bridge.plots.saliency_display import SaliencyDisplay
from nn_bridge.plots.value_histograms_display import ValueHistogramsDisplay

__all__ = [
    "ActivationSharesDisplay",
    "KernelRegimeDisplay",
    "LatentSpaceDisplay",
    "LayerNormsDisplay",
    "SaliencyDisplay",
    "ValueHistogramsDisplay",
]
