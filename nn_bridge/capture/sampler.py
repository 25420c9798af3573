"""Sampler: what one training gives away, step by step. It stands between the hooks and the journal, and never raises.

A step is sampled or not before its forward pass. While it is, the taps are on; at its end all numbers are fetched with
one copy, and turned into statistics.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from nn_bridge.capture.activations import ForwardTap
from nn_bridge.capture.forward_passes import Passes
from nn_bridge.capture.input_profile import Inputs
from nn_bridge.capture.module_hooks import Hook, before_update
from nn_bridge.capture.optimizer_steps import Held, StepTap, learning_rates
from nn_bridge.capture.output_numbers import Outputs, on_cpu
from nn_bridge.capture.step_backlog import Backlog
from nn_bridge.capture.untraced_forward import quiet_forward
from nn_bridge.capture.unzeroed_gradient import CarriedGradient
from nn_bridge.model.modules import first_tensor
from nn_bridge.record.run_writer import Journal
from nn_bridge.record.sampling_schedule import OPENING, Schedule, Wanted
from nn_bridge.record.tensor_streams import ACTIVATION, CUSTOM, INPUT, LOSS, OUTPUT, TensorKey
from nn_bridge.record.whole_tensors import WholeTensor
from nn_bridge.statistics.block_sums import Sheet
from nn_bridge.statistics.joined_tensors import join
from nn_bridge.statistics.log2_histogram import octaves, thinned
from nn_bridge.statistics.step_numbers import Gathered, Taken

_VECTOR = 2
_UNSEEN = (
    "a step without a forward pass of the model was seen: where its parts are called one by one (a generator, then a "
    "discriminator), say recorder.forwarded(x) with their input; where the model was compiled after the recorder was "
    "made, or in place, its activations are not recorded (pass what torch.compile returns)"
)
LOSS_KEY = TensorKey("", LOSS, "value")
_NAN = float("nan")


@dataclass
class _Step:
    """What the sampled step under way has given so far."""

    taken: Taken
    octaves: list[tuple[str, str, int]] = field(default_factory=list)
    whole: dict[str, torch.Tensor] = field(default_factory=dict)
    has_input: bool = False


class Sampler:
    """Watches `model` while `optimizers` train it, by hooks that can be taken away again."""

    def __init__(  # noqa: PLR0913 - what it stands between
        self,
        model: nn.Module,
        optimizers: Sequence[torch.optim.Optimizer],
        journal: Journal,
        *,
        tap: ForwardTap,
        steps: Sequence[StepTap],
        schedule: Schedule,
        wanted: Wanted,
    ) -> None:
        self.model = model
        self.optimizers = list(optimizers)
        self.journal = journal
        self.tap = tap
        self.schedule = schedule
        self.wanted = wanted
        self.labels: torch.Tensor | None = None
        """Classes of the rows of the step under way, where known."""
        self.on_first: Callable[[int], None] | None = None
        """Called once, after the first step, with the number of features of a row."""
        self.n_features = 0
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
        self._sheet = Sheet()
        self._step = self._new_step()
        self._backlog = Backlog(journal)
        self._passes = Passes()
        self._known = Held(model, self.optimizers)
        self._inputs = Inputs(model, wanted.tokens)
        self._evaluation_seen = False
        self._handles: list[Any] = []
        self._carried = CarriedGradient(self.optimizers[0], self._guard)
        self._outer: nn.Module = model
        self._output_handle: Any = None

    # -- hooks -----------------------------------------------------------------------------------------------------

    def attach(self, outer: nn.Module) -> None:
        """Put the lasting hooks in place: one on the net, two on each optimiser. `outer` is what the loop calls."""
        self._handles.append(outer.register_forward_pre_hook(Hook(self._on_forward), with_kwargs=True))
        self._outer = outer
        for i, optimizer in enumerate(self.optimizers):
            self._handles.append(optimizer.register_step_pre_hook(Hook(functools.partial(self._before, i))))
            self._handles.append(optimizer.register_step_post_hook(Hook(functools.partial(self._after, i))))
        self.journal.before_close.append(self._close_passes)
        self._arm()

    def detach(self) -> None:
        """Take every hook away."""
        if self._stepped or (self._is_sampled and self._step.taken.groups):
            self._guard("tensors", self._finish)
        for handle in self._handles:
            handle.remove()
        self._handles = []
        self._disarm()

    def _arm(self) -> None:
        """Decide on the next step, before its forward pass."""
        if self.journal.n_opened > self._opened:
            self._opened = self.journal.n_opened
            self._burst_until = self.journal.n_steps + self.schedule.burst
        was_sampled, self._is_sampled = self._is_sampled, self.schedule.samples(self.journal.n_steps, self._burst_until)
        if not self._is_sampled:
            if was_sampled:
                self._disarm()
            return
        if not self._is_early and self._output_handle is not None:
            self._output_handle.remove()
            self._output_handle = None
        self._step = self._new_step()
        self._carried.arm(self._step.taken)
        self.tap.gathered = self._step.taken.gathered
        self.tap.whole = self.wanted.whole
        self.tap.wants_octaves = self.wanted.histograms and self._round_of_histograms != self.journal.round_index
        if self._outer is self.model:  # hooks inside a compiled net are not called: it is looked at beside
            self.tap.arm()
        if self._output_handle is None and self._is_early:
            self._output_handle = self._outer.register_forward_hook(Hook(self._on_output))

    def _new_step(self) -> _Step:
        self._sheet.clear()
        return _Step(Taken(Gathered(self._sheet)))

    def _disarm(self) -> None:
        self.tap.disarm()
        self._carried.disarm()
        if self._output_handle is not None:
            self._output_handle.remove()
            self._output_handle = None

    @property
    def _is_early(self) -> bool:
        """Of the first steps: input and output are looked at in each, later once a round or not at all."""
        return self.journal.n_steps < OPENING

    @property
    def is_sampled(self) -> bool:
        """Whether the step under way is sampled."""
        return self._is_sampled

    # -- what the hooks tell ---------------------------------------------------------------------------------------

    def _on_forward(self, module: nn.Module, inputs: Any, named: Any) -> None:
        has_gradients = torch.is_grad_enabled()
        passes = self._passes
        if has_gradients:
            self.forwards += 1
            passes.training += 1
            if not module.training:
                passes.training_in_eval_mode += 1
            if self._is_sampled and not self._step.has_input:
                self._step.has_input = True
                if self._is_early or self.tap.wants_octaves:
                    self._guard("activations", self._add, INPUT, "", (inputs, named))
                if self._is_early or self.tap.wants_octaves or self._inputs.wants:
                    self._guard("inputs", self._inputs.keep, self._step.taken.gathered, (inputs, named))
                if self._outer is not self.model:
                    self._guard("activations", self._look_beside, inputs, named)
            return
        passes.evaluation += 1
        passes.evaluation_in_train_mode += module.training
        if not self._evaluation_seen:
            self._evaluation_seen = True
            self._guard("activations", self._evaluation_input, (inputs, named))

    @torch.no_grad()
    def _look_beside(self, inputs: Any, named: Any) -> None:
        """Once a sampled step, the uncompiled net on the same batch."""
        self.tap.arm()
        self.tap.is_probing = True
        try:
            quiet_forward(self.model, inputs, named)
        finally:
            self.tap.is_probing = False
            self.tap.disarm()

    def _on_output(self, module: nn.Module, inputs: Any, output: Any) -> None:  # noqa: ARG002 - a hook
        if torch.is_grad_enabled():
            self._guard("activations", self._look_at_output, output)

    def _look_at_output(self, output: Any) -> None:
        """What the loss is given, as a rule: whether its rows look like probabilities."""
        scores = first_tensor(output)
        if scores is not None and scores.dim() == _VECTOR and scores.shape[1] > 1:
            rows = scores.detach().float()
            self.single(TensorKey("", OUTPUT, "row_sum_deviation"), (rows.sum(dim=1) - 1.0).abs().mean())
            self.single(TensorKey("", OUTPUT, "row_min"), rows.min())

    def _evaluation_input(self, inputs: Any) -> None:
        taken = Taken()
        self._sum(taken, INPUT, "evaluation", inputs)
        self._backlog.add(self.journal.n_steps, taken, Outputs({}, taken), taken.gathered.fetch())

    def _before(self, i: int, optimizer: torch.optim.Optimizer, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if i in self._stepped:  # the slower ones of several optimisers did not step this time
            self._guard("tensors", self._finish)
        if self.journal.is_due and not self._stepped:
            self._guard("rounds", self.journal.begin_step)
        if not self._is_sampled:
            return None
        look = functools.partial(self._guard, "tensors", self._steps[i].before, optimizer, self._step.taken)
        return before_update(args, named, look)

    def _after(self, i: int, *_: Any) -> None:
        if self._is_sampled:
            self._guard("tensors", self._steps[i].after, self._step.taken)
        self._stepped.add(i)
        if len(self._stepped) == len(self.optimizers):
            self._guard("tensors", self._finish)

    # -- the end of a step -----------------------------------------------------------------------------------------

    def _finish(self) -> None:
        """All optimisers have stepped: fetch the numbers, count the step, decide on the next."""
        step = self.journal.n_steps
        if self._is_sampled:
            self._guard("tensors", self._record, step)
        if not self.forwards:
            self.journal.note("activations", _UNSEEN)
        if self.on_first is not None:
            on_first, self.on_first = self.on_first, None
            self._guard("tensors", self._backlog.settle)
            self._guard("net", on_first, self.n_features)
        self._stepped.clear()
        self.forwards = 0
        self.labels = None
        groups = self.optimizers[0].param_groups
        self.journal.end_step(float(groups[0].get("lr", _NAN)) if groups else _NAN)
        self._arm()

    def forwarded(self, inputs: tuple[Any, ...]) -> None:
        """The net's parts were called one by one, and it was not called itself."""
        if self._outer is self.model:
            self._on_forward(self.model, inputs, {})

    def close_round(self) -> None:
        """End the round under way, if it is due: somebody wants to read the run."""
        self.journal.begin_step()

    def _close_passes(self) -> None:
        """A round ends: how its passes were made."""
        passes, self._passes, self._evaluation_seen = self._passes, Passes(), False
        self._guard("inputs", self._inputs.tell, self.journal)
        values = passes.values()
        if values:
            row = np.fromiter(values.values(), dtype=np.float64)
            self.journal.tensors(max(self.journal.n_steps - 1, 0), tuple(values), row)

    def _record(self, step: int) -> None:
        now = self._step
        seen = self.tap.take()
        for name, one in seen.items():
            if one.whole is not None:
                now.whole[name] = one.whole
            if one.thinned is not None:
                now.octaves.append((name, ACTIVATION, now.taken.gathered.add(one.thinned)))
        outputs = Outputs(seen, now.taken)
        learning_rates(self.optimizers, now.taken)
        self._known.look(self.journal.note)
        if self.tap.wants_octaves:
            self._round_of_histograms = self.journal.round_index
            self._gather_octaves()
        numbers = now.taken.gathered.fetch()
        self._guard("inputs", self._inputs.settle, numbers)
        self._backlog.add(step, now.taken, outputs, numbers)
        for layer, kind, at in now.octaves:
            self.journal.histogram(layer, kind, octaves(numbers[at], step=step, round_index=self.journal.round_index))
        self._keep_whole(step)

    def _gather_octaves(self) -> None:
        for tap in self._steps:
            for name, kind, tensor in tap.tensors():
                self._step.octaves.append((name, kind, self._step.taken.gathered.add(thinned(tensor))))

    def _keep_whole(self, step: int) -> None:
        labels = np.empty(0, dtype=np.int64) if self.labels is None else on_cpu(self.labels).astype(np.int64)
        for name, tensor in self._step.whole.items():
            values = on_cpu(tensor)
            known = labels if len(labels) == values.shape[0] else labels[:0]
            kind = CUSTOM if name not in self.wanted.whole else ACTIVATION
            self.journal.whole(WholeTensor(name, kind, step, self.journal.round_index, values, known))

    # -- what the user tells ---------------------------------------------------------------------------------------

    def custom(self, name: str, tensor: torch.Tensor, *, whole: bool) -> None:
        """A tensor of the step under way."""
        self._add(CUSTOM, name, tensor)
        if whole:
            self._step.whole[name] = tensor.detach().clone()

    def single(self, key: TensorKey, value: torch.Tensor | float) -> None:
        """A number of the step under way."""
        self._step.taken.add_single(key, value)

    def _add(self, kind: str, name: str, value: Any) -> None:
        self._sum(self._step.taken, kind, name, value)

    def _sum(self, taken: Taken, kind: str, name: str, value: Any) -> None:
        tensor = first_tensor(value)
        if tensor is not None and tensor.numel():
            if kind == INPUT and tensor.dim() > 1:
                self.n_features = tensor[0].numel()
            taken.add(kind, (name,), join([tensor]), [tensor.numel()])
