"""The flight recorder and linter of treedebug for neural networks.

    with nn_bridge.TorchRecorder(model, optimizer, "runs/net") as recorder:
        ...
        recorder.log("train", loss=loss)
        recorder.log("valid", loss=..., accuracy=...)
    recorder.run.findings

It stands beside the floors of treedebug and imports `treedebug.core`, `.engine`, `.store`, `.reports`, `.actions` and
`.testing` only; treedebug never imports it. Its streams are keyed by their own types, its rules (NN9xx) and records are
found through the entry-point groups `treedebug.rules` and `treedebug.records`.

The names below are loaded at first use: `import nn_bridge` imports no torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nn_bridge.facts import NetFacts
    from nn_bridge.lightning import LightningRecorder
    from nn_bridge.mlp import MLPRecorder
    from nn_bridge.plots import histogram_picture, latent_picture
    from nn_bridge.preflight import check
    from nn_bridge.recorder import TorchRecorder
    from nn_bridge.run import NetRun, load
    from nn_bridge.streams import TensorLog

__all__ = [
    "LightningRecorder",
    "MLPRecorder",
    "NetFacts",
    "NetRun",
    "TensorLog",
    "TorchRecorder",
    "check",
    "histogram_picture",
    "latent_picture",
    "load",
]

_HOME = {
    "LightningRecorder": "lightning",
    "MLPRecorder": "mlp",
    "NetFacts": "facts",
    "NetRun": "run",
    "TensorLog": "streams",
    "TorchRecorder": "recorder",
    "check": "preflight",
    "histogram_picture": "plots",
    "latent_picture": "plots",
    "load": "run",
}
"""Where each public name lives, below `nn_bridge`."""


def __getattr__(name: str) -> object:
    """Load a public name at first use. Raises AttributeError for any other, MissingExtraError without its library."""
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
    """The public names, for completion."""
    return sorted(__all__)
