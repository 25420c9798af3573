"""What a situation is: what went wrong, where users asked about it, and which words name its cause."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

TUNE, FIRST, SECOND, THIRD = "tune", "first fresh batch", "second fresh batch", "third fresh batch"
FOURTH, FIFTH = "fourth fresh batch", "fifth fresh batch"
FRESH = {"fresh2": SECOND, "fresh3": THIRD, "fresh4": FOURTH, "fresh5": FIFTH, "fresh": FIRST}
"""What the name of a module of a fresh batch begins with."""


@dataclass(frozen=True)
class Said:
    """A finding as a user reads it: its name, its subject, its message and what it proposes."""

    severity: str
    code: str
    text: str


@dataclass(frozen=True)
class Seen:
    """A training: its loss on rows that nothing has looked at, and what each place said of it.

    None of a place: the user would not ask there.
    """

    loss: float
    run: tuple[Said, ...] | None = None
    params: tuple[Said, ...] | None = None
    table: tuple[Said, ...] | None = None
    compare: tuple[Said, ...] | None = None


@dataclass(frozen=True)
class Situation:
    """A situation, and how it is judged.

    `play(mended)` trains as the user did, or the right way. `asked` is the place that is judged: the run, unless no run
    can tell. `cause` matches a finding that names the true cause, `misleading` one that leads away from it; each is a
    regular expression over the finding's text. A healthy situation has no cause: every warning is a false alarm.
    """

    name: str
    thread: str
    story: str
    kind: str
    measure: str
    asked: str
    cause: str
    misleading: str
    play: Callable[[bool], Seen]
    batch: str = TUNE
    """The threads it came with. Those of a fresh batch were not read before the rules were done, and judged unseen."""

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is wrong here."""
        return not self.cause

    @property
    def half(self) -> str:
        """The half it belongs to: rules were built on "tune" and are reported on "report"."""
        return "tune" if self.batch == TUNE else "report"


REGISTRY: dict[str, Situation] = {}

Play = Callable[[bool], Seen]


def situation(
    thread: str,
    kind: str,
    *,
    cause: str,
    misleading: str,
    measure: str,
    asked: str = "run",
) -> Callable[[Play], Play]:
    """Register the function below as a situation, with its docstring as the story."""

    def register(play: Play) -> Play:
        name = play.__name__.replace("_", "-")
        if name in REGISTRY:
            raise ValueError(f"two situations are named {name}")
        story = " ".join((play.__doc__ or "").split())
        REGISTRY[name] = Situation(name, thread, story, kind, measure, asked, cause, misleading, play, _batch(play))
        return play

    return register


def _batch(play: Play) -> str:
    module = play.__module__.rpartition(".")[2]
    return next((batch for start, batch in FRESH.items() if module.startswith(start)), TUNE)


def healthy(thread: str, measure: str) -> Callable[[Callable[[], Seen]], Callable[[], Seen]]:
    """Register the function below as a training in which nothing is wrong."""

    def register(train: Callable[[], Seen]) -> Callable[[], Seen]:
        @functools.wraps(train)
        def play(mended: bool) -> Seen:
            return train()

        situation(thread, "healthy", cause="", misleading="", measure=measure)(play)
        return train

    return register
