"""TorchRecorder: records a PyTorch training as it happens, and says what is wrong with it."""

from __future__ import annotations

import os
import weakref
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import torch
from torch import nn

from nn_bridge.capture.activations import ForwardTap
from nn_bridge.capture.batch_counts import Counting
from nn_bridge.capture.batch_labels import confusion, label_entropy
from nn_bridge.capture.describer import Describer
from nn_bridge.capture.module_hooks import Hook
from nn_bridge.capture.optimizer_steps import StepTap
from nn_bridge.capture.pending_numbers import Waiting
from nn_bridge.capture.sampler import LOSS_KEY, Sampler
from nn_bridge.model.initial_state import settings_of
from nn_bridge.model.modules import chosen_parameters, is_compiled, original, watched
from nn_bridge.model.unsupported import (
    check_arguments,
    check_count,
    check_dataset,
    check_directions,
    check_named,
    check_number,
    check_tokens,
    is_quiet_rank,
    told,
)
from nn_bridge.reading.net_run import NetRun
from nn_bridge.record.sampling_schedule import Schedule, Wanted, is_counted_step
from nn_bridge.record.start_net_run import Place, in_words, open_place, what_ends_python
from nn_bridge.record.tensor_streams import LABELS, TensorKey
from nn_bridge.recorders.saliency import input_gradient
from treedebug.core.errors import ConfigError, NotRecordedError, StoreError
from treedebug.core.protocols import Action
from treedebug.core.run.eval_log import looks_like_training
from treedebug.engine.config import Config
from treedebug.engine.judging import Judging
from treedebug.engine.rule import Rule

_ENTROPY = TensorKey("", LABELS, "entropy")


