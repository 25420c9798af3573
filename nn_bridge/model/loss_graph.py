"""What a loss was made of, read from its autograd graph: the function, labels, and what follows which layer.

The graph is only read. The nodes' saved tensors are there until `backward()`; after it the structure is still known,
the labels are not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn import functional

from nn_bridge.model.loss_input import (
    MAX_NODES,
    children,
    directly_applied,
    error_by_hand,
    node_name,
    nodes_of,
    operation,
)
from nn_bridge.record.network_facts import UNKNOWN

_LOSSES = {
    "NllLossBackward": "nll", "NllLoss2DBackward": "nll", "NllLossNdBackward": "nll",
    "CrossEntropyLossBackward": "cross_entropy",
    "MseLossBackward": "mse", "L1LossBackward": "l1", "SmoothL1LossBackward": "smooth_l1", "HuberLossBackward": "huber",
    "BinaryCrossEntropyBackward": "bce", "BinaryCrossEntropyWithLogitsBackward": "bce_with_logits",
    "KlDivBackward": "kl_div", "SoftMarginLossBackward": "soft_margin", "MultiMarginLossBackward": "multi_margin",
    "CtcLossBackward": "ctc",
}  # fmt: skip
_FUNCTIONS = {
    "Relu": "relu", "Threshold": "relu", "LeakyRelu": "leaky_relu", "Elu": "elu", "Gelu": "gelu", "Silu": "silu",
    "Mish": "mish", "Tanh": "tanh", "Sigmoid": "sigmoid", "Softmax": "softmax", "LogSoftmax": "log_softmax",
    "Softplus": "softplus", "Hardtanh": "hardtanh", "Hardswish": "hardswish", "Hardsigmoid": "hardsigmoid",
    "LogSigmoid": "log_sigmoid", "PreluKernel": "prelu", "Glu": "glu", "Exp": "exp", "Log": "log", "Clamp": "clamp",
    "ClampMin": "clamp", "Max": "max", "Maximum": "max", "Abs": "abs", "Pow": "pow", "Celu": "celu", "Selu": "selu",
    "Sin": "sin", "Cos": "cos", "Rsqrt": "rsqrt", "Sqrt": "sqrt",
}  # fmt: skip
"""Autograd nodes that are functions of one value, without their ending."""
PRODUCTS = frozenset({
    "Addmm", "Mm", "Convolution", "Linear", "MkldnnLinear", "Bmm", "Baddbmm", "Addmv", "Mv", "ScaledDotProduct",
    "MklLinear", "MkldnnConvolution", "ConvolutionOverrideable", "Trilinear",
})  # fmt: skip
_NON_LINEAR = frozenset({
    "MaxPool2DWithIndices", "MaxPool1D", "MaxPool3DWithIndices", "AdaptiveMaxPool2D", "NativeBatchNorm",
    "CudnnBatchNorm",
    "NativeLayerNorm", "NativeGroupNorm", "Mul", "MkldnnRnnLayer", "CudnnRnn",
})  # fmt: skip
"""Neither weights nor functions of one value, but not linear either: two layers around one are not one layer."""
_JOINING = ("Add", "Sub", "Cat", "Stack")
_TARGETS = ("nll", "cross_entropy", "bce", "bce_with_logits", "mse", "l1", "smooth_l1", "huber")
_MEASURES: dict[str, Callable[..., torch.Tensor]] = {
    "cross_entropy": functional.nll_loss, "nll": functional.nll_loss, "bce": functional.binary_cross_entropy,
    "bce_with_logits": functional.binary_cross_entropy_with_logits,
}  # fmt: skip
"""Of cross-entropies: their mean, from scores and targets as the loss's node saved them."""
_TOLERANCE = 1e-3
_IGNORED, _IGNORED_MOST = -100, 2**31


@dataclass
class LossGraph:
    """What the graph shows."""

    function: str = UNKNOWN
    reduction: str = UNKNOWN
    applied: tuple[str, ...] = ()
    """Functions whose result the loss takes as it is, the last one last."""
    last_layers: tuple[str, ...] = ()
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By weighted layer (module name): `activation`, `feeds`, `is_linear_to`."""


_REDUCTIONS = {0: "none", 1: "mean", 2: "sum"}


def loss_node(loss: torch.Tensor) -> Any:
    """Find the node of the loss's own operation, past sums, means, penalties and casts; None if unknown."""
    frontier = [loss.grad_fn]
    for _ in range(64):
        if not frontier:
            return None
        node = frontier.pop(0)
        if node is None:
            continue
        if node_name(node) in _LOSSES:
            return node
        frontier += [n for n, _ in node.next_functions]
    return None


