"""The flight recorder and linter of treedebug for neural networks.

    with nn_bridge.TorchRecorder(model, optimizer, "runs/net") as recorder:
        ...
        recorder.log("train", loss=loss)
        recorder.log("valid", loss=..., accuracy=...)
    recorder.run.findings

It stands beside the floors of treedebug and imports `treedebug.core`, `.engine`, `.store`, `.pictures`, `.plots`,
`.reports`, `.actions`, `.schedules`, `.testing` and the public names only; treedebug never imports it. Its streams are
keyed by their own types, its rules (NN9xx) and records are found through the entry-point groups `treedebug.rules` and
`treedebug.records`.

The names below are loaded at first use: `import nn_bridge` imports no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nn_bridge import plots
    from nn_bridge.kernels.tangent_kernel import tangent_kernel
    from nn_bridge.plots.saved_pictures import histogram_picture, kernel_picture, latent_picture
    from nn_bridge.pruning.prune_report import PruneReport, prune_report
    from nn_bridge.rates.hypergradient import HypergradientAdam, HypergradientSGD
    from nn_bridge.rates.line_search import ArmijoSGD
    from nn_bridge.rates.scheduled_rate import ScheduledRate
    from nn_bridge.reading.net_run import NetRun, load
    from nn_bridge.record.network_facts import NetFacts
    from nn_bridge.record.tensor_streams import TensorLog
    from nn_bridge.recorders.before_training import check
    from nn_bridge.recorders.lightning import LightningRecorder
    from nn_bridge.recorders.sklearn_mlp import MLPRecorder
    from nn_bridge.recorders.torch import TorchRecorder
    from nn_bridge.recorders.transformers import TrainerRecorder

__all__ = [
    "ArmijoSGD",
    "HypergradientAdam",
    "HypergradientSGD",
    "LightningRecorder",
    "MLPRecorder",
    "NetFacts",
    "NetRun",
    "PruneReport",
    "ScheduledRate",
    "TensorLog",
    "TorchRecorder",
    "TrainerRecorder",
    "check",
    "histogram_picture",
    "kernel_picture",
    "latent_picture",
    "load",
    "plots",
    "prune_report",
    "tangent_kernel",
]

_HOME = {
    "ArmijoSGD": "rates.line_search",
    "HypergradientAdam": "rates.hypergradient",
    "HypergradientSGD": "rates.hypergradient",
    "LightningRecorder": "recorders.lightning",
    "MLPRecorder": "recorders.sklearn_mlp",
    "NetFacts": "record.network_facts",
    "NetRun": "reading.net_run",
    "PruneReport": "pruning.prune_report",
    "ScheduledRate": "rates.scheduled_rate",
    "TensorLog": "record.tensor_streams",
    "TorchRecorder": "recorders.torch",
    "TrainerRecorder": "recorders.transformers",
    "check": "recorders.before_training",
    "histogram_picture": "plots.saved_pictures",
    "kernel_picture": "plots.saved_pictures",
    "latent_picture": "plots.saved_pictures",
    "load": "reading.net_run",
    "prune_report": "pruning.prune_report",
    "tangent_kernel": "kernels.tangent_kernel",
}
"""Where each public name lives, below `nn_bridge`."""


def __getattr__(name: str) -> object:
    """Load a public name at first use. Raise AttributeError for any other, MissingExtraError without its library."""
    if name == "plots":
        return import_module("nn_bridge.plots")
    home = _HOME.get(name)
    errors = import_module("treedebug.core.errors")
    if home is None:
        hint = "" if name.startswith("_") else errors.did_you_mean(name, _HOME)
        raise AttributeError(f"module 'nn_bridge' has no attribute {name!r}.{hint}", name=name)
    try:
        module = import_module(f"nn_bridge.{home}")
    except ModuleNotFoundError as error:
        if error.name == "torch":
            raise errors.missing_extra("torch", "nn") from error
        raise
    value: object = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, for completion."""
    return sorted(__all__)
