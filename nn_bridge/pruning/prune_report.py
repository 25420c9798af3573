"""`nn_bridge.prune_report`: units a network can do without, and the narrower `nn.Sequential` that proves it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from nn_bridge.pruning.chain import Chain, chain_of
from nn_bridge.pruning.narrow import narrower, without_idle
from nn_bridge.reading.net_run import NetRun
from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import TensorLog
from nn_bridge.signals.unit_activity import SilentLayers
from treedebug.core.errors import ConfigError
from treedebug.core.phrases import figure
from treedebug.engine.resolve import Missing

RowLoss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Of (output, label): a loss a row."""
_FEWEST_ROWS = 100


@dataclass(frozen=True, kw_only=True)
class PruneReport:
    """A network and what is left of it."""

    silent: dict[str, tuple[int, int]]
    """Of the record: layer -> units that were zero on every sampled batch at the end, and all units."""
    idle: tuple[int, ...]
    """Units of each hidden layer that say the same on every row, taken out without any change."""
    widths: tuple[int, ...]
    new_widths: tuple[int, ...]
    n_parameters: int
    n_left: int
    loss: float
    difference: float
    """Mean loss of the validation rows less that of the whole network."""
    error: float
    """Standard error of the difference, paired by row."""
    largest_change: float
    """Of any output on the validation rows, where idle units alone are gone."""
    n_valid: int
    module: nn.Sequential
    """The narrower network."""

    @property
    def factor(self) -> float:
        """How many times fewer parameters."""
        return self.n_parameters / max(self.n_left, 1)

    def __str__(self) -> str:
        """Return what was found and what is left, in words."""
        lines = [
            f"recorded: {n} of {total} units of {layer} were silent at the end"
            for layer, (n, total) in self.silent.items() if n
        ]  # fmt: skip
        lines.append(
            f"{sum(self.idle)} of {sum(self.widths)} hidden units say the same on every row: without them no output "
            f"moves by more than {self.largest_change:.1g}"
        )
        wide, narrow = ("-".join(map(str, w)) for w in (self.widths, self.new_widths))
        lines.append(
            f"{wide} -> {narrow} hidden units, {self.n_parameters:,} -> {self.n_left:,} parameters (x{self.factor:.1f} "
            f"fewer): loss {figure(self.loss)} {self.difference:+.2g} +- {self.error:.2g} on {self.n_valid:,} "
            "validation rows"
        )
        return "\n".join(lines)


@torch.no_grad()
def prune_report(  # noqa: PLR0913 - the record, the network, the rows, the loss
    run: NetRun | None,
    model: nn.Module,
    *,
    data: Any,
    valid: tuple[Any, Any],
    loss: RowLoss | None = None,
    tolerance: float = 1.0,
) -> PruneReport:
    """Return a narrower network that is no worse on the validation rows, and the units that could go.

        report = nn_bridge.prune_report(run, model, data=X_train, valid=(X_valid, y_valid))
        print(report)
        small = report.module

    Units are taken away step by step, and the next layer's weights are fitted anew to what it got before, on the rows
    `data` (without labels); `valid` rows judge and never teach. The narrowest network is kept whose mean loss is at
    most `tolerance` standard errors of the paired difference above that of the whole one. `loss` is a function of
    (output, label) that returns a loss a row: by default cross entropy for whole labels, squared error for others.
    `model` stays as it is. Raise ConfigError for a network that is no chain of linear layers, and for fewer than 100
    validation rows.
    """
    whole = chain_of(copy.deepcopy(model).eval())
    X, (Xv, y) = _tensor(data, whole), (_tensor(valid[0], whole), _labels(valid[1]))
    if len(Xv) < _FEWEST_ROWS:
        raise ConfigError(f"valid has {len(Xv)} rows; below {_FEWEST_ROWS} chance decides what is as good")
    measure = loss or (_cross_entropy if not y.is_floating_point() else _squared)
    reference = measure(whole.module()(Xv), y).double()
    seen = torch.cat([X, Xv])
    exact, idle = without_idle(whole, seen)
    moved = float((exact.module()(Xv) - whole.module()(Xv)).abs().max())
    best, step = exact, exact
    judged = _compared(measure(exact.module()(Xv), y).double(), reference)
    while (new := narrower(step, X)) is not None:
        step = new
        found = _compared(measure(step.module()(Xv), y).double(), reference)
        if found[0] <= tolerance * found[1]:
            best, judged = step, found
    return PruneReport(
        silent={} if run is None else _silent(run), idle=idle, widths=whole.widths, new_widths=best.widths,
        n_parameters=whole.n_parameters, n_left=best.n_parameters, loss=float(reference.mean()), difference=judged[0],
        error=judged[1], largest_change=moved, n_valid=len(Xv), module=copy.deepcopy(best.module()),
    )  # fmt: skip


def _compared(losses: torch.Tensor, reference: torch.Tensor) -> tuple[float, float]:
    away = losses - reference
    return float(away.mean()), float(away.std() / np.sqrt(len(away)))


def _silent(run: NetRun) -> dict[str, tuple[int, int]]:
    log, facts = run.data.stream(TensorLog), run.data.stream(NetFacts)
    if log is None or facts is None:
        return {}
    try:
        found = SilentLayers.measure(log, facts)
    except Missing:
        return {}
    return {layer.layer: (layer.n_silent, layer.n_units) for layer in found.layers}


def _tensor(rows: Any, chain: Chain) -> torch.Tensor:
    weight = chain.layers[0].linear.weight
    return torch.as_tensor(np.asarray(rows) if not isinstance(rows, torch.Tensor) else rows).to(weight)


def _labels(labels: Any) -> torch.Tensor:
    found = labels if isinstance(labels, torch.Tensor) else torch.as_tensor(np.asarray(labels))
    return found if found.is_floating_point() else found.long()


def _cross_entropy(output: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    if output.ndim == 1 or output.shape[1] == 1:
        score = output.reshape(-1)
        return nn.functional.binary_cross_entropy_with_logits(score, label.to(score), reduction="none")
    return nn.functional.cross_entropy(output, label, reduction="none")


def _squared(output: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    away = (output - label.to(output).reshape(output.shape)) ** 2
    return away.reshape(len(away), -1).mean(dim=1)
