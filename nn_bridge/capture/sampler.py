"""Sampler: what one training gives away, step by step. It stands between the hooks and the journal, and never raises.

A step is sampled or not before its forward pass. While it is, the hooks on its modules are in place; at its end
all numbers are fetched with one copy, and turned into statistics.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from nn_bridge.capture.activations import ActivationHooks
from nn_bridge.capture.evaluation_noise import RepeatedEvaluation, n_rows
from nn_bridge.capture.forward_passes import ForwardPasses
from nn_bridge.capture.input_profile import InputProfile
from nn_bridge.capture.module_hooks import Hook, before_update
from nn_bridge.capture.optimizer_steps import KnownParameters, OptimizerStep, learning_rates
from nn_bridge.capture.output_numbers import OutputNumbers
from nn_bridge.capture.sampled_step import UNSEEN, SampledStep, add_tensor
from nn_bridge.capture.step_backlog import StepBacklog
from nn_bridge.capture.step_headroom import StepHeadroom
from nn_bridge.capture.untraced_forward import in_eval_mode, untraced_forward
from nn_bridge.capture.unzeroed_gradient import UnzeroedGradient
from nn_bridge.model.modules import first_tensor
from nn_bridge.record.run_writer import Journal
from nn_bridge.record.sampling_schedule import OPENING, RecordOptions, SamplingSchedule
from nn_bridge.record.tensor_streams import ACTIVATION, INPUT, LOSS, TensorKey
from nn_bridge.statistics.block_sums import BlockSums
from nn_bridge.statistics.log2_histogram import log2_histogram
from nn_bridge.statistics.step_numbers import DeviceNumbers, StepNumbers

LOSS_KEY = TensorKey("", LOSS, "value")
_NAN = float("nan")


class Sampler:
    """Watches `model` while `optimizers` train it, by hooks that can be removed again."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        model: nn.Module,
        optimizers: Sequence[torch.optim.Optimizer],
        journal: Journal,
        *,
        activations: ActivationHooks,
        steps: Sequence[OptimizerStep],
        schedule: SamplingSchedule,
        wanted: RecordOptions,
    ) -> None:
        self.model = model
        self.optimizers = list(optimizers)
        self.journal = journal
        self.activations = activations
        self.schedule = schedule
        self.wanted = wanted
        self.labels: torch.Tensor | None = None
        """Classes of the rows of the step under way, where known."""
        self.on_first: Callable[[int], None] | None = None
        """Called once, after the first step, with the number of features of a row."""
        self.n_features = 0
        self.noise = RepeatedEvaluation(model)
        self.headroom = StepHeadroom(model, self.optimizers[0])
        self.forwards = 0
        """Forward passes with gradients since the last step."""
        self._steps = list(steps)
        self._guard = journal.faults.guard
        self._stepped: set[int] = set()
        """Optimisers that have stepped in the step under way."""
        self._is_sampled = False
        self._burst_until = 0
        self._opened = 0
        self._round_of_histograms = -1
        self._block_sums = BlockSums()
        self.step = self._new_step()
        self._backlog = StepBacklog(journal)
        self._passes = ForwardPasses()
        self._known = KnownParameters(model, self.optimizers)
        self._inputs = InputProfile(model, wanted.tokens)
        self._evaluation_seen = False
        self._handles: list[Any] = []
        self._unzeroed = UnzeroedGradient(self.optimizers[0], self._guard)
        self._outer: nn.Module = model
        self._output_handle: Any = None

    def attach(self, outer: nn.Module) -> None:
        """Put the lasting hooks in place: one on the net, two on each optimiser. `outer` is what the loop calls."""
        self._handles.append(outer.register_forward_pre_hook(Hook(self._on_forward), with_kwargs=True))
        self._outer = outer
        for i, optimizer in enumerate(self.optimizers):
            self._handles.append(optimizer.register_step_pre_hook(Hook(functools.partial(self._before, i))))
            self._handles.append(optimizer.register_step_post_hook(Hook(functools.partial(self._after, i))))
        self.journal.before_close.append(self._close_passes)
        self._prepare_step()

    def detach(self) -> None:
        """Take every hook away."""
        if self._stepped or (self._is_sampled and self.step.numbers.groups):
            self._guard("tensors", self._finish)
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self._remove_hooks()

    def _prepare_step(self) -> None:
        """Decide on the next step, before its forward pass."""
        if self.journal.n_opened > self._opened:
            self._opened = self.journal.n_opened
            self._burst_until = self.journal.n_steps + self.schedule.burst
        was_sampled, self._is_sampled = self._is_sampled, self.schedule.samples(self.journal.n_steps, self._burst_until)
        if not self._is_sampled:
            if was_sampled:
                self._remove_hooks()
            return
        self.step = self._new_step()
        self._unzeroed.add_hooks(self.step.numbers)
        self.activations.device_numbers = self.step.device_numbers
        self.activations.whole = self.wanted.whole
        self.activations.wants_histograms = (
            self.wanted.histograms and self._round_of_histograms != self.journal.round_index
        )
        if self._outer is self.model:  # hooks inside a compiled net are not called: the net is run beside
            self.activations.add_hooks()
        self._watch_output(is_wanted=self._is_early or self.activations.wants_histograms)

    def _watch_output(self, *, is_wanted: bool) -> None:
        if self._output_handle is not None and not is_wanted:
            self._output_handle = self._output_handle.remove()
        elif is_wanted and self._output_handle is None:
            self._output_handle = self._outer.register_forward_hook(Hook(self._on_output))

    def _new_step(self) -> SampledStep:
        self._block_sums.clear()
        return SampledStep(StepNumbers(DeviceNumbers(self._block_sums)))

    def _remove_hooks(self) -> None:
        self.activations.remove_hooks()
        self._unzeroed.remove_hooks()
        self._watch_output(is_wanted=False)

    @property
    def _is_early(self) -> bool:
        """Of the first steps: input and output are measured in each, later once a round or not at all."""
        return self.journal.n_steps < OPENING

    @property
    def is_sampled(self) -> bool:
        """Whether the step under way is sampled."""
        return self._is_sampled

    def _on_forward(self, module: nn.Module, inputs: Any, named: Any) -> None:
        if self.noise.is_running or self.headroom.is_running or self.activations.is_paused:
            return
        has_gradients = torch.is_grad_enabled()
        n = 0 if has_gradients else n_rows(inputs, named)
        self._passes.add(has_gradients=has_gradients, is_training=module.training, n_rows=n)
        if has_gradients:
            self.forwards += 1
            self._on_training_forward(inputs, named)
            return
        if self.noise.is_wanted and not module.training:
            self._guard("activations", self._add_noise, inputs, named)
        if not self._evaluation_seen:
            self._evaluation_seen = True
            self._guard("activations", self._evaluation_input, (inputs, named))

    def _on_training_forward(self, inputs: Any, named: Any) -> None:
        if not self._is_sampled or self.step.has_input:
            return
        self.step.has_input = True
        if self._is_early or self.activations.wants_histograms:
            self._guard("activations", self._add_input, (inputs, named))
        if self._is_early or self.activations.wants_histograms or self._inputs.needs_more:
            self._guard("inputs", self._inputs.add_batch, self.step.device_numbers, (inputs, named))
        if self._outer is not self.model:
            self._guard("activations", self._look_beside, inputs, named)

    @torch.no_grad()
    def _look_beside(self, inputs: Any, named: Any) -> None:
        """Run the uncompiled net on the same batch, once a sampled step."""
        self.activations.add_hooks()
        self.activations.is_probing = True
        try:
            untraced_forward(self.model, inputs, named)
        finally:
            self.activations.is_probing = False
            self.activations.remove_hooks()

    def _add_noise(self, inputs: Any, named: Any) -> None:
        self._add_comparisons(self.noise.measure(inputs, named))

    def compare_rows(self, inputs: Any, named: Any) -> None:
        """Evaluate some rows twice, and half of them alone, in evaluation mode."""
        with in_eval_mode(self.model):
            self._add_comparisons(self.noise.compare(inputs, named))

    def _add_comparisons(self, numbers: StepNumbers) -> None:
        if numbers.single:
            self._backlog.add(self.journal.n_steps, numbers, OutputNumbers({}, numbers), [])

    def _on_output(self, module: nn.Module, inputs: Any, output: Any) -> None:  # noqa: ARG002 - a hook
        if torch.is_grad_enabled() and not self.activations.is_paused:
            self._guard("activations", self.step.add_output, output)

    def _evaluation_input(self, inputs: Any) -> None:
        step_numbers = StepNumbers()
        add_tensor(step_numbers, INPUT, "evaluation", self._inputs.amounts(inputs))
        self._backlog.add(
            self.journal.n_steps, step_numbers, OutputNumbers({}, step_numbers), step_numbers.device_numbers.fetch()
        )

    def _before(self, i: int, optimizer: torch.optim.Optimizer, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if i in self._stepped:  # the slower ones of several optimisers did not step this time
            self._guard("tensors", self._finish)
        if self.journal.is_due and not self._stepped:
            self._guard("rounds", self.journal.begin_step)
        if not self._is_sampled:
            return None
        self._guard("headroom", self.headroom.before, self.journal.n_steps)
        look = functools.partial(self._guard, "tensors", self._steps[i].before, optimizer, self.step.numbers)
        return before_update(args, named, look)

    def _after(self, i: int, *_: Any) -> None:
        if self._is_sampled:
            self._guard("tensors", self._steps[i].after, self.step.numbers)
            self._guard("headroom", self.headroom.after, self.step.numbers)
        self._stepped.add(i)
        if len(self._stepped) == len(self.optimizers):
            self._guard("tensors", self._finish)

    def _finish(self) -> None:
        """Fetch the numbers once all optimisers have stepped, count the step, decide on the next."""
        step = self.journal.n_steps
        if self._is_sampled:
            self._guard("tensors", self._record, step)
        if not self.forwards:
            self.journal.note("activations", UNSEEN)
        if self.on_first is not None:
            on_first, self.on_first = self.on_first, None
            self._guard("tensors", self._backlog.record_all)
            self._guard("net", on_first, self.n_features)
        self._stepped.clear()
        self.forwards = 0
        self.labels = None
        groups = self.optimizers[0].param_groups
        self.journal.end_step(float(groups[0].get("lr", _NAN)) if groups else _NAN)
        self._prepare_step()

    def forwarded(self, inputs: tuple[Any, ...]) -> None:
        """Count a forward pass that called the net's parts one by one, and never the net itself."""
        if self._outer is self.model:
            self._on_forward(self.model, inputs, {})

    def _close_passes(self) -> None:
        """Record how the passes of the round were made."""
        passes, self._passes, self._evaluation_seen = self._passes, ForwardPasses(), False
        self._guard("inputs", self._inputs.record, self.journal)
        values = passes.values()
        if values:
            row = np.fromiter(values.values(), dtype=np.float64)
            self.journal.tensors(max(self.journal.n_steps - 1, 0), tuple(values), row)

    def _record(self, step: int) -> None:
        now = self.step
        seen = self.activations.take()
        for name, one in seen.items():
            if one.whole is not None:
                now.whole[name] = one.whole
            if one.histogram_sample is not None:
                now.add_histogram(name, ACTIVATION, one.histogram_sample)
        outputs = OutputNumbers(seen, now.numbers)
        learning_rates(self.optimizers, now.numbers)
        self._known.look(self.journal.note)
        if self.activations.wants_histograms:
            self._round_of_histograms = self.journal.round_index
            self._add_histograms()
        numbers = now.numbers.device_numbers.fetch()
        self._guard("inputs", self._inputs.update, numbers)
        self._backlog.add(step, now.numbers, outputs, numbers)
        for layer, kind, at in now.histograms:
            self.journal.histogram(
                layer, kind, log2_histogram(numbers[at], step=step, round_index=self.journal.round_index)
            )
        for whole in now.whole_tensors(self.labels, self.wanted.whole, step=step, round_index=self.journal.round_index):
            self.journal.whole(whole)

    def _add_histograms(self) -> None:
        for one in self._steps:
            for name, kind, tensor in one.tensors():
                self.step.add_histogram_of(name, kind, tensor)

    def _add_input(self, inputs: Any) -> None:
        tensor = first_tensor(inputs)
        if tensor is not None and tensor.numel() and tensor.dim() > 1:
            self.n_features = tensor[0].numel()
        self.step.add_tensor(INPUT, "", self._inputs.amounts(inputs))
