"""What one optimiser sees and does in a step: final gradients before it, weights before and after.

Read in its step hooks, so once a step whatever the number of micro-batches, after clipping and unscaling. Fused
optimisers are handed scaled gradients and the scale: these are divided. Nothing is changed, and no gradient is kept.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

from nn_bridge.record.tensor_streams import GRADIENT, OPTIMIZER, UPDATE, WEIGHT, TensorKey
from nn_bridge.statistics.joined_tensors import Joined, Parameters, join
from nn_bridge.statistics.step_numbers import Group, StepNumbers

Note = Callable[[str, str], None]


class _Group:
    """Parameters that can be joined: one device and one width of numbers."""

    def __init__(self, params: Mapping[str, torch.nn.Parameter]) -> None:
        self.names = tuple(params)
        self.params = list(params.values())
        self.joint = Parameters(self.params)


class OptimizerStep:
    """The tensors of one optimiser (`params`, by name); `before` and `after` are called around its step."""

    def __init__(self, params: Mapping[str, torch.nn.Parameter], note: Note) -> None:
        self._params = dict(params)
        self._note = note
        self._ready: list[_Group] | None = None
        self._kept: list[Any] = []
        """The weights before the step, by group."""
        self._counts: dict[tuple[str, ...], tuple[int, ...]] = {}

    def before(self, optimizer: torch.optim.Optimizer, step_numbers: StepNumbers) -> None:
        """Read weights and gradients as the optimiser is about to use them."""
        if self._kept:  # a step that raised is made again
            step_numbers.groups[:] = [g for g in step_numbers.groups if not self._is_own(g)]
        self._kept = []
        for group in self._groups():
            weights = group.joint.now()
            self._kept.append(weights.copied())
            self._add(step_numbers, WEIGHT, group.names, weights)
        scale, found_inf = getattr(optimizer, "grad_scale", None), getattr(optimizer, "found_inf", None)
        for names, grads in self._gradients():
            gradients = join(grads)
            self._add(
                step_numbers,
                GRADIENT,
                names,
                gradients.divided(scale) if isinstance(scale, torch.Tensor) else gradients,
            )
        if isinstance(found_inf, torch.Tensor):
            step_numbers.add_single(TensorKey("", OPTIMIZER, "skipped"), found_inf)

    def after(self, step_numbers: StepNumbers) -> None:
        """Read how far the step has moved each parameter."""
        held, self._kept = self._kept, []
        for kept, group in zip(held, self._groups(), strict=True):
            self._add(step_numbers, UPDATE, group.names, group.joint.now().minus(kept))

    def tensors(self) -> Iterator[tuple[str, str, torch.Tensor]]:
        """Yield (name, kind, tensor) of the weights and gradients as they are now; for histograms."""
        for group in self._groups():
            for name, param in zip(group.names, group.params, strict=True):
                yield name, WEIGHT, param
        for names, grads in self._gradients():
            for name, grad in zip(names, grads, strict=True):
                yield name, GRADIENT, grad

    def _is_own(self, group: Group) -> bool:
        return group.kind in (WEIGHT, GRADIENT) and self._params.keys() >= set(group.names)

    def _add(self, numbers: StepNumbers, kind: str, names: tuple[str, ...], tensors: Joined) -> None:
        counts = self._counts.get(names)
        if counts is None:
            counts = self._counts[names] = tuple(self._params[n].numel() for n in names)
        numbers.add(kind, names, tensors, counts)

    def _groups(self) -> list[_Group]:
        """Return the groups, found once, when all parameters have shapes."""
        if self._ready is None:
            measurable = {n: p for n, p in self._params.items() if self._is_measurable(n, p)}
            self._ready = [_Group({n: measurable[n] for n in names}) for names, _ in _joinable(measurable)]
        return self._ready

    def _gradients(self) -> list[tuple[tuple[str, ...], list[torch.Tensor]]]:
        groups = self._groups()
        if len(groups) == 1:  # the common case, at every sampled step: all of one kind, and all there
            group = groups[0]
            grads = [g for p in group.params if (g := p.grad) is not None and g.dtype == p.dtype]
            if len(grads) == len(group.params):
                return [(group.names, grads)]
        found = {n: p.grad for group in groups for n, p in zip(group.names, group.params, strict=True)}
        return _joinable({n: g for n, g in found.items() if g is not None and self._is_measurable(n, g)})

    def _is_measurable(self, name: str, tensor: torch.Tensor) -> bool:
        if isinstance(tensor, torch.nn.parameter.UninitializedParameter) or not tensor.numel():
            return False
        if hasattr(tensor, "full_tensor"):
            self._note("tensors", f"{name} is spread over processes (FSDP): its statistics are not recorded")
            return False
        if not tensor.is_floating_point() or tensor.device.type == "meta":
            self._note(
                "tensors",
                f"{name} holds no floating-point numbers ({tensor.dtype}, {tensor.device.type}): it is not recorded",
            )
            return False
        return True


def _joinable(tensors: Mapping[str, torch.Tensor]) -> list[tuple[tuple[str, ...], list[Any]]]:
    groups: dict[tuple[torch.device, bool], dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        groups.setdefault((tensor.device, tensor.dtype == torch.float64), {})[name] = tensor
    return [(tuple(group), list(group.values())) for group in groups.values()]


def optimizer_steps(
    optimizers: Sequence[torch.optim.Optimizer], params: Mapping[str, torch.nn.Parameter], note: Note
) -> list[OptimizerStep]:
    """Return one for each optimiser, with the parameters it moves; the first also takes those that none holds."""
    held = [{id(p) for group in o.param_groups for p in group["params"]} for o in optimizers]
    nowhere = {n for n, p in params.items() if not any(id(p) in ids for ids in held)}
    return [
        OptimizerStep({n: p for n, p in params.items() if id(p) in ids or (i == 0 and n in nowhere)}, note)
        for i, ids in enumerate(held)
    ]


class KnownParameters:
    """The parameters that are known when the recording begins; those that come later are not recorded."""

    def __init__(self, model: torch.nn.Module, optimizers: Sequence[torch.optim.Optimizer]) -> None:
        self._optimizers = optimizers
        self._known = {id(p): p for p in (*model.parameters(), *self._params())}
        self._n = self._count()

    def look(self, note: Note) -> None:
        """Note, each time, that an optimiser was given further parameters."""
        n = self._count()
        if n == self._n:
            return
        self._n = n
        new = {id(p): p for p in self._params() if id(p) not in self._known}
        self._known |= new
        if new:
            note(
                "tensors",
                f"{len(new)} parameters were added after the recorder was made: they are not recorded "
                "(make the recorder when the net is whole)",
            )

    def _params(self) -> Iterator[torch.nn.Parameter]:
        return (p for o in self._optimizers for group in o.param_groups for p in group["params"])

    def _count(self) -> int:
        return sum([len(group["params"]) for o in self._optimizers for group in o.param_groups])


def learning_rates(optimizers: Sequence[torch.optim.Optimizer], step_numbers: StepNumbers) -> None:
    """Record the learning rate of every group of every optimiser."""
    for i, optimizer in enumerate(optimizers):
        for g, group in enumerate(optimizer.param_groups):
            rate = group.get("lr")
            if rate is not None:
                step_numbers.add_single(_rate_key(g, i if len(optimizers) > 1 else -1), rate)


@functools.cache
def _rate_key(group: int, optimizer: int) -> TensorKey:
    """Return the key of a group's rate; `optimizer` is -1 where there is one only."""
    name = f"group {group}" if optimizer < 0 else f"optimizer {optimizer} group {group}"
    return TensorKey(name, OPTIMIZER, "learning_rate")
