"""What stands between a net and its loss: functions, shapes that broadcast, weights that nobody trains."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Collection, Iterator
from typing import Any

import torch

MAX_NODES = 20_000
_RESHAPING = frozenset({
    "View", "UnsafeView", "ReshapeAlias", "Alias", "Squeeze", "Unsqueeze", "Transpose", "T", "Permute", "Slice",
    "Select", "Index", "ToCopy", "Clone", "Expand", "Unbind", "Split", "SplitWithSizes",
    "NativeDropout", "FusedDropout",
})  # fmt: skip
"""Nodes that pass their one input on, entry by entry."""
_ERRORS = frozenset({"Mse", "MseLoss", "L1Loss", "SmoothL1Loss", "HuberLoss"})
_MATRIX = 2


def node_name(node: Any) -> str:
    """Return a node's name without its number: NllLossBackward0 is NllLossBackward."""
    name: str = node.name() if hasattr(node, "name") else type(node).__name__
    return name.rsplit("::", 1)[-1].rstrip("0123456789")


def operation(node: Any) -> str:
    """Return the name of a node's operation: NllLossBackward0 is NllLoss."""
    return node_name(node).removesuffix("Backward")


def children(node: Any) -> list[Any]:
    """Return the nodes whose results an operation takes; constants have none."""
    return [child for child, _ in node.next_functions if child is not None]


def nodes_of(start: Any) -> Iterator[Any]:
    """Yield every node of a graph once, up to a limit."""
    seen, frontier = set[Any](), [start]
    while frontier and len(seen) < MAX_NODES:
        node = frontier.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        yield node
        frontier += children(node)


def directly_applied(node: Any, functions: dict[str, str]) -> tuple[str, ...]:
    """Return the functions whose result the loss takes as it is, the last one last.

    A product, a sum, a scale or a second input between a function and the loss makes its range another one: the walk
    ends there.
    """
    found: list[str] = []
    for _ in range(64):
        if node is None:
            break
        name = operation(node)
        if name in functions:
            found.append(functions[name])
        elif name not in _RESHAPING:
            break
        below = children(node)
        if len(below) != 1:
            break
        node = below[0]
    return tuple(reversed(found))


def broadcast_shape(loss: torch.Tensor) -> tuple[int, ...]:
    """Return the shape over which errors were averaged if the net's output was repeated to fit; () if it was not.

    A difference of two outputs of the net (a ranking loss) repeats both on purpose.
    """
    node: Any = loss.grad_fn
    shape: tuple[int, ...] = ()
    for _ in range(16):
        if node is None:
            return ()
        name = operation(node)
        shape = _saved_shape(node) or shape
        below = children(node)
        if name in _ERRORS:
            return _repeated(below[0], _error_shape(node) or shape) if len(below) == 1 else ()
        if name in ("Sub", "Rsub"):
            return _repeated(below[0], shape) if len(below) == 1 else ()
        if len(below) != 1:
            return ()
        node = below[0]
    return ()


def error_by_hand(loss: torch.Tensor) -> tuple[str, Any] | None:
    """Return ("mse" or "l1", the node that gave the output) of a mean of squared or absolute differences to data."""
    node: Any = loss.grad_fn
    found = ""
    for _ in range(4):
        below = [] if node is None else children(node)
        if len(below) != 1:
            return None
        name = operation(node)
        if name in ("Sub", "Rsub"):
            return (found, below[0]) if found else None
        found = {"Abs": "l1", "Pow": "mse"}.get(name, found)
        if name not in ("Mean", "Sum", "Abs", "Pow"):
            return None
        node = below[0]
    return None


def _saved(node: Any, name: str) -> Any:
    """Return what a node saved; None if it did not, or freed it in `backward()`."""
    with contextlib.suppress(RuntimeError):
        return getattr(node, name, None)
    return None


def _saved_shape(node: Any) -> tuple[int, ...]:
    sizes = _saved(node, "_saved_self_sym_sizes")
    if sizes is None and operation(node) == "Pow":
        held = _saved(node, "_saved_self")
        sizes = held.shape if isinstance(held, torch.Tensor) else None
    return tuple(int(n) for n in sizes) if sizes is not None else ()


def _error_shape(node: Any) -> tuple[int, ...]:
    held = _saved(node, "_saved_target")
    return tuple(held.shape) if isinstance(held, torch.Tensor) else ()


def _repeated(below: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape if n outputs were repeated to n times n: (n, 1) against (n,)."""
    expanded = _saved(below, "_saved_self_sym_sizes") or ()
    sizes = expanded if operation(below) == "Expand" else _result_sizes(below)
    given = math.prod(int(n) for n in sizes)
    return shape if len(shape) >= _MATRIX and given > 1 and math.prod(shape) == given**2 else ()


def _result_sizes(node: Any) -> tuple[int, ...]:
    metadata = getattr(node, "_input_metadata", None)
    return tuple(metadata[0].shape) if metadata else ()


def unregistered(loss: torch.Tensor, known: Collection[int]) -> list[torch.Tensor]:
    """Return leaves of the loss's graph that would be trained, but are neither of the model nor in an optimiser."""
    leaves = (getattr(node, "variable", None) for node in nodes_of(loss.grad_fn))
    found = [leaf for leaf in leaves if isinstance(leaf, torch.nn.Parameter) and id(leaf) not in known]
    return list({id(leaf): leaf for leaf in found}.values())


def multiplied(loss: torch.Tensor, products: Collection[str]) -> set[int]:
    """Return the ids of the leaves that a matrix product or a convolution takes, transposed or cast at most."""
    found: set[int] = set()
    for node in nodes_of(loss.grad_fn):
        if operation(node) in products:
            found |= {id(leaf) for child in children(node) if (leaf := _leaf(child)) is not None}
    return found


def _leaf(node: Any) -> torch.Tensor | None:
    for _ in range(6):
        variable = getattr(node, "variable", None)
        if isinstance(variable, torch.Tensor):
            return variable
        below = children(node)
        if len(below) != 1:
            return None
        node = below[0]
    return None


def n_dropouts(loss: torch.Tensor) -> int:
    """Return how often the graph drops entries at random: a node of its own, or a product with zeros and 1/(1-p)."""
    return sum("Dropout" in operation(n) or (operation(n) == "Mul" and _is_mask(n)) for n in nodes_of(loss.grad_fn))


def _is_mask(node: Any) -> bool:
    factors = (_saved(node, name) for name in ("_saved_self", "_saved_other"))
    held = [x.detach() for x in factors if isinstance(x, torch.Tensor) and x.dim()]
    if len(held) != 1 or len(children(node)) != 1 or not held[0].is_floating_point():
        return False
    kept = held[0][held[0] != 0]
    return bool(0 < kept.numel() < held[0].numel() and kept.min() == kept.max() and kept.max() > 1)
