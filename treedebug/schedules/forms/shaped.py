"""Cosine with restarts, REX, warm-up-stable-decay and one-cycle."""

from __future__ import annotations

import math
from typing import Any

from treedebug.schedules.forms.form import Form
from treedebug.schedules.schedule import checked_choice, checked_count, checked_rate, checked_share

DECAYS = ("linear", "1-sqrt", "cosine")


def fall(share: float, shape: str) -> float:
    """Return what is left of 1 after a share (0..1) of a decay: 1 at its start, 0 at its end."""
    if shape == "linear":
        return 1.0 - share
    if shape == "1-sqrt":
        return 1.0 - math.sqrt(share)
    return 0.5 * (1.0 + math.cos(math.pi * share))


class Cosine(Form):
    """Half a cosine from `start` to `end`, begun anew `restarts` times: SGDR with equal cycles.

    rate = end + (start - end) (1 + cos(pi s)) / 2, s being the share of the cycle (Loshchilov and Hutter, ICLR 2017).
    It stays at `end` after the planned steps, where PyTorch's CosineAnnealingLR rises again. Raise ConfigError for
    rates or restarts under 0.
    """

    def __init__(self, start: float, end: float = 0.0, *, restarts: int = 0, n_steps: int | None = None) -> None:
        super().__init__(n_steps)
        self.start, self.end = checked_rate("start", start), checked_rate("end", end)
        self.restarts = checked_count("restarts", restarts, least=0)

    def _at(self, t: int) -> tuple[float, str]:
        n, cycles = self._planned(), self.restarts + 1
        cycle = min(t * cycles // n, cycles - 1)
        first, after = -(-cycle * n // cycles), -(-(cycle + 1) * n // cycles)
        share = min((t - first) / (after - first - 1), 1.0) if after - first > 1 else float(t > first)
        return self.end + (self.start - self.end) * fall(share, "cosine"), f"cycle {cycle + 1} of {cycles}"

    def _arguments(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "restarts": self.restarts}


class REX(Form):
    """The reflected exponential of Chen et al. (MLSys 2022): rate = start (1 - s) / (1 - s / 2), s the share done.

    It stays high for longer than a line, and falls faster at the end. Raise ConfigError for a rate under 0.
    """

    def __init__(self, start: float, *, n_steps: int | None = None) -> None:
        super().__init__(n_steps)
        self.start = checked_rate("start", start)

    def _at(self, t: int) -> tuple[float, str]:
        share = self._share(t)
        return self.start * (1.0 - share) / (1.0 - share / 2.0), "falling"

    def _arguments(self) -> dict[str, Any]:
        return {"start": self.start}


class WSD(Form):
    """Warm-up, stable, decay: up to `peak` over `warmup` of the steps, constant, down to `end` over the last `decay`.

    `shape` of the decay: "linear", "1-sqrt" or "cosine". Raise ConfigError for shares outside 0..1 or rates under 0.
    """

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        peak: float,
        *,
        warmup: float = 0.05,
        decay: float = 0.2,
        end: float = 0.0,
        shape: str = "1-sqrt",
        n_steps: int | None = None,
    ) -> None:
        super().__init__(n_steps)
        self.peak, self.end = checked_rate("peak", peak), checked_rate("end", end)
        self.warmup, self.decay = checked_share("warmup", warmup), checked_share("decay", decay)
        self.shape = checked_choice("shape", shape, DECAYS)

    def _at(self, t: int) -> tuple[float, str]:
        n = self._planned()
        rising, falling = round(self.warmup * n), round(self.decay * n)
        if t < rising:
            return self.peak * (t + 1) / rising, "warm-up"
        if t < n - falling or not falling:
            return self.peak, "stable"
        share = min((t - (n - falling) + 1) / falling, 1.0)
        return self.end + (self.peak - self.end) * fall(share, self.shape), "decay"

    def _arguments(self) -> dict[str, Any]:
        return {"peak": self.peak, "warmup": self.warmup, "decay": self.decay, "end": self.end, "shape": self.shape}


class OneCycle(Form):
    """Smith's one cycle: from peak / `start_divisor` up to `peak` over `rise`, then down to the start / `end_divisor`.

    Both along half a cosine. The defaults are PyTorch's; the momentum is left alone. Raise ConfigError for a share
    outside 0..1, a rate under 0 or a divisor that is not above 0.
    """

    def __init__(
        self,
        peak: float,
        *,
        rise: float = 0.3,
        start_divisor: float = 25.0,
        end_divisor: float = 1e4,
        n_steps: int | None = None,
    ) -> None:
        super().__init__(n_steps)
        self.peak, self.rise = checked_rate("peak", peak), checked_share("rise", rise)
        self.start_divisor = checked_rate("start_divisor", start_divisor, least=1e-12)
        self.end_divisor = checked_rate("end_divisor", end_divisor, least=1e-12)

    def _at(self, t: int) -> tuple[float, str]:
        start, top = self.peak / self.start_divisor, self.rise * self._planned() - 1.0
        if t < top:
            return self.peak + (start - self.peak) * fall(t / top, "cosine"), "rising"
        last, end = self._planned() - 1.0, start / self.end_divisor
        share = min((t - top) / (last - top), 1.0) if last > top else 1.0
        return end + (self.peak - end) * fall(max(share, 0.0), "cosine"), "falling"

    def _arguments(self) -> dict[str, Any]:
        return {
            "peak": self.peak,
            "rise": self.rise,
            "start_divisor": self.start_divisor,
            "end_divisor": self.end_divisor,
        }