class TorchRecorder:
    """Records the training of `model` by `optimizer` (or several) to the folder `path`, or to memory for None.

        with nn_bridge.TorchRecorder(model, optimizer, "runs/net") as recorder:
            for epoch in range(20):
                for x, y in loader:
                    ...
                    recorder.log("train", loss=loss)      # before loss.backward(): then labels are seen too
                    loss.backward()
                    optimizer.step()
                recorder.log("valid", loss=..., accuracy=...)

    `layers` names the modules to watch (patterns such as "encoder.*"; default: all), `whole` those whose outputs are
    kept entire. The first `dense` steps are sampled, then every `every`-th, and `burst` in a row after a new finding.
    `tokens` are those whose share of the input is watched, in nets that embed them (default: the padding, else 0).
    `criterion` is the loss module, if it is one: then `log("train", ...)` is not needed. A round ends with every
    evaluation, or every `round_steps`. `select`, `ignore`, `config`, `rules` and `actions` are as those of
    `treedebug.XGBoostCallback`.

    Raises ConfigError for arguments that cannot be recorded, RunExistsError for a path that holds a run; nothing after
    the first step.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer | Sequence[torch.optim.Optimizer],
        path: str | os.PathLike[str] | None = None,
        *,
        criterion: nn.Module | None = None,
        layers: Sequence[str] | None = None,
        whole: Sequence[str] = (),
        dense: int = 10,
        every: int = 50,
        burst: int = 10,
        histograms: bool = True,
        tokens: Sequence[int] | None = None,
        round_steps: int | None = None,
        planned_rounds: int | None = None,
        higher_is_better: Mapping[str, bool] | None = None,
        rules: Sequence[Rule | type[Rule]] = (),
        select: Sequence[str] | None = None,
        ignore: Sequence[str] | None = None,
        config: Config | None = None,
        actions: Sequence[Action] = (),
        quiet: bool = False,
    ) -> None:
        optimizers = check_arguments(model, optimizer, criterion)
        self._outer, self._model = model, original(model)
        self._place: Place | None = None
        if is_quiet_rank():
            return
        watched_tokens = check_tokens(tokens)
        check_named("layers", layers)
        check_named("whole", whole)
        check_directions(higher_is_better)
        check_count("planned_rounds", planned_rounds)
        check_count("round_steps", round_steps)
        schedule = Schedule(dense=dense, every=every, burst=burst)
        modules = watched(self._model, layers)
        kept = watched(self._model, whole, "whole") if whole else {}
        params = chosen_parameters(self._model, layers)
        fields = {
            "library": "torch", "booster": type(self._model).__name__, "params": settings_of(optimizers),
            "versions": {"torch": torch.__version__}, "planned_rounds": planned_rounds,
        }  # fmt: skip
        judging = Judging(rules, select, ignore, config, actions)
        self._place = open_place(path, fields, judging, quiet=quiet, round_steps=round_steps)
        journal = self._place.journal
        journal.run.evals.directions.update(higher_is_better or {})
        self._journal = journal
        self._is_training: dict[str, bool] = {}
        """Datasets by what their names say."""
        self._waiting = Waiting(journal)
        self._counting = Counting(journal)
        self._guard = journal.faults.guard
        tap = ForwardTap({**modules, **kept}, self._guard)
        steps = _step_taps(optimizers, params, journal.note)
        self._sampler = Sampler(
            self._model, optimizers, journal, tap=tap, steps=steps, schedule=schedule,
            wanted=Wanted(histograms, frozenset(kept), watched_tokens),
        )  # fmt: skip
        self._describer = Describer(self._model, optimizers, tap, journal, is_compiled=is_compiled(model))
        self._guard("net", self._describer.begin, {**modules, **kept})
        self._sampler.on_first = self._describer.complete
        self._sampler.attach(model if hasattr(model, "_orig_mod") else self._model)
        self._handle = None if criterion is None else criterion.register_forward_hook(Hook(self._on_criterion))
        self._end = weakref.finalize(self, _end_unclosed, self._place, self._sampler, self._handle)

    # -- what the loop tells ---------------------------------------------------------------------------------------

    def log(self, dataset: str, /, **metrics: Any) -> None:
        """Metrics of a step ("train") or of an evaluation (any other name): numbers, or tensors of one element.

        An evaluation ends the round with the next step. The loss itself, logged before `backward()`, also tells of
        labels and predictions. Never raises for what the training computed (NaN, inf); raises ConfigError for
        anything else.
        """
        if self._place is None:
            return
        self._check_open("log")
        check_dataset("log", dataset)
        for name, value in metrics.items():
            check_number(name, value)
        is_training = self._is_training.get(dataset)
        if is_training is None:
            is_training = self._is_training[dataset] = looks_like_training(dataset)
        if is_training:
            self._log_training(dataset, metrics)
        else:
            self._guard("rounds", self._log_evaluation, dataset, metrics)

    def predictions(self, dataset: str, outputs: Any, targets: Any) -> None:
        """A batch's outputs (scores, probabilities or classes) and true classes: class balance of the round."""
        if self._place is not None:
            self._check_open("predictions")
            check_dataset("predictions", dataset)
            self._guard("classes", self._add_predictions, dataset, outputs, targets)

    def tensor(self, name: str, value: torch.Tensor, *, whole: bool = False) -> None:
        """Any tensor of the step under way, recorded if the step is sampled; `whole` keeps all of it.

        Raise ConfigError unless it is a tensor of numbers.
        """
        if not isinstance(value, torch.Tensor) or not value.is_floating_point():
            raise ConfigError(f"tensor({name!r}, ...) takes a tensor of floating-point numbers; got {told(value)}")
        if self._place is not None:
            self._check_open("tensor")
            if self._sampler.is_sampled:
                self._guard("tensors", self._sampler.custom, name, value, whole=whole)

    def forwarded(self, *inputs: Any) -> bool:
        """Tell of a forward pass on `inputs` that was made by calling parts of the model, but never itself.

        Returns whether that was news: False where the model was called, or nothing is recorded.
        """
        if self._place is None or self._place.journal.ended or (self._sampler.forwards and torch.is_grad_enabled()):
            return False
        self._guard("activations", self._sampler.forwarded, inputs)
        return True

    @property
    def should_stop(self) -> bool:
        """Whether an action (`treedebug.StopTraining`) wants the training to end; the loop decides."""
        if self._place is None:
            return False
        self._guard("rounds", self._sampler.close_round)
        return self._place.stop.asked

    def saliency(self, x: torch.Tensor, target: Any = None) -> torch.Tensor:
        """Gradient of the net's output with respect to the input `x`, of the same shape.

        Of each row's output for `target` (an index, or one a row), by default its largest. Evaluated in eval mode;
        gradients, mode, buffers and random numbers of the training are as they were before.
        """
        return input_gradient(self._model, x, target)

    # -- reading ---------------------------------------------------------------------------------------------------

    @property
    def run(self) -> NetRun:
        """What was recorded so far, also while it trains. Raises NotRecordedError on ranks that record nothing."""
        if self._place is None:
            raise NotRecordedError("of several processes only rank 0 records: ask for the run there")
        if not self._place.journal.ended:
            self._guard("rounds", self._waiting.settle)
            self._guard("rounds", self._sampler.close_round)
            self._guard("store", self._place.journal.write)
        return NetRun(self._place.data(), self._place.path)

    # -- beginning and end -----------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """The recorder itself; it records from when it was made."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the run; one that raised, or was interrupted by Ctrl-C, is recorded as interrupted."""
        self._close(in_words(error))

    def close(self) -> None:
        """End the recording and take all hooks away; safe to call twice."""
        self._close("")

    def _close(self, interrupted: str) -> None:
        if self._place is None or self._place.journal.ended:
            return
        self._end.detach()
        _end(self._place, self._sampler, self._handle, interrupted)

    def _check_open(self, method: str) -> None:
        if self._place is not None and self._place.journal.ended:
            raise StoreError(f"{method}: this recorder is closed; what comes after its `with` block is not recorded")

    # -- within ----------------------------------------------------------------------------------------------------

    def _on_criterion(self, module: nn.Module, inputs: Any, output: Any) -> None:  # noqa: ARG002 - a hook
        if torch.is_grad_enabled() and isinstance(output, torch.Tensor) and output.numel() == 1:
            self._log_training("train", {"loss": output})

    def _log_training(self, dataset: str, metrics: Mapping[str, Any]) -> None:
        journal, sampler = self._journal, self._sampler
        if journal.is_due and sampler.forwards:  # of the step under way, and not a word on the epoch that is over
            self._guard("rounds", journal.begin_step)
        is_counted = is_counted_step(journal.n_steps, journal.n_steps_before)
        is_looked_at = is_counted or sampler.is_sampled or not self._describer.knows_loss
        for name, value in metrics.items():
            if name == "loss" and sampler.is_sampled:
                self._guard("tensors", sampler.single, LOSS_KEY, value)
            if isinstance(value, torch.Tensor):
                if is_looked_at and value.grad_fn is not None:
                    self._guard("net", self._look_at_loss, value, is_counted=is_counted)
                self._guard("rounds", self._waiting.keep, dataset, name, value)
            else:
                self._guard("rounds", journal.training, dataset, name, float(value))

    def _log_evaluation(self, dataset: str, metrics: Mapping[str, Any]) -> None:
        values = {n: v.detach() if isinstance(v, torch.Tensor) else v for n, v in metrics.items()}
        self._journal.evaluation(dataset, {name: float(value) for name, value in values.items()})

    def _look_at_loss(self, loss: torch.Tensor, *, is_counted: bool) -> None:
        """Labels and predictions: of every few steps on a CPU, else of sampled ones, which wait for all anyway."""
        is_sampled = self._sampler.is_sampled
        is_counted = is_counted if loss.device.type == "cpu" else is_sampled
        batch = self._describer.look(loss, is_wanted=is_counted or is_sampled)
        if batch is None or not self._describer.are_classes(*batch):
            return
        scores, targets = batch
        if targets.dim() == 1:
            self._sampler.labels = targets.detach()
        if is_counted:
            self._counting.add(scores, targets)
            if not self._journal.n_steps:  # the first: then the facts of the net are completed
                self._counting.settle()
                self._describer.n_classes = max(self._describer.n_classes, self._counting.n_classes)
        if is_sampled:
            self._sampler.single(_ENTROPY, label_entropy(targets))

    def _add_predictions(self, dataset: str, outputs: Any, targets: Any) -> None:
        counts, probability = confusion(outputs, targets)
        self._journal.predictions(dataset, counts, probability)


def _end(place: Place, sampler: Sampler, handle: Any, interrupted: str = "") -> None:
    """Take all hooks away and close the run."""
    if handle is not None:
        handle.remove()
    if not interrupted:
        place.look_back()
    place.journal.faults.guard("tensors", sampler.detach)
    place.end(interrupted=interrupted)


def _end_unclosed(place: Place, sampler: Sampler, handle: Any) -> None:
    """The end of a recorder that nobody holds any longer, or that was still open as the interpreter ended."""
    _end(place, sampler, handle, what_ends_python())


def _step_taps(
    optimizers: Sequence[torch.optim.Optimizer], params: Mapping[str, nn.Parameter], note: Any
) -> list[StepTap]:
    """The parameters that each optimiser moves; those that none holds stand with the first one's."""
    held = [{id(p) for group in o.param_groups for p in group["params"]} for o in optimizers]
    nowhere = {n for n, p in params.items() if not any(id(p) in ids for ids in held)}
    return [
        StepTap({n: p for n, p in params.items() if id(p) in ids or (i == 0 and n in nowhere)}, note)
        for i, ids in enumerate(held)
    ]
