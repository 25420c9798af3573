"""ScheduledRate: a treedebug schedule as a scheduler of PyTorch."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler

from treedebug.core.errors import ConfigError
from treedebug.core.run.rate_log import RateReason
from treedebug.schedules import GreedyLR, Schedule

_UNSMOOTHED = 20
"""Observations in a row, a step apart, after which a greedy schedule without a window is warned of."""


class ScheduledRate(LRScheduler):
    """Set the rate of an optimizer's groups as a schedule says; `step` comes after `optimizer.step`, as ever.

        scheduler = nn_bridge.ScheduledRate(optimizer, treedebug.schedules.GreedyLR(0.1))
        ...
        scheduler.step(valid_loss)      # after an evaluation; formulas take scheduler.step() after each step

    The schedule's rate is that of the first group; the others keep their ratio to it, and so have bounds of their own.
    A group added later goes on from the rate it was added with. Rates that are tensors are filled in place. `n_steps`
    are the calls of `step` to come, for schedules that depend on their number. A call without a step of the optimizer
    since the last one (AMP's GradScaler has skipped it) observes nothing. With several processes the mean of their
    values is observed, so that all have the same rate. In Lightning, a schedule that goes by a metric is configured
    with `{"scheduler": scheduler, "monitor": "valid_loss", "reduce_on_plateau": True}`.

    Raise ConfigError for anything but an optimizer and a schedule, for rates that are not above 0, and in `step` for a
    schedule that needs a metric and gets none.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, schedule: Schedule, *, n_steps: int | None = None) -> None:
        if not isinstance(optimizer, torch.optim.Optimizer) or not isinstance(schedule, Schedule):
            raise ConfigError(
                "expected an optimizer and a schedule, such as ScheduledRate(optimizer, Constant(0.1)); got "
                f"{optimizer!r:.100} "
                f"and {schedule!r:.100}"
            )
        # As PyTorch's ReduceLROnPlateau does, without the base class's `__init__`, which would step.
        self.optimizer = optimizer
        self.schedule = schedule
        self.last_epoch = 0
        self._step_count = 1
        self._n_taken = 0
        """Steps of the optimizer since the last observation."""
        self._n_close = 0
        """Observations in a row that were one step apart."""
        self._n_known = len(schedule.history)
        self._last_rate = 0.0
        """The first group's, when it was above 0 last; 0 before it was set."""
        if n_steps is not None:
            schedule.plan(n_steps)
        first = float(optimizer.param_groups[0]["lr"])
        if not first > 0:
            raise ConfigError(
                f"the first group's rate must be above 0, for the others keep their ratio to it; got {first}"
            )
        self._ratios = [float(group["lr"]) / first for group in optimizer.param_groups]
        self.base_lrs = [schedule.initial * ratio for ratio in self._ratios]
        for group, rate in zip(optimizer.param_groups, self.base_lrs, strict=True):
            group.setdefault("initial_lr", rate)
        optimizer.register_step_post_hook(_Count(self))
        self._apply(schedule.now)

    def step(self, metrics: Any = None, epoch: int | None = None) -> None:  # type: ignore[override]  # noqa: ARG002 - the protocol's
        """Observe a metric (or that a step is done), and set the next rate."""
        if metrics is None and self.schedule.needs_values:
            raise ConfigError(
                f"{type(self.schedule).__name__} goes by a metric: call step(value); in Lightning configure it with "
                '"monitor" and "reduce_on_plateau": True'
            )
        self.last_epoch += 1
        self._step_count += 1
        if self._n_taken == 0:
            return
        self._watch_noise()
        self._n_taken = 0
        self._apply(self.schedule.observe(None if metrics is None else _agreed(metrics)))

    def get_last_lr(self) -> list[float | torch.Tensor]:
        """Return the rate of each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def get_lr(self) -> list[float | torch.Tensor]:
        """Return the rate of each group."""
        return self.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """Return everything that changes in training: plain data."""
        own = {"last_epoch": self.last_epoch, "ratios": list(self._ratios), "n_taken": self._n_taken}
        return {**own, "schedule": self.schedule.state_dict()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved state. Raise ConfigError for the state of another kind of schedule."""
        self.schedule.load_state_dict(state_dict["schedule"])
        self.last_epoch, self._n_taken = int(state_dict["last_epoch"]), int(state_dict["n_taken"])
        self._ratios = [float(r) for r in state_dict["ratios"]]
        self._apply(self.schedule.now)

    # -- what a recorder asks --------------------------------------------------------------------------------------

    def rate_facts(self) -> Mapping[str, Any]:
        """Return the schedule with its arguments, and what it was planned for."""
        return {
            **self.schedule.describe(),
            "watch": None,
            "watches_training": self._n_close >= _UNSMOOTHED,
            "n_rounds": self.schedule.n_steps,
            "n_observed": self.schedule.t,
            "least_observations": getattr(self.schedule, "least_observations", None),
        }

    def rate_reasons(self) -> Sequence[RateReason]:
        """Return every change of the rate, by observation."""
        begun = RateReason(0, self.schedule.initial, f"{type(self.schedule).__name__} begins")
        return [begun, *(RateReason(c.t, c.rate, c.why) for c in self.schedule.history[self._n_known :])]

    # -- inside ----------------------------------------------------------------------------------------------------

    def _apply(self, rate: float) -> None:
        groups = self.optimizer.param_groups
        before = self._last_rate or rate
        self._ratios += [float(group["lr"]) / before for group in groups[len(self._ratios) :]]
        for group, ratio in zip(groups, self._ratios, strict=True):
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(rate * ratio)
            else:
                group["lr"] = rate * ratio
        self._last_rate = rate if rate > 0 else before
        self._last_lr = self.get_last_lr()

    def _watch_noise(self) -> None:
        self._n_close = self._n_close + 1 if self._n_taken == 1 else 0
        if self._n_close == _UNSMOOTHED and any(s.n_window == 1 for s in _greedy(self.schedule)):
            warnings.warn(
                "GreedyLR observes the loss of every single batch: the noise between batches looks like failure, and "
                "the rate sinks to its floor. Give it window=50, or step it after evaluations",
                stacklevel=3,
            )


class _Count:
    """Counts the optimizer's steps."""

    def __init__(self, scheduler: ScheduledRate) -> None:
        self._scheduler = scheduler

    def __call__(self, *_: Any, **__: Any) -> None:
        self._scheduler._n_taken += 1  # noqa: SLF001 - its own


def _greedy(schedule: Schedule) -> Iterator[GreedyLR]:
    if isinstance(schedule, GreedyLR):
        yield schedule
    inner = getattr(schedule, "inner", None)
    if inner is not None:
        yield from _greedy(inner)


def _agreed(value: Any) -> float:
    """Return the value; of several processes their mean."""
    distributed = torch.distributed
    if not (distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1):
        return float(value)
    device = value.device if isinstance(value, torch.Tensor) else "cpu"
    summed = torch.as_tensor(float(value), device=device, dtype=torch.float32)
    distributed.all_reduce(summed)
    return float(summed) / distributed.get_world_size()
