"""TorchRecorder: records a PyTorch training as it happens, and says what is wrong with it."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn

from nn_bridge.capture.activations import ActivationHooks
from nn_bridge.capture.batch_labels import confusion
from nn_bridge.capture.describer import Describer
from nn_bridge.capture.kernel_looks import KernelLooks
from nn_bridge.capture.module_hooks import Hook
from nn_bridge.capture.optimizer_steps import optimizer_steps
from nn_bridge.capture.sampler import Sampler
from nn_bridge.capture.scheduler_facts import SchedulerSource
from nn_bridge.capture.step_headroom import EARLY
from nn_bridge.capture.training_log import TrainingLog
from nn_bridge.kernels.kernel_probe import KernelProbe
from nn_bridge.model.initial_state import known_shapes, training_params
from nn_bridge.model.modules import chosen_parameters, is_compiled, unwrapped, watched_modules
from nn_bridge.model.unsupported import (
    check_arguments,
    check_count,
    check_dataset,
    check_directions,
    check_headroom,
    check_kernel,
    check_named,
    check_number,
    check_tokens,
    described,
    is_other_rank,
)
from nn_bridge.reading.net_run import NetRun
from nn_bridge.record.sampling_schedule import RecordOptions, SamplingSchedule
from nn_bridge.record.start_net_run import NetPlace, open_place
from nn_bridge.recorders.ending import end_recording, end_unclosed
from nn_bridge.recorders.probed_rows import checked_probe, record_probe
from nn_bridge.recorders.saliency import input_gradient
from nn_bridge.recorders.with_block import WithBlock
from treedebug.core.errors import ConfigError, NotRecordedError, StoreError
from treedebug.core.protocols import Action
from treedebug.core.run.eval_log import looks_like_training
from treedebug.engine.config import Config
from treedebug.engine.judging import Judging
from treedebug.engine.rule import Rule
from treedebug.store.writing.rate_reader import RateReader


class TorchRecorder(WithBlock):
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
    `headroom` returns the loss of the present batch once more, `lambda: criterion(model(x), y)`: then it is measured
    how much longer 20 of the first sampled steps could be, at 4 to 13 forward passes a step.
    `kernel` are rows that no step trains on, X or (X, y): at steps 0, 10, 100, ... and at the end it is measured how
    far the tangent kernel has moved (`nn_bridge.tangent_kernel`), and whether the net is still linear in its weights.
    `scheduler` sets the learning rate: with it, the record says why the rate changed, and the rules judge the schedule.
    `criterion` is the loss module, if it is one: then `log("train", ...)` is not needed. A round ends with every
    evaluation, or every `round_steps`. `select`, `ignore`, `config`, `rules` and `actions` are as those of
    `treedebug.XGBoostCallback`. Where the path holds a run, `exists` records beside it ("number"), goes on with it
    ("resume": steps and rounds are counted on) or refuses ("error").

    Raise ConfigError for arguments that cannot be recorded, RunExistsError for a path that holds a run with
    `exists="error"`; nothing after the first step.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer | Sequence[torch.optim.Optimizer],
        path: str | os.PathLike[str] | None = None,
        *,
        criterion: nn.Module | None = None,
        scheduler: Any = None,
        layers: Sequence[str] | None = None,
        whole: Sequence[str] = (),
        dense: int = 10,
        every: int = 50,
        burst: int = 10,
        histograms: bool = True,
        tokens: Sequence[int] | None = None,
        headroom: Callable[[], Any] | None = None,
        kernel: Any = None,
        round_steps: int | None = None,
        planned_rounds: int | None = None,
        higher_is_better: Mapping[str, bool] | None = None,
        rules: Sequence[Rule | type[Rule]] = (),
        select: Sequence[str] | None = None,
        ignore: Sequence[str] | None = None,
        config: Config | None = None,
        actions: Sequence[Action] = (),
        exists: str = "number",
        quiet: bool = False,
    ) -> None:
        optimizers = check_arguments(model, optimizer, criterion)
        self._outer, self._model = model, unwrapped(model)
        self._place: NetPlace | None = None
        if is_other_rank():
            return
        watched_tokens = check_tokens(tokens)
        check_headroom(headroom, optimizers)
        probed = check_kernel(kernel)
        check_named("layers", layers)
        check_named("whole", whole)
        check_directions(higher_is_better)
        check_count("planned_rounds", planned_rounds)
        check_count("round_steps", round_steps)
        first = dense if headroom is None else max(dense, EARLY)
        schedule = SamplingSchedule(dense=first, every=every, burst=burst)
        modules = watched_modules(self._model, layers)
        kept = watched_modules(self._model, whole, "whole") if whole else {}
        params = chosen_parameters(self._model, layers)
        fields = {
            "library": "torch", "booster": type(self._model).__name__, "params": training_params(optimizers),
            "versions": {"torch": torch.__version__}, "planned_rounds": planned_rounds,
        }  # fmt: skip
        judging = Judging(rules, select, ignore, config, actions)
        shapes = known_shapes(self._model)
        self._place = open_place(
            path, fields, judging, quiet=quiet, round_steps=round_steps, exists=exists, shapes=shapes
        )
        journal = self._place.journal
        journal.run.evals.directions.update(higher_is_better or {})
        self._journal = journal
        if scheduler is not None:
            rates = RateReader(SchedulerSource(scheduler, journal.run), journal.run, journal.queue)
            journal.before_close.append(lambda: self._guard("rates", rates.read, journal.round_index))
        self._is_training: dict[str, bool] = {}
        """Datasets by what their names say."""
        self._guard = journal.faults.guard
        activations = ActivationHooks({**modules, **kept}, self._guard)
        steps = optimizer_steps(optimizers, params, journal.note)
        self._sampler = Sampler(
            self._model, optimizers, journal, activations=activations, steps=steps, schedule=schedule,
            wanted=RecordOptions(histograms, frozenset(kept), watched_tokens),
        )  # fmt: skip
        self._describer = Describer(self._model, optimizers, activations, journal, is_compiled=is_compiled(model))
        self._guard("net", self._describer.begin, {**modules, **kept})
        self._sampler.headroom.loss = headroom
        self._training_log = TrainingLog(journal, self._sampler, self._describer)
        self._sampler.on_first = self._describer.complete
        self._sampler.attach(model if hasattr(model, "_orig_mod") else self._model)
        self._handles = [] if criterion is None else [criterion.register_forward_hook(Hook(self._on_criterion))]
        self._looks = None if probed is None else KernelLooks(KernelProbe(self._model, *probed), activations, journal)
        if self._looks is not None:
            self._handles.append(self._looks.attach(optimizers[0]))
        self._end = weakref.finalize(self, end_unclosed, self._place, self._sampler, self._handles)

    # -- what the loop tells ---------------------------------------------------------------------------------------

    def log(self, dataset: str, /, **metrics: Any) -> None:
        """Record metrics of a step ("train") or an evaluation (any other name): numbers, or tensors of one element.

        An evaluation ends the round with the next step. The loss itself, logged before `backward()`, also tells of
        labels and predictions. Never raises for what the training computed (NaN, inf); raises ConfigError for
        values that are not numbers.
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
            self._training_log.add(dataset, metrics)
        else:
            self._guard("rounds", self._log_evaluation, dataset, metrics)

    def predictions(self, dataset: str, outputs: Any, targets: Any) -> None:
        """Count a batch's outputs (scores, probabilities or classes) by true class, for the round's class balance."""
        if self._place is not None:
            self._check_open("predictions")
            check_dataset("predictions", dataset)
            self._guard("classes", self._add_predictions, dataset, outputs, targets)

    def tensor(self, name: str, value: torch.Tensor, *, whole: bool = False) -> None:
        """Record any tensor of the step under way, if the step is sampled; `whole` keeps all of it.

        Raise ConfigError unless the value is a tensor of floating-point numbers.
        """
        if not isinstance(value, torch.Tensor) or not value.is_floating_point():
            raise ConfigError(f"tensor({name!r}, ...) takes a tensor of floating-point numbers; got {described(value)}")
        if self._place is not None:
            self._check_open("tensor")
            if self._sampler.is_sampled:
                self._guard("tensors", self._sampler.step.add_custom, name, value, whole=whole)

    def probe(self, x: torch.Tensor, labels: Any = None, *, layers: Sequence[str] | None = None) -> None:
        """Look at rows of your choice, best of the validation data, for the report's latent space and saliency.

        Kept are at most 500 of them, with their classes `labels`, the outputs of `layers` (default: of the module
        before the last one with weights) and the gradient of the largest output. The training is as it was before.
        Raise ConfigError for anything but a tensor of rows, and for labels or layers that do not fit.
        """
        chosen = checked_probe(self._model, x, labels, layers)
        if self._place is not None:
            self._check_open("probe")
            with self._sampler.activations.paused():
                self._guard("probe", record_probe, self._journal, self._model, chosen)

    def forwarded(self, *inputs: Any) -> bool:
        """Count a forward pass on `inputs` that called parts of the model, but never the model itself.

        Return whether it was counted: False where the model was called, or nothing is recorded.
        """
        if self._place is None or self._place.journal.ended or (self._sampler.forwards and torch.is_grad_enabled()):
            return False
        self._guard("activations", self._sampler.forwarded, inputs)
        return True

    def compare_rows(self, args: Any, kwargs: Any) -> None:
        """Evaluate rows of a batch twice, and half of them without the others; for `nn_bridge.check`."""
        if self._place is not None:
            self._guard("activations", self._sampler.compare_rows, args, kwargs)

    @property
    def should_stop(self) -> bool:
        """Whether an action (`treedebug.StopTraining`) wants the training to end; the loop decides."""
        if self._place is None:
            return False
        self._guard("rounds", self._place.journal.begin_step)
        return self._place.stop.asked

    def saliency(self, x: torch.Tensor, target: Any = None) -> torch.Tensor:
        """Return the gradient of the net's output with respect to the input `x`, of the same shape.

        Of each row's output for `target` (an index, or one a row), by default its largest. Evaluated in eval mode;
        gradients, mode, buffers and random numbers of the training are as they were before.
        """
        with contextlib.nullcontext() if self._place is None else self._sampler.activations.paused():
            return input_gradient(self._model, x, target)

    # -- reading ---------------------------------------------------------------------------------------------------

    @property
    def run(self) -> NetRun:
        """What was recorded so far, also while it trains. Raises NotRecordedError on ranks that record nothing."""
        if self._place is None:
            raise NotRecordedError("of several processes only rank 0 records: ask for the run there")
        if not self._place.journal.ended:
            self._guard("rounds", self._training_log.pending.fetch)
            self._guard("rounds", self._place.journal.begin_step)
            self._guard("store", self._place.journal.write)
        return NetRun(self._place.data(), self._place.path)

    # -- beginning and end -----------------------------------------------------------------------------------------

    def _close(self, interrupted: str) -> None:
        if self._place is None or self._place.journal.ended:
            return
        self._end.detach()
        if not interrupted and self._looks is not None:
            self._looks.last()
        end_recording(self._place, self._sampler, self._handles, interrupted)

    def _check_open(self, method: str) -> None:
        if self._place is not None and self._place.journal.ended:
            raise StoreError(f"{method}: this recorder is closed; what comes after its `with` block is not recorded")

    # -- within ----------------------------------------------------------------------------------------------------

    def _on_criterion(self, module: nn.Module, inputs: Any, output: Any) -> None:  # noqa: ARG002 - a hook
        if torch.is_grad_enabled() and isinstance(output, torch.Tensor) and output.numel() == 1:
            self._training_log.add("train", {"loss": output})

    def _log_evaluation(self, dataset: str, metrics: Mapping[str, Any]) -> None:
        values = {n: v.detach() if isinstance(v, torch.Tensor) else v for n, v in metrics.items()}
        self._journal.evaluation(dataset, {name: float(value) for name, value in values.items()})

    def _add_predictions(self, dataset: str, outputs: Any, targets: Any) -> None:
        counts, probability = confusion(outputs, targets)
        self._journal.predictions(dataset, counts, probability)
