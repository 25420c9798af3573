"""What is wrong with a network before its first step: initial weights, layers, loss, inputs, optimisers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from nn_bridge.capture.untraced_forward import same_random_numbers, same_state
from nn_bridge.model.modules import unwrapped
from nn_bridge.model.unsupported import described
from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.tensor_streams import TensorLog
from nn_bridge.recorders.torch import TorchRecorder
from treedebug.core.data.data_sets import DataSets
from treedebug.core.errors import ConfigError
from treedebug.core.report import CheckReport
from treedebug.engine.config import Config, settle
from treedebug.engine.evaluate import evaluate
from treedebug.engine.plan import make_plan
from treedebug.engine.resolve import reads
from treedebug.engine.rule import Rule
from treedebug.engine.rule_selection import chosen_rules


def check(  # noqa: PLR0913 - a net, its loss, and the rules
    model: nn.Module,
    optimizer: torch.optim.Optimizer | Sequence[torch.optim.Optimizer],
    loss: Callable[[], torch.Tensor],
    *,
    tokens: Sequence[int] | None = None,
    rules: Sequence[Rule | type[Rule]] = (),
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    config: Config | None = None,
) -> CheckReport:
    """Judge a net before it is trained, by one batch that goes through it and no step.

        nn_bridge.check(model, optimizer, lambda: criterion(model(x), y))

    `loss` takes nothing and returns the loss of a batch, as the function that `optimizer.step` takes, without
    `backward()`. Finds units that start equal, weights and outputs of the wrong scale, a loss that is given what it
    is not made for, a missing activation, unscaled inputs and targets, shapes that do not fit, rows that influence
    each other, noise in evaluation, and parameters that no optimiser holds. Weights, gradients, buffers and random
    numbers are afterwards as they were. `tokens` is as that of `TorchRecorder`; `config`, `select`,
    `ignore` and `rules` are as those of `treedebug.check`.

    Raise ConfigError for what `TorchRecorder` refuses, for a lazy model without shapes, and for a loss that is not
    a number with a graph; NotRecordedError on a process that records nothing; and whatever `loss` raises.
    """
    if not callable(loss):
        raise ConfigError(
            f"loss= takes a function that returns the loss of a batch, such as lambda: criterion(model(x), y); "
            f"got {described(loss)}"
        )
    chosen = chosen_rules(settle(config, select=select, ignore=ignore), rules)
    recorder = TorchRecorder(model, optimizer, tokens=tokens, config=Config(select=()), quiet=True)
    net = unwrapped(model)
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in net.parameters()):
        recorder.close()
        raise ConfigError("the model has lazy layers without shapes: call it on one batch first, then check it")
    with recorder, same_state(net), same_random_numbers(net):
        value, given = _with_inputs(net, loss)
        _check_loss(value)
        recorder.log("train", loss=value)
        if given is not None:
            recorder.compare_rows(*given)
    run = recorder.run
    known = [s for s in (NetFacts, TensorLog, DataSets) if run.data.stream(s) is not None]
    verdict = evaluate(run.data.at(run.n_rounds), [r for r in chosen if any(reads(r.check, s) for s in known)])
    return CheckReport(
        source=f"{type(net).__name__} before the first step",
        kind="network",
        facts=_facts(run.facts),
        verdict=replace(verdict, n_rounds=0),
        notes=tuple(n.message for n in run.notes if n.topic != "steps"),  # none was to be made
        plan=make_plan(verdict.findings, run.header),
    )


def _with_inputs(net: nn.Module, loss: Callable[[], torch.Tensor]) -> tuple[Any, tuple[Any, Any] | None]:
    """Compute the loss; return it with the arguments of the net's only call, None where it was not called once."""
    calls: list[tuple[Any, Any]] = []
    handle = net.register_forward_pre_hook(lambda _, args, kwargs: calls.append((args, kwargs)), with_kwargs=True)
    try:
        value = loss()
    finally:
        handle.remove()
    return value, calls[0] if len(calls) == 1 else None


def _check_loss(value: Any) -> None:
    if not isinstance(value, torch.Tensor) or value.numel() != 1:
        came = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else described(value)
        raise ConfigError(f"loss= must return the loss as a tensor of one number; it returned {came}")
    if value.grad_fn is None:
        raise ConfigError(
            "loss= returned a number without a graph: leave out torch.no_grad(), .detach() and .item(), and do not "
            "call backward()"
        )


def _facts(facts: NetFacts) -> dict[str, Any]:
    return {
        "n_parameters": sum(p.n for p in facts.params),
        "n_layers": sum(x.is_weighted for x in facts.layers),
        "loss": facts.loss.function,
        "first_loss": facts.loss.first,
        "n_classes": facts.loss.n_classes,
    }
