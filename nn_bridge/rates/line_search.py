"""ArmijoSGD: SGD that searches its rate on each batch (Vaswani et al., NeurIPS 2019)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch.optim import Optimizer

from treedebug.core.errors import ConfigError

_SMALLEST_RATE, _SMALLEST_NORM = 1e-6, 1e-8


class _Trial(NamedTuple):
    """Where a search begins: the first rate, the batch's loss, its gradient's square, the random numbers' states."""

    rate: float
    loss: float
    square: float
    rng: tuple[torch.Tensor, list[torch.Tensor]]


class ArmijoSGD(Optimizer):
    """Take the largest rate tried for which the batch's loss falls by `c` times what the gradient promises.

        optimizer = nn_bridge.ArmijoSGD(model.parameters(), n_batches=len(loader), model=model)
        for x, y in loader:
            loss = optimizer.step(lambda: criterion(model(x), y))

    A rate eta is accepted if f(w - eta g) <= f(w) - c eta ||g||^2, else multiplied by `shrink`, at most `most_trials`
    times (then 1e-6 is taken). Before each step it grows by `growth ** (1 / n_batches)`: at most `growth`-fold an
    epoch. The closure returns the loss and calls no `backward`, which is done here; gradients are set to zero before.
    Every trial sees the same random numbers (dropout), and the buffers of `model` (batch norm's statistics) change
    once. All groups have one rate. `n_forward` and `n_backward` count the passes. A guarantee exists where every batch
    can be fitted (interpolation); with wrong labels it fits those too.

    AMP: run the closure under autocast; a GradScaler takes no closures. Accumulation: return the loss of several
    batches. Lightning: manual optimisation. With several processes each must see the same loss. Raise ConfigError for
    arguments outside their ranges, or a step without a closure.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        *,
        c: float = 0.1,
        shrink: float = 0.9,
        growth: float = 2.0,
        n_batches: int = 1,
        most_trials: int = 100,
        model: torch.nn.Module | None = None,
    ) -> None:
        if not (lr > 0 and 0 < c < 1 and 0 < shrink < 1 and growth >= 1 and n_batches >= 1 and most_trials >= 1):
            raise ConfigError(
                "lr must be above 0, c and shrink between 0 and 1, growth, n_batches and most_trials at least 1; got "
                f"lr={lr!r}, c={c!r}, shrink={shrink!r}, growth={growth!r}, "
                f"n_batches={n_batches!r}, most_trials={most_trials!r}"
            )
        self.n_forward = self.n_backward = 0
        self._model = model
        shared = {"c": c, "shrink": shrink, "growth": growth ** (1.0 / n_batches), "most_trials": most_trials}
        super().__init__(params, {"lr": lr, "is_first": True, **shared})

    def step(self, closure: Callable[[], torch.Tensor] | None = None) -> torch.Tensor:  # type: ignore[override]
        """Compute the loss and its gradients, search the rate, move; return the loss before the step."""
        if closure is None:
            raise ConfigError("a line search evaluates the loss again: step(closure) needs a closure that returns it")
        first = self.param_groups[0]
        self.zero_grad()
        rng = torch.get_rng_state(), _cuda_states()
        with torch.enable_grad():
            loss = closure()
            loss.backward()  # type: ignore[no-untyped-call]
        after = torch.get_rng_state(), _cuda_states()
        self.n_forward, self.n_backward = self.n_forward + 1, self.n_backward + 1
        moved = [p for group in self.param_groups for p in group["params"] if p.grad is not None]
        square = sum(float((p.grad.double() ** 2).sum()) for p in moved if p.grad is not None)
        rate = float(first["lr"]) * (1.0 if first["is_first"] else first["growth"])
        if square**0.5 >= _SMALLEST_NORM and square < float("inf"):
            with torch.no_grad(), self._buffers_kept():
                rate = self._search(closure, moved, _Trial(rate, float(loss), square, rng))
            for group in self.param_groups:
                group["lr"], group["is_first"] = rate, False
        torch.set_rng_state(after[0])
        _set_cuda_states(after[1])
        return loss.detach()

    def _search(self, closure: Any, moved: list[torch.Tensor], trial: _Trial) -> float:
        first, rate = self.param_groups[0], trial.rate
        before = [p.detach().clone() for p in moved]
        for _ in range(first["most_trials"]):
            _place(moved, before, rate)
            torch.set_rng_state(trial.rng[0])
            _set_cuda_states(trial.rng[1])
            self.n_forward += 1
            if float(closure()) <= trial.loss - first["c"] * rate * trial.square:
                return rate
            rate *= first["shrink"]
        _place(moved, before, _SMALLEST_RATE)
        return _SMALLEST_RATE

    @contextmanager
    def _buffers_kept(self) -> Iterator[None]:
        """Put the model's buffers back: a trial is no batch that was seen."""
        kept = [] if self._model is None else [(b, b.detach().clone()) for b in self._model.buffers()]
        try:
            yield
        finally:
            for buffer, value in kept:
                buffer.copy_(value)


def _place(moved: list[torch.Tensor], before: list[torch.Tensor], rate: float) -> None:
    for param, start in zip(moved, before, strict=True):
        if param.grad is not None:
            param.copy_(start).add_(param.grad, alpha=-rate)


def _cuda_states() -> list[torch.Tensor]:
    return torch.cuda.get_rng_state_all() if torch.cuda.is_available() and torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]


def _set_cuda_states(states: list[torch.Tensor]) -> None:
    if states:
        torch.cuda.set_rng_state_all(states)
