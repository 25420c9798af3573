"""Rows of the user's choice: what the layers make of them, and how the output follows each of their inputs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nn_bridge.capture.output_numbers import on_cpu
from nn_bridge.capture.untraced_forward import in_eval_mode, untraced_forward
from nn_bridge.model.modules import first_tensor, is_weighted, watched_modules
from nn_bridge.model.unsupported import check_named, described
from nn_bridge.record.run_writer import Journal
from nn_bridge.record.tensor_streams import INPUT, PROBE, SALIENCY
from nn_bridge.record.whole_tensors import WholeTensor
from nn_bridge.recorders.saliency import input_gradient
from treedebug.core.errors import ConfigError

MOST_ROWS = 500
MOST_ENTRIES = 1_000_000
"""Of one pass and of one tensor that is kept; of larger ones fewer rows."""
LARGE_ROW = 4096
"""Entries of an output of one row; larger maps are averaged over their places."""
Layers = dict[str, torch.Tensor]


class _Outputs:
    """Outputs of the chosen modules; of none chosen, that of the module before the last one with weights."""

    def __init__(self, chosen: Mapping[str, nn.Module] | None) -> None:
        self._is_chosen = chosen is not None
        self._latest: Layers = {}
        self._seen: Layers = {}
        self.kept: dict[str, list[torch.Tensor]] = {}

    def see(self, name: str, module: nn.Module, output: Any) -> None:
        """Keep a copy of an output, before a function in place overwrites it."""
        values = first_tensor(output)
        if values is None or values.dim() < 2:
            return
        if not self._is_chosen and is_weighted(module) and self._latest:
            self._seen = self._latest
        self._latest = {name: _copied(values.detach(), module)}
        if self._is_chosen:
            self._seen |= self._latest

    def end_pass(self) -> None:
        """Keep what was seen of the rows of this pass."""
        for name, values in self._seen.items():
            self.kept.setdefault(name, []).append(values)
        self.forget_pass()

    def forget_pass(self) -> None:
        """Forget what was seen of the rows of this pass."""
        self._seen, self._latest = {}, {}


def _copied(values: torch.Tensor, module: nn.Module) -> torch.Tensor:
    """Return a copy of an output; of a large map the mean of each channel, of a long sequence that of each feature."""
    if values.dim() < 3 or values[0].numel() <= LARGE_ROW:
        return values.clone()
    is_channels_first = values.dim() > 3 or isinstance(module, nn.modules.conv._ConvNd)  # noqa: SLF001 - has no public name
    return values.flatten(2).mean(dim=2) if is_channels_first else values.mean(dim=1)


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


@dataclass(frozen=True, eq=False)
class Probe:
    """What is to be looked at: rows, their classes (empty if unknown), and the modules, None for the usual one."""

    rows: torch.Tensor
    labels: NDArray[np.int64]
    modules: Mapping[str, nn.Module] | None


def checked_probe(model: nn.Module, x: Any, labels: Any, layers: Sequence[str] | None) -> Probe:
    """Return at most 500 evenly spaced rows and what to look at. Raise ConfigError."""
    rows, classes = _rows(x, labels)
    check_named("layers", layers)
    return Probe(rows, classes, None if layers is None else watched_modules(model, layers))


def _rows(x: Any, labels: Any) -> tuple[torch.Tensor, NDArray[np.int64]]:
    if not isinstance(x, torch.Tensor) or x.dim() < 2 or not len(x):
        raise ConfigError(f"probe takes rows as a tensor, (n_rows, ...), as the model does; got {described(x)}")
    at = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_ROWS)).round().astype(np.int64))
    if len(at) * x[0].numel() > MOST_ENTRIES:  # the gradient is kept of the first few: they should be of any class
        at = np.random.default_rng(0).permutation(at)
    rows = x[torch.as_tensor(at, device=x.device)]
    if labels is None:
        return rows, np.empty(0, dtype=np.int64)
    classes = labels.detach().cpu().numpy() if isinstance(labels, torch.Tensor) else np.asarray(labels)
    if classes.shape != (len(x),) or not np.issubdtype(classes.dtype, np.integer):
        raise ConfigError(
            f"probe: labels are the classes of the {len(x)} rows, whole numbers; got {classes.dtype} {classes.shape}"
        )
    return rows, classes[at].astype(np.int64)


def record_probe(journal: Journal, model: nn.Module, probe: Probe) -> None:
    """Record the rows, the outputs of the layers on them, and the gradient of the largest output.

    Token numbers have no gradient: of them only the layers are looked at. So are rows beyond a million entries, a pass
    for each million.
    """
    rows, outputs = probe.rows, _Outputs(probe.modules)
    found: dict[tuple[str, str], torch.Tensor] = {}
    n_a_pass = max(MOST_ENTRIES // max(rows[0].numel(), 1), 1)
    first, *others = (rows[i : i + n_a_pass] for i in range(0, len(rows), n_a_pass))
    with _hooked(watched_modules(model, None) if probe.modules is None else probe.modules, outputs):
        if first.is_floating_point():
            try:
                found = {("", INPUT): first, ("", SALIENCY): input_gradient(model, first)}
            except RuntimeError as error:  # the net rounds its input, or is a part without a gradient
                journal.note("saliency", f"the output has no gradient by the probed rows: {error}")
                outputs.forget_pass()
        with in_eval_mode(model), torch.no_grad():
            outputs.end_pass()
            for part in others if found else (first, *others):
                untraced_forward(model, [part])
                outputs.end_pass()
    found |= {(name, PROBE): torch.cat(parts) for name, parts in outputs.kept.items()}
    step = max(journal.n_steps - 1, 0)
    for (layer, kind), values in found.items():
        n = min(len(values), max(MOST_ENTRIES // max(values[0].numel(), 1), 1))
        journal.whole(WholeTensor(layer, kind, step, journal.round_index, on_cpu(values[:n]), probe.labels[:n]))
