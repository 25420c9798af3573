"""What the recorders of all libraries share: the trainings under way, and how to find those of a thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from treedebug.core.protocols import Knobs
from treedebug.recorders.booster_port import BoosterPort
from treedebug.recorders.session import Session


class Recording(Protocol):
    """One training under way: its boosters' sessions, and the thread that trains."""

    thread: int

    @property
    def sessions(self) -> Sequence[Session]:
        """One a booster."""


R = TypeVar("R", bound=Recording)


class LibraryRecorder:
    """Base of the recorders. The public callback says where to and with which rules."""

    _recordings: dict[int, Any]
    """Trainings under way, by the `id` of what the library hands to callbacks."""

    def open_session(self, port: BoosterPort, stop: Knobs, fold: int | None, start: int) -> Session:  # noqa: ARG002 - what subclasses get
        """Make the session of a booster of `start` iterations; `fold` in `cv`, else None."""
        raise TypeError(f"{type(self).__name__} does not say where to record to")

    def records_here(self) -> bool:
        """Return whether this process is the one that records, of several that train together."""
        return True

    def flush(self) -> None:
        """Write out what the running trainings of this thread have recorded so far.

        Those of other threads flush themselves: no thread may touch a booster that another one is updating.
        """
        for recording in of_this_thread(self._recordings):
            for session in recording.sessions:
                session.flush()

    def _finish_silent(self) -> None:
        """Close trainings that are over though the library did not say so."""


def of_this_thread(recordings: dict[int, R]) -> list[R]:
    """The trainings that this thread has under way, oldest first."""
    return [r for r in list(recordings.values()) if r.thread == threading.get_ident()]
