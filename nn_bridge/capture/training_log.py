"""TrainingLog: the metrics of training steps, and what the graph of a logged loss says of labels and predictions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from nn_bridge.capture.batch_counts import BatchCounts
from nn_bridge.capture.batch_labels import label_entropy
from nn_bridge.capture.describer import Describer, are_classes
from nn_bridge.capture.pending_numbers import PendingNumbers
from nn_bridge.capture.sampler import LOSS_KEY, Sampler
from nn_bridge.model.loss_graph import loss_function
from nn_bridge.record.run_writer import Journal
from nn_bridge.record.sampling_schedule import is_counted_step
from nn_bridge.record.tensor_streams import LABELS, TensorKey

_ENTROPY = TensorKey("", LABELS, "entropy")


class TrainingLog:
    """Takes what is logged on training data; never raises."""

    def __init__(self, journal: Journal, sampler: Sampler, describer: Describer) -> None:
        self._journal = journal
        self._guard = journal.faults.guard
        self._sampler = sampler
        self._describer = describer
        self._batch_counts = BatchCounts(journal)
        self.pending = PendingNumbers(journal)

    def add(self, dataset: str, metrics: Mapping[str, Any]) -> None:
        """Take the metrics of a step."""
        journal, sampler = self._journal, self._sampler
        if journal.is_due and sampler.forwards:  # of the step under way, and not a word on the epoch that is over
            self._guard("rounds", journal.begin_step)
        is_counted = is_counted_step(journal.n_steps, journal.n_steps_before)
        is_read = is_counted or sampler.is_sampled or not self._describer.knows_loss
        for name, value in metrics.items():
            if name == "loss" and sampler.is_sampled:
                self._guard("tensors", sampler.step.numbers.add_single, LOSS_KEY, value)
            if isinstance(value, torch.Tensor):
                if is_read and value.grad_fn is not None:
                    self._guard("net", self._read_graph, value, is_counted=is_counted)
                self._guard("rounds", self.pending.keep, dataset, name, value)
            else:
                self._guard("rounds", journal.training, dataset, name, float(value))

    def _read_graph(self, loss: torch.Tensor, *, is_counted: bool) -> None:
        """Read labels and predictions: of every few steps on a CPU, else of sampled ones, which wait for all anyway."""
        is_sampled = self._sampler.is_sampled
        is_counted = is_counted if loss.device.type == "cpu" else is_sampled
        is_first = not self._describer.knows_loss
        batch = self._describer.look(loss, is_wanted=is_counted or is_sampled)
        if is_first:
            self._sampler.noise.is_wanted = self._describer.has_functional_dropout
        if batch is None or not are_classes(loss_function(loss), *batch):
            return
        scores, targets = batch
        if targets.dim() == 1:
            self._sampler.labels = targets.detach()
        if is_counted:
            self._batch_counts.add(scores, targets)
            if not self._journal.n_steps:  # the first: then the facts of the net are completed
                self._batch_counts.count_waiting()
                self._describer.n_classes = max(self._describer.n_classes, self._batch_counts.n_classes)
        if is_sampled:
            self._sampler.step.numbers.add_single(_ENTROPY, label_entropy(targets))
