"""Describer: completes what is known of the net, from before the first step to the first loss."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from nn_bridge.capture.activations import ForwardTap
from nn_bridge.model.initial_state import layer_facts, optimizer_facts, param_facts
from nn_bridge.model.loss_graph import LossGraph, is_plain, labels_and_scores, read_graph
from nn_bridge.model.modules import is_weighted
from nn_bridge.record.network_facts import UNKNOWN, LossFacts, NetFacts
from nn_bridge.record.run_writer import Journal
from nn_bridge.record.tensor_streams import TensorLog

_UNSEEN = (
    "no layer's output was seen in the first step: where the net, or the whole LightningModule, is compiled, "
    "activations are not recorded"
)


class Describer:
    """Gathers `NetFacts`, and writes them before the first step and again when it is done."""

    def __init__(
        self,
        model: nn.Module,
        optimizers: Sequence[torch.optim.Optimizer],
        tap: ForwardTap,
        journal: Journal,
        *,
        is_compiled: bool,
    ) -> None:
        self._model = model
        self._optimizers = list(optimizers)
        self._tap = tap
        self._journal = journal
        self._watched: Mapping[str, nn.Module] = {}
        self._facts = NetFacts(is_compiled=is_compiled)
        self._graph: LossGraph | None = None
        self._loss = LossFacts()
        self._amp = ""
        self._is_plain = False
        self.n_classes = 0

    def begin(self, watched: Mapping[str, nn.Module]) -> None:
        """Before the first step: parameters as they were initialised."""
        self._watched = watched
        known = {id(p) for p in self._model.parameters()}
        optimizers = tuple(optimizer_facts(o, known) for o in self._optimizers)
        self._facts = dataclasses.replace(self._facts, params=self._params(), optimizers=optimizers)
        self._facts = dataclasses.replace(self._facts, layers=layer_facts(self._model, watched, (), {}))
        self._journal.facts(self._facts)
        self._note_oddities(optimizers)

    def _params(self) -> tuple[Any, ...]:
        held = {id(p) for o in self._optimizers for group in o.param_groups for p in group["params"]}
        return param_facts(self._model, held)

    def _note_oddities(self, optimizers: Sequence[Any]) -> None:
        for optimizer in optimizers:
            if optimizer.n_foreign:
                self._journal.note(
                    "net",
                    f"{optimizer.n_foreign} of the {optimizer.n_params} parameters of {optimizer.type} are not "
                    "the model's: they are not recorded",
                )
        devices = {str(p.device) for p in self._model.parameters()}
        if len(devices) > 1:
            self._journal.note(
                "net",
                f"the model lies on several devices ({', '.join(sorted(devices))}): each sampled step waits for each",
            )

    @property
    def knows_loss(self) -> bool:
        """Whether the graph of a loss was read."""
        return self._graph is not None

    def look(self, loss: torch.Tensor, *, is_wanted: bool) -> tuple[torch.Tensor, torch.Tensor] | None:
        """Read the graph of the first loss; returns the (scores, targets) of a loss that is wanted, where known."""
        if self._graph is None:
            self._graph = read_graph(loss, self._names())
            self._first_loss(loss)
        return labels_and_scores(loss) if is_wanted else None

    def _names(self) -> dict[int, str]:
        """The module of each weight matrix, by the parameter's id."""
        names: dict[int, str] = {}
        for name, module in self._model.named_modules():
            for p in module.parameters(recurse=False) if is_weighted(module) else ():
                if not isinstance(p, nn.parameter.UninitializedParameter) and p.dim() > 1:
                    names.setdefault(id(p), name)  # a shared one under its first name
        return names

    def _first_loss(self, loss: torch.Tensor) -> None:
        graph = self._graph or LossGraph()
        batch = labels_and_scores(loss)
        n_rows = 0 if batch is None else int(batch[1].shape[0]) if batch[1].dim() else 1
        self._tap.follows = {name: told["activation"] for name, told in graph.layers.items() if told["activation"]}
        if torch.is_autocast_enabled(loss.device.type):
            dtype = torch.get_autocast_dtype(loss.device.type)
            self._amp = str(dtype).removeprefix("torch.")
        self._loss = LossFacts(
            function=graph.function, first=float(loss.detach().float().mean()), n_rows=n_rows,
            reduction=graph.reduction, applied=graph.applied, last_layers=graph.last_layers,
        )  # fmt: skip
        self._is_plain = self._journal.faults.guard("net", is_plain, graph.function, loss) or False
        if batch is not None and graph.function in ("cross_entropy", "nll") and batch[0].dim() > 1:
            self.n_classes = int(batch[0].shape[1])
        elif batch is not None and self.are_classes(*batch):
            self.n_classes = 2

    def are_classes(self, scores: torch.Tensor, targets: torch.Tensor) -> bool:
        """Whether the targets of a loss are classes."""
        function = self._loss.function
        if function in ("cross_entropy", "nll"):
            return not targets.is_floating_point() or targets.shape == scores.shape
        if function in ("bce", "bce_with_logits"):
            return scores.dim() < 2 or scores.shape[1] == 1  # otherwise several labels a row
        return not targets.is_floating_point() and scores.is_floating_point() and scores.dim() > targets.dim()

    def complete(self, n_features: int) -> None:
        """After the first step: lazy modules have their shapes, the order of the layers is known."""
        is_lazy = any(not p.shape and not p.n for p in self._facts.params)
        if is_lazy:
            self._facts = dataclasses.replace(self._facts, params=self._params())
        layers = layer_facts(
            self._model, self._watched, self._tap.order, {} if self._graph is None else self._graph.layers
        )
        loss = dataclasses.replace(self._loss, n_classes=self.n_classes, **self._outputs())
        self._facts = dataclasses.replace(self._facts, layers=layers, loss=loss, amp=self._amp, is_complete=True)
        self._journal.facts(self._facts)
        if not self._tap.order and not any(n.topic == "activations" for n in self._journal.run.notes):
            self._journal.note("activations", _UNSEEN)
        fields: dict[str, Any] = {"n_classes": self.n_classes, "n_features": n_features}
        if loss.function != UNKNOWN:
            fields["objective"] = loss.function
        if self._is_plain and self.n_classes:
            fields["extra"] = {"metrics": {"loss": "mlogloss"}}  # what a guess costs, and what is perfect
        self._journal.header(fields)

    def _outputs(self) -> dict[str, Any]:
        """What the first step's outputs were like, as recorded."""
        log = self._journal.run.ensure_stream(TensorLog)
        found: dict[str, Any] = {}
        for name in ("row_sum_deviation", "row_min"):
            series = log.series("", "output", name)
            if len(series.values):
                found[name] = float(series.values[0])
        return found
