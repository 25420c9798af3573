"""The joints between floors: who hears of a round, and who may reach the booster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from treedebug.core.findings import Finding, FindingEvent
from treedebug.core.run.rate_log import RateReason

if TYPE_CHECKING:
    from treedebug.core.run.run_data import RunData


class Knobs(Protocol):
    """What an action may do to a training."""

    def stop(self, *, best_round: int | None, reason: str) -> None:
        """End the training after this round; `best_round` (0-based) becomes the booster's best iteration."""


@dataclass
class StopRequest:
    """The knobs of one training: remembers that an action asked to stop."""

    asked: bool = False
    best_round: int | None = None
    reason: str = ""

    def stop(self, *, best_round: int | None, reason: str) -> None:
        """Ask for the end of the training after this round; the first request stands."""
        if not self.asked:
            self.asked, self.best_round, self.reason = True, best_round, reason


class Observer(Protocol):
    """Told by the recorder of the rounds at which the rules look; implemented by the engine's watcher."""

    def on_check(self, run: RunData, knobs: Knobs, *, final: bool) -> list[FindingEvent]:
        """Look at everything recorded so far; `final` when the training has ended. Returns what changed."""


class Action(Protocol):
    """Does something about findings, only because the user asked for it."""

    def on_findings(self, run: RunData, findings: Sequence[Finding], knobs: Knobs) -> None:
        """Act on the findings that stand now; called at every check round."""


class Listener(Protocol):
    """Shows findings as they come."""

    def on_events(self, run: RunData, events: Sequence[FindingEvent], *, final: bool) -> None:
        """Show what opened, changed or closed; called at every check round, `final` when the training has ended."""


@runtime_checkable
class RateSource(Protocol):
    """Sets the learning rate of a training, and knows why; the recorder finds it among the training's callbacks."""

    def rate_facts(self) -> Mapping[str, Any]:
        """Return what the schedule is, JSON-able."""

    def rate_reasons(self) -> Sequence[RateReason]:
        """Return every change of the rate so far in this training, and why, oldest first."""


class Progress(Protocol):
    """Told of every round, for a progress line."""

    def on_round(self, run: RunData) -> None:
        """Hear of a recorded round."""

    def close(self) -> None:
        """Hear of the end of the training, whatever ended it."""
