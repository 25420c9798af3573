"""From what was seen of the modules' outputs to the numbers of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nn_bridge.capture.activations import LayerOutputs
from nn_bridge.record.tensor_streams import ACTIVATION, TensorKey
from nn_bridge.statistics.array_view import array_view
from nn_bridge.statistics.step_numbers import Group, StepNumbers


class OutputNumbers:
    """The modules seen in a step: put among the numbers to be fetched, and read from them."""

    def __init__(self, seen: Mapping[str, LayerOutputs], step_numbers: StepNumbers) -> None:
        seen = {name: one for name, one in seen.items() if one.place is not None}  # the rest could not be measured
        self._sizes = {name: one.saturated_size for name, one in seen.items() if one.saturated}
        add = step_numbers.device_numbers.add
        self._saturated = {name: [add(s) for s in one.saturated] for name, one in seen.items() if one.saturated}
        self._largest: dict[str, list[Any]] = {
            name: [x if x.device.type == "cpu" else add(x) for x in one.largest]
            for name, one in seen.items()
            if one.largest
        }
        """By layer, each call's: a tensor, or its place among the device numbers."""
        for name, one in seen.items():
            if one.row_spread is not None:
                step_numbers.add_single(TensorKey(name, ACTIVATION, "row_std"), one.row_spread[0])
                step_numbers.add_single(TensorKey(name, ACTIVATION, "row_share"), one.row_spread[1])
        if seen:
            sizes = [one.size for one in seen.values()]
            places = [one.place for one in seen.values() if one.place is not None]
            step_numbers.groups.append(Group(ACTIVATION, tuple(seen), places, sizes, sizes))

    def read(self, step_numbers: StepNumbers, numbers: Sequence[Any]) -> dict[str, NDArray[np.bool_]]:
        """Add the modules' shares to the step's numbers; return the silent units of rectifiers."""
        for name, places in self._saturated.items():
            share = sum(float(numbers[i][0]) for i in places) / max(self._sizes[name], 1)
            step_numbers.add_single(TensorKey(name, ACTIVATION, "saturated_share"), share)
        silent: dict[str, NDArray[np.bool_]] = {}
        for name, largest in self._largest.items():
            calls = [np.asarray(numbers[x] if isinstance(x, int) else x) <= 0 for x in largest]
            if len({len(c) for c in calls}) == 1:
                mask = calls[0] if len(calls) == 1 else np.logical_and.reduce(calls)
                silent[name] = mask
                step_numbers.add_single(TensorKey(name, ACTIVATION, "silent_share"), np.count_nonzero(mask) / len(mask))
        return silent


def on_cpu(value: torch.Tensor) -> Any:
    """Return a tensor as numpy, half precision as float32."""
    held = value.detach()
    return array_view((held.float() if held.dtype in (torch.bfloat16, torch.float16) else held).cpu())
