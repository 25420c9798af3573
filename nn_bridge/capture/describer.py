"""Describer: completes the facts of the net, from before the first step to the first loss."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from nn_bridge.capture.activations import ActivationHooks
from nn_bridge.model.initial_state import layer_facts, optimizer_facts, param_facts
from nn_bridge.model.loss_graph import (
    PRODUCTS,
    LossGraph,
    ignored_target,
    is_plain,
    labels_and_scores,
    read_graph,
)
from nn_bridge.model.loss_input import broadcast_shape, multiplied, n_dropouts, unregistered
from nn_bridge.model.modules import is_weighted, n_dropout_layers
from nn_bridge.model.targets import describe_targets
from nn_bridge.record.network_facts import UNKNOWN, LossFacts, NetFacts, ParamFacts
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
        activations: ActivationHooks,
        journal: Journal,
        *,
        is_compiled: bool,
    ) -> None:
        self._model = model
        self._optimizers = list(optimizers)
        self._activations = activations
        self._journal = journal
        self._watched: Mapping[str, nn.Module] = {}
        self._facts = NetFacts(is_compiled=is_compiled)
        self._graph: LossGraph | None = None
        self._loss = LossFacts()
        self._amp = ""
        self._multiplied: set[int] = set()
        self.n_classes = 0

    def begin(self, watched: Mapping[str, nn.Module]) -> None:
        """Record the parameters as they are before the first step."""
        self._watched = watched
        known = {id(p) for p in self._model.parameters()}
        optimizers = tuple(optimizer_facts(o, known) for o in self._optimizers)
        self._facts = dataclasses.replace(self._facts, params=self._params(), optimizers=optimizers)
        self._facts = dataclasses.replace(self._facts, layers=layer_facts(self._model, watched, (), {}))
        self._journal.facts(self._facts)
        self._note_oddities(optimizers)

    def _params(self) -> tuple[ParamFacts, ...]:
        held = {id(p): i for i, o in enumerate(self._optimizers) for group in o.param_groups for p in group["params"]}
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

    @property
    def has_functional_dropout(self) -> bool:
        """Whether the graph of the loss drops entries that no layer does."""
        return self._loss.has_functional_dropout

    def look(self, loss: torch.Tensor, *, is_wanted: bool) -> tuple[torch.Tensor, torch.Tensor] | None:
        """Read the graph of the first loss; return the (scores, targets) of a loss that is wanted, where known."""
        if self._graph is None:
            self._graph = read_graph(loss, self._names())
            self._first_loss(loss)
        return labels_and_scores(loss) if is_wanted else None

    def _names(self) -> dict[int, str]:
        """Return the module of each weight matrix, by the parameter's id."""
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
        functions = {name: layer["activation"] for name, layer in graph.layers.items()}
        self._activations.outer_functions = {name: f for name, f in functions.items() if f}
        if torch.is_autocast_enabled(loss.device.type):
            dtype = torch.get_autocast_dtype(loss.device.type)
            self._amp = str(dtype).removeprefix("torch.")
        plain = self._journal.faults.guard("net", is_plain, graph.function, loss) or False
        self._multiplied = multiplied(loss, PRODUCTS)
        self._loss = LossFacts(
            function=graph.function, first=float(loss.detach().float().mean()), n_rows=n_rows, is_plain=plain,
            reduction=graph.reduction, applied=graph.applied, last_layers=graph.last_layers,
            broadcast=broadcast_shape(loss), unregistered=self._unregistered(loss),
            has_functional_dropout=n_dropouts(loss) > n_dropout_layers(self._model),
            ignored_target=ignored_target(loss),
            **({} if batch is None else describe_targets(*batch)),
        )  # fmt: skip
        if batch is not None and graph.function in ("cross_entropy", "nll") and batch[0].dim() > 1:
            self.n_classes = int(batch[0].shape[1])
        elif batch is not None and are_classes(graph.function, *batch):
            self.n_classes = 2

    def _unregistered(self, loss: torch.Tensor) -> tuple[str, ...]:
        held = {id(p) for o in self._optimizers for group in o.param_groups for p in group["params"]}
        known = held | {id(p) for p in self._model.parameters()}
        return tuple(" x ".join(map(str, p.shape)) for p in unregistered(loss, known))

    def complete(self, n_features: int) -> None:
        """Record what the first step has shown: shapes of lazy modules, the order of the layers, the loss."""
        is_lazy = any(not p.shape and not p.n for p in self._facts.params)
        params = self._params() if is_lazy else self._facts.params
        if self._graph is not None:
            params = self._multiplied_only(params)
        self._facts = dataclasses.replace(self._facts, params=params)
        layers = layer_facts(
            self._model, self._watched, self._activations.order, {} if self._graph is None else self._graph.layers
        )
        loss = dataclasses.replace(self._loss, n_classes=self.n_classes, **self._outputs())
        self._facts = dataclasses.replace(self._facts, layers=layers, loss=loss, amp=self._amp, is_complete=True)
        self._journal.facts(self._facts)
        if not self._activations.order and not any(n.topic == "activations" for n in self._journal.run.notes):
            self._journal.note("activations", _UNSEEN)
        fields: dict[str, Any] = {"n_classes": self.n_classes, "n_features": n_features}
        if loss.function != UNKNOWN:
            fields["objective"] = loss.function
        extra: dict[str, Any] = {}
        if loss.is_plain and self.n_classes:
            extra["metrics"] = {"loss": "mlogloss"}  # what a guess costs, and what is perfect
        if loss.function in ("cross_entropy", "nll"):  # the argument of this loss
            extra["spelling"] = {**self._journal.run.header.extra.get("spelling", {}), "scale_pos_weight": "weight"}
        if extra:
            fields["extra"] = extra
        self._journal.header(fields)

    def _multiplied_only(self, params: tuple[ParamFacts, ...]) -> tuple[ParamFacts, ...]:
        """Unmark tables of the user's own modules that nothing was multiplied with: positions, tokens, prototypes."""
        own = {name for name, m in self._model.named_modules() if not type(m).__module__.startswith("torch.")}
        used = {name for name, p in self._model.named_parameters() if id(p) in self._multiplied}
        return tuple(
            dataclasses.replace(p, is_matrix=False) if p.is_matrix and p.module in own and p.name not in used else p
            for p in params
        )

    def _outputs(self) -> dict[str, Any]:
        """Return the statistics of the first step's output."""
        log = self._journal.run.ensure_stream(TensorLog)
        found: dict[str, Any] = {}
        for name in ("row_sum_deviation", "row_min"):
            series = log.series("", "output", name)
            if len(series.values):
                found[name] = float(series.values[0])
        return found


def are_classes(function: str, scores: torch.Tensor, targets: torch.Tensor) -> bool:
    """Return whether the targets of a loss are classes."""
    if function in ("cross_entropy", "nll"):
        return not targets.is_floating_point() or targets.shape == scores.shape
    if function in ("bce", "bce_with_logits"):
        return scores.dim() <= 1 or scores.shape[1] == 1
    return not targets.is_floating_point() and scores.is_floating_point() and scores.dim() > targets.dim()
