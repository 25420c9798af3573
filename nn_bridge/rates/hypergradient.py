"""Hypergradient descent: SGD and Adam(W) that move their own learning rate (Baydin et al., ICLR 2018)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.optim import Optimizer

from nn_bridge.rates.rate_scope import HypergradientSettings, RatedParameter, move_rates
from treedebug.core.errors import ConfigError


class _Hypergradient(Optimizer):
    """What both share: gradients, the rates' own step, and the step with these rates."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any], settings: HypergradientSettings) -> None:
        if not defaults["lr"] > 0.0:
            raise ConfigError(
                f"lr must be above 0: it moves within a hundredth and a hundred times that; got {defaults['lr']!r}"
            )
        self._settings = settings
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group; its rate is bound by where it begins."""
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        group.setdefault("first_lr", float(group["lr"]))

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move the rates, then take a step with them. `closure` computes the loss and its gradients anew."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        parts = [part for group in self.param_groups for param in group["params"] if (part := self._part(group, param))]
        move_rates(parts, self.state, self._settings)
        for part in parts:
            self._take(part)
        return loss

    def rates(self) -> list[float]:
        """Return the rates as they stand: one a group, or one a tensor (of scope "parameter" the mean)."""
        if self._settings.scope in {"global", "group"}:
            return [float(group["lr"]) for group in self.param_groups]
        return [float(torch.as_tensor(s["rate"]).mean()) for s in self.state.values() if "rate" in s]

    def _part(self, group: dict[str, Any], param: torch.Tensor) -> RatedParameter | None:
        if param.grad is None:
            return None
        if param.grad.is_sparse:
            raise ConfigError("hypergradient descent takes no sparse gradients")
        state = self.state[param]
        if not state:
            state["step"] = 0
            if self._settings.scope == "tensor":
                state["rate"] = float(group["lr"])
            elif self._settings.scope == "parameter":
                state["rate"] = torch.full_like(param, float(group["lr"]))
        gradient = param.grad
        if group["weight_decay"] and not group.get("decoupled"):
            gradient = gradient.add(param, alpha=group["weight_decay"])
        return RatedParameter(group, param, gradient, state.get("direction"))

    def _rate(self, part: RatedParameter) -> Any:
        return self.state[part.param]["rate"] if "rate" in self.state[part.param] else float(part.group["lr"])

    def _apply(self, part: RatedParameter, direction: torch.Tensor) -> None:
        """Move the parameter against the direction, which is kept for the next step's product."""
        state, rate = self.state[part.param], self._rate(part)
        state["direction"] = direction
        if part.group.get("decoupled") and part.group["weight_decay"]:
            part.param.mul_(1.0 - rate * part.group["weight_decay"])
        if isinstance(rate, torch.Tensor):
            part.param.addcmul_(direction, rate, value=-1.0)
        else:
            part.param.add_(direction, alpha=-rate)

    def _take(self, part: RatedParameter) -> None:
        raise NotImplementedError


class HypergradientSGD(_Hypergradient):
    """SGD, with momentum or not, whose rate follows the product of each gradient with the direction before it.

    The derivative of the loss by the rate of the last step is minus that product: so the rate rises while successive
    steps agree, and falls when they turn. `mode="multiplicative"` (the default) takes its cosine, which has no unit;
    "additive" is the paper's. `scope`: one rate for all ("global"), one a "group", a "tensor" or a "parameter" (of the
    last, multiplicative moves go by the sign alone). Rates stay within a hundredth and a hundred times `lr`; a product
    that is not finite moves nothing. Memory: a copy of the gradients, with scope "parameter" two. `beta` is 0.02 unless
    given, 1e-3 in additive mode.

    Raise ConfigError for arguments outside their ranges.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        params: Iterable[Any],
        lr: float,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        beta: float | None = None,
        mode: str = "multiplicative",
        scope: str = "global",
    ) -> None:
        if not 0.0 <= momentum < 1.0 or weight_decay < 0.0 or (nesterov and not momentum):
            raise ConfigError(
                f"momentum must be in [0, 1), above 0 for nesterov, and weight_decay at least 0; got {momentum!r}, "
                f"nesterov={nesterov!r} and {weight_decay!r}"
            )
        beta = (0.02 if mode == "multiplicative" else 1e-3) if beta is None else beta
        defaults = {"lr": lr, "momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay}
        super().__init__(params, defaults, HypergradientSettings(beta, mode, scope))

    def _take(self, part: RatedParameter) -> None:
        momentum, state = part.group["momentum"], self.state[part.param]
        if not momentum:
            self._apply(part, part.gradient.clone())
            return
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = part.gradient.clone()
        else:
            state["momentum_buffer"].mul_(momentum).add_(part.gradient)
        buffer = state["momentum_buffer"]
        self._apply(part, part.gradient.add(buffer, alpha=momentum) if part.group["nesterov"] else buffer.clone())


class HypergradientAdam(_Hypergradient):
    """Adam, or with `decoupled=True` AdamW, whose rate follows the product of each gradient with the direction before.

    The direction is m / (sqrt(v) + eps), both corrected for their start. The arguments are those of `HypergradientSGD`;
    `beta` is 0.02 unless given, 1e-7 in additive mode. All of a step's parameters get the rate of that step: the
    paper's code moves it between them. Raise ConfigError for arguments outside their ranges.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled: bool = True,
        beta: float | None = None,
        mode: str = "multiplicative",
        scope: str = "global",
    ) -> None:
        if not all(0.0 <= b < 1.0 for b in betas) or weight_decay < 0.0 or eps < 0.0:
            raise ConfigError(
                f"betas must be in [0, 1), eps and weight_decay at least 0; got {betas!r}, {eps!r}, {weight_decay!r}"
            )
        beta = (0.02 if mode == "multiplicative" else 1e-7) if beta is None else beta
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "decoupled": decoupled}
        super().__init__(params, defaults, HypergradientSettings(beta, mode, scope))

    def _take(self, part: RatedParameter) -> None:
        state, (b1, b2) = self.state[part.param], part.group["betas"]
        if "exp_avg" not in state:
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(part.param), torch.zeros_like(part.param)
        state["step"] += 1
        state["exp_avg"].lerp_(part.gradient, 1.0 - b1)
        state["exp_avg_sq"].mul_(b2).addcmul_(part.gradient, part.gradient, value=1.0 - b2)
        root = (state["exp_avg_sq"].sqrt() / math.sqrt(1.0 - b2 ** state["step"])).add_(part.group["eps"])
        self._apply(part, (state["exp_avg"] / (1.0 - b1 ** state["step"])).div_(root))
