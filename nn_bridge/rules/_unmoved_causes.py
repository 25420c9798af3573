"""Why a weight matrix does not move: the causes that NN907 tells apart, and what to try."""

from __future__ import annotations

from nn_bridge.signals.unmoved_parameters import UnmovedParameter
from treedebug.core.findings import Change

FOREVER = ("frozen", "not held", "unfrozen")
WORDS = {
    "frozen": (
        "they are frozen (requires_grad=False)",
        Change("requires_grad", value=True, why="unless they were trained before"),
    ),
    "not held": (
        "no optimiser holds them",
        Change("optimizer", "model.parameters()", "make it after the last change of the model"),
    ),
    "unfrozen": (
        "they were unfrozen, but the optimizer does not hold them",
        Change("optimizer.add_param_group", "the unfrozen parameters", "or make the optimizer anew"),
    ),
    "wiped": (
        "gradients arrive, but are set to zero before the step",
        Change("optimizer.zero_grad()", "before backward()", "in this order: zero_grad, backward, step"),
    ),
    "no gradient": (
        "no gradient reaches them",
        Change("forward", "without detach() or no_grad()", "or they are not used at all; dead units do it too"),
    ),
    "no step": ("the optimiser's steps move nothing", Change("lr", 1e-3, "the learning rate is zero, or as good as")),
}


def cause_of(one: UnmovedParameter) -> str:
    """Return the surest cause."""
    if not one.param.requires_grad and not one.has_gradient:
        return "frozen"
    if not one.param.in_optimizer:
        return "not held" if one.param.requires_grad else "unfrozen"
    if one.was_wiped:
        return "wiped"
    return "no step" if one.has_gradient else "no gradient"
