"""SampledStep: everything that is read of one step, until its numbers are fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from nn_bridge.capture.activations import row_spread
from nn_bridge.capture.output_numbers import on_cpu
from nn_bridge.model.modules import first_tensor
from nn_bridge.record.tensor_streams import ACTIVATION, CUSTOM, OUTPUT, TensorKey
from nn_bridge.record.whole_tensors import WholeTensor
from nn_bridge.statistics.joined_tensors import join
from nn_bridge.statistics.log2_histogram import histogram_sample
from nn_bridge.statistics.step_numbers import DeviceNumbers, StepNumbers

_VECTOR = 2
UNSEEN = (
    "a step without a forward pass of the model was seen: where its parts are called one by one (a generator, then a "
    "discriminator), say recorder.forwarded(x) with their input; where the model was compiled after the recorder was "
    "made, or in place, its activations are not recorded (pass what torch.compile returns)"
)


@dataclass
class SampledStep:
    """The step under way, if it is sampled."""

    numbers: StepNumbers
    histograms: list[tuple[str, str, int]] = field(default_factory=list)
    """(layer, kind, place of the entries among the device numbers)."""
    whole: dict[str, torch.Tensor] = field(default_factory=dict)
    has_input: bool = False

    @property
    def device_numbers(self) -> DeviceNumbers:
        """The arrays and sums to be fetched at the end of the step."""
        return self.numbers.device_numbers

    def add_tensor(self, kind: str, name: str, value: Any) -> None:
        """Take the statistics of the first floating-point tensor in a value."""
        add_tensor(self.numbers, kind, name, value)

    def add_custom(self, name: str, tensor: torch.Tensor, *, whole: bool) -> None:
        """Take the statistics of a tensor of the user's, and a copy of it if it is wanted `whole`."""
        self.add_tensor(CUSTOM, name, tensor)
        if whole:
            self.whole[name] = tensor.detach().clone()

    def add_histogram(self, name: str, kind: str, sample: torch.Tensor) -> None:
        """Take entries to be counted."""
        self.histograms.append((name, kind, self.device_numbers.add(sample)))

    def add_histogram_of(self, name: str, kind: str, tensor: torch.Tensor) -> None:
        """Take an even sample of a tensor's entries to be counted."""
        self.add_histogram(name, kind, histogram_sample(tensor))

    def add_output(self, output: Any) -> None:
        """Measure how far rows of what the net returns differ, and whether they look like probabilities."""
        scores = first_tensor(output)
        spread = None if scores is None else row_spread(scores.detach().float())
        if spread is not None:
            self.numbers.add_single(TensorKey("", OUTPUT, "row_std"), spread[0])
            self.numbers.add_single(TensorKey("", OUTPUT, "row_share"), spread[1])
        if scores is not None and scores.dim() == _VECTOR and scores.shape[1] > 1:
            rows = scores.detach().float()
            self.numbers.add_single(TensorKey("", OUTPUT, "row_sum_deviation"), (rows.sum(dim=1) - 1.0).abs().mean())
            self.numbers.add_single(TensorKey("", OUTPUT, "row_min"), rows.min())

    def whole_tensors(
        self, labels: torch.Tensor | None, watched: Collection[str], *, step: int, round_index: int
    ) -> Iterator[WholeTensor]:
        """Yield the tensors to be kept entire, with the classes of their rows where known."""
        classes = np.empty(0, dtype=np.int64) if labels is None else on_cpu(labels).astype(np.int64)
        for name, tensor in self.whole.items():
            values = on_cpu(tensor)
            known = classes if len(classes) == values.shape[0] else classes[:0]
            yield WholeTensor(name, ACTIVATION if name in watched else CUSTOM, step, round_index, values, known)


def add_tensor(numbers: StepNumbers, kind: str, name: str, value: Any) -> None:
    """Take the statistics of the first floating-point tensor in a value, if it has entries."""
    tensor = first_tensor(value)
    if tensor is not None and tensor.numel():
        numbers.add(kind, (name,), join([tensor]), [tensor.numel()])
