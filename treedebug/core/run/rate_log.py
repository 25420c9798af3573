"""RateLog: the schedule that set the learning rate, and why it changed when it did."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RateReason:
    """From a round on the learning rate is `rate`, because of `why`."""

    round_index: int
    rate: float
    why: str


class RateLog:
    """What a schedule did, oldest first; the rate of every round stands in `RoundLog.learning_rate`.

    `facts` says which schedule it is: `schedule` (its class), its arguments, `watch` ([dataset, metric] or None),
    `watches_training`, `n_rounds` it was planned for.
    """

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self._reasons: list[RateReason] = []
        self._stop: int | None = None

    def append(self, reason: RateReason) -> None:
        """Add a change. Raise ValueError for one that comes before the last."""
        if self._reasons and reason.round_index < self._reasons[-1].round_index:
            raise ValueError(
                f"a change in round {reason.round_index} comes after one in {self._reasons[-1].round_index}"
            )
        self._reasons.append(reason)

    def truncate(self, n_rounds: int) -> None:
        """Forget everything at and after round `n_rounds`."""
        del self._reasons[self._cut(n_rounds) :]

    def until(self, n_rounds: int) -> RateLog:
        """Return the log as it was when `n_rounds` rounds were recorded."""
        view = RateLog()
        view.facts, view._reasons, view._stop = self.facts, self._reasons, n_rounds
        return view

    def _cut(self, n_rounds: int) -> int:
        return bisect_left(self._reasons, n_rounds, key=lambda reason: reason.round_index)

    def __iter__(self) -> Iterator[RateReason]:
        """Yield the changes."""
        return iter(self._reasons if self._stop is None else self._reasons[: self._cut(self._stop)])

    def __len__(self) -> int:
        """Return the number of changes."""
        return len(self._reasons) if self._stop is None else self._cut(self._stop)