def read_graph(loss: torch.Tensor, names: Mapping[int, str]) -> LossGraph:
    """Walk the graph; `names` maps the id of each weight matrix to its module's name."""
    node = loss_node(loss)
    graph = LossGraph()
    last = ""
    weighted = {n: name for n in nodes_of(loss.grad_fn) if (name := _layer_of(n, names))}
    if node is not None:
        graph.function = _LOSSES[node_name(node)]
        graph.reduction = _REDUCTIONS.get(getattr(node, "_saved_reduction", -1), UNKNOWN)
        top = node.next_functions[0][0]
        if graph.function == "nll" and top is not None and node_name(top) == "LogSoftmaxBackward":
            graph.function, top = "cross_entropy", top.next_functions[0][0]
        passed, ends = _down(top, weighted)
        graph.applied = directly_applied(top, _FUNCTIONS)
        last = next((f for f in reversed(passed) if f != _OTHER), "")
        graph.last_layers = tuple(dict.fromkeys(weighted[e] for e in ends))
    elif (by_hand := error_by_hand(loss)) is not None:
        graph.function, top = by_hand
        graph.applied = directly_applied(top, _FUNCTIONS)
    _relate(graph, weighted, last)
    return graph


def _relate(graph: LossGraph, weighted: Mapping[Any, str], last: str) -> None:
    """Fill in which layer feeds which, and the function on the way."""
    for node, name in weighted.items():
        graph.layers.setdefault(name, {"activation": "", "feeds": [], "is_linear_to": []})
        for child, _ in node.next_functions:
            passed, ends = _down(child, weighted)
            for end in ends:
                below = graph.layers.setdefault(weighted[end], {"activation": "", "feeds": [], "is_linear_to": []})
                functions = [p for p in passed if p != _OTHER]
                below["activation"] = below["activation"] or (functions[-1] if functions else "")
                if name != weighted[end] and name not in below["feeds"]:
                    below["feeds"].append(name)
                    if not passed:
                        below["is_linear_to"].append(name)
    for name in graph.last_layers:
        graph.layers[name]["activation"] = graph.layers[name]["activation"] or last


_OTHER = "other"


def _down(node: Any, weighted: Mapping[Any, str]) -> tuple[list[str], list[Any]]:
    """Walk to the first weighted nodes below a node; return the functions passed, top first, and where it ended."""
    passed: list[str] = []
    ends: list[Any] = []
    frontier, seen = [node], set[Any]()
    while frontier and len(seen) < MAX_NODES:
        at = frontier.pop(0)
        if at is None or at in seen:
            continue
        seen.add(at)
        if at in weighted:
            ends.append(at)
            continue
        name = operation(at)
        if name in _FUNCTIONS:
            passed.append(_FUNCTIONS[name])
        elif name in _NON_LINEAR or "Dropout" in name or _joins(at, name):
            passed.append(_OTHER)
        frontier += [n for n, _ in at.next_functions]
    return passed, ends


def _joins(node: Any, name: str) -> bool:
    """Return whether two branches of the net meet: a shortcut and what it passes by are not one linear layer."""
    return name in _JOINING and sum(not hasattr(child, "variable") for child in children(node)) > 1


def _layer_of(node: Any, names: Mapping[int, str]) -> str:
    """Return the module whose weight matrix this node multiplies with, "" if it does not."""
    if operation(node) not in PRODUCTS:
        return ""
    for child, _ in node.next_functions:
        for _ in range(4):  # the transposition and the cast of a weight stand between
            if child is None:
                break
            variable = getattr(child, "variable", None)
            if variable is not None:
                if id(variable) in names:
                    return names[id(variable)]
                break
            children = child.next_functions
            child = children[0][0] if len(children) == 1 else None  # noqa: PLW2901 - follows the chain
    return ""


def loss_function(loss: torch.Tensor) -> str:
    """Return what the loss's own operation is called; cross-entropy is nll here too."""
    node = loss_node(loss)
    return UNKNOWN if node is None else _LOSSES[node_name(node)]


def ignored_target(loss: torch.Tensor) -> int:
    """Return the class that a cross-entropy leaves out; PyTorch's own default where none is known."""
    found = getattr(loss_node(loss), "_saved_ignore_index", _IGNORED)
    return found if isinstance(found, int) and abs(found) < _IGNORED_MOST else _IGNORED


def is_plain(function: str, loss: torch.Tensor) -> bool:
    """Return whether a loss is the mean cross-entropy of its rows, before `backward()`, and nothing else.

    Class weights, smoothed labels, penalties, several losses in one, or a factor make it another number.
    """
    batch, measure = labels_and_scores(loss), _MEASURES.get(function)
    if batch is None or measure is None:
        return False
    if sum(node_name(node) in _LOSSES for node in nodes_of(loss.grad_fn)) > 1:
        return False
    scores, targets = batch[0].float(), batch[1]
    with contextlib.suppress(RuntimeError, ValueError):  # shapes of another loss
        expected = float(measure(scores, targets.float() if targets.is_floating_point() else targets))
        return abs(float(loss.detach()) - expected) <= _TOLERANCE * abs(expected)
    return False


def labels_and_scores(loss: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Return (scores, targets) that the loss's node saved; None if unknown, or after `backward()`."""
    node = loss_node(loss)
    if node is None or _LOSSES[node_name(node)] not in _TARGETS:
        return None
    with contextlib.suppress(RuntimeError):  # freed
        targets = getattr(node, "_saved_target", None)
        scores = getattr(node, "_saved_self", None)
        if isinstance(targets, torch.Tensor) and isinstance(scores, torch.Tensor):
            return scores.detach(), targets.detach()
    return None
