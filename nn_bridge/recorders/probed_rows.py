"""Rows of the user's choice: what the layers make of them, and how the output follows each of their inputs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nn_bridge.capture.output_numbers import on_cpu
from nn_bridge.capture.untraced_forward import in_eval_mode, untraced_forward
from nn_bridge.model.modules import first_tensor, is_weighted, watched_modules
from nn_bridge.model.unsupported import described
from nn_bridge.record.run_writer import Journal
from nn_bridge.record.tensor_streams import INPUT, PROBE, SALIENCY
from nn_bridge.record.whole_tensors import WholeTensor
from nn_bridge.recorders.saliency import input_gradient
from treedebug.core.errors import ConfigError

MOST_ROWS = 500
MOST_ENTRIES = 1_000_000
"""Of one tensor that is kept; of larger ones fewer rows."""
Layers = dict[str, torch.Tensor]


class _Outputs:
    """Outputs of the chosen modules; of none chosen, that of the module before the last one with weights."""

    def __init__(self, chosen: Mapping[str, nn.Module] | None) -> None:
        self._is_chosen = chosen is not None
        self._latest: Layers = {}
        self.kept: Layers = {}

    def see(self, name: str, module: nn.Module, output: Any) -> None:
        """Keep a copy of an output, before a function in place overwrites it."""
        values = first_tensor(output)
        if values is None or values.dim() < 2:
            return
        if not self._is_chosen and is_weighted(module) and self._latest:
            self.kept = self._latest
        seen = {name: values.detach().clone()}
        if self._is_chosen:
            self.kept |= seen
        self._latest = seen


@contextlib.contextmanager
def _hooked(modules: Mapping[str, nn.Module], outputs: _Outputs) -> Iterator[None]:
    def hook(name: str) -> Any:
        return lambda module, _, output: outputs.see(name, module, output)

    handles = [module.register_forward_hook(hook(name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def checked_rows(x: Any, labels: Any) -> tuple[torch.Tensor, NDArray[np.int64]]:
    """Return at most 500 evenly spaced rows and their classes, none if unknown. Raise ConfigError."""
    if not isinstance(x, torch.Tensor) or x.dim() < 2 or not len(x):
        raise ConfigError(f"probe takes rows as a tensor, (n_rows, ...), as the model does; got {described(x)}")
    at = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_ROWS)).round().astype(np.int64))
    rows = x[torch.as_tensor(at, device=x.device)]
    if labels is None:
        return rows, np.empty(0, dtype=np.int64)
    classes = labels.detach().cpu().numpy() if isinstance(labels, torch.Tensor) else np.asarray(labels)
    if classes.shape != (len(x),) or not np.issubdtype(classes.dtype, np.integer):
        raise ConfigError(
            f"probe: labels are the classes of the {len(x)} rows, whole numbers; got {classes.dtype} {classes.shape}"
        )
    return rows, classes[at].astype(np.int64)


def record_probe(
    journal: Journal,
    model: nn.Module,
    rows: torch.Tensor,
    labels: NDArray[np.int64],
    chosen: Mapping[str, nn.Module] | None,
) -> None:
    """Record the rows, the outputs of the layers on them, and the gradient of the largest output; evaluated once.

    Token numbers have no gradient: of them only the layers are looked at.
    """
    outputs = _Outputs(chosen)
    found: dict[tuple[str, str], torch.Tensor] = {}
    with _hooked(watched_modules(model, None) if chosen is None else chosen, outputs):
        if rows.is_floating_point():
            try:
                found = {("", INPUT): rows, ("", SALIENCY): input_gradient(model, rows)}
            except RuntimeError as error:  # the net rounds its input, or is a part without a gradient
                if not outputs.kept:
                    raise
                journal.note("saliency", f"the output has no gradient by the probed rows: {error}")
        else:
            with in_eval_mode(model), torch.no_grad():
                untraced_forward(model, [rows])
    found |= {(name, PROBE): values for name, values in outputs.kept.items()}
    step = max(journal.n_steps - 1, 0)
    for (layer, kind), values in found.items():
        n = min(len(values), max(MOST_ENTRIES // max(values[0].numel(), 1), 1))
        journal.whole(WholeTensor(layer, kind, step, journal.round_index, on_cpu(values[:n]), labels[:n]))
