"""SendingAction: the base of actions that tell somebody. What came of it is noted in the run."""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from treedebug.actions.courier import Courier
from treedebug.actions.message import Message, make_message
from treedebug.actions.selection import Selection
from treedebug.core.errors import ConfigError
from treedebug.core.findings import Finding
from treedebug.core.protocols import Knobs
from treedebug.core.run.run_data import Note, RunData

_LAST_WAIT = 10.0
"""Seconds that the end of a training waits for what is under way."""


class DeliveryError(Exception):
    """A message did not arrive; the text says why, and holds no secret."""


class _Sent:
    """What was sent of one run."""

    def __init__(self) -> None:
        self.acted: set[tuple[str, str]] = set()
        self.last = float("-inf")
        self.outcomes: deque[str] = deque()
        """What came of messages, to be noted by the thread that trains."""
        self.under_way: list[threading.Event] = []


class SendingAction:
    """Sends findings in a thread of its own.

    `on`: codes, names, families ("DA") or severities ("warning": and errors). `once`: each finding once a run, else
    each time it opens. `every`: seconds between two messages at least; findings meanwhile go with the next one.
    `dry_run`: only note what would be sent.
    """

    def __init__(self, on: Sequence[str], *, once: bool, every: float, dry_run: bool) -> None:
        kind = type(self).__name__
        self._selection = Selection(on, kind)
        if isinstance(every, bool) or not isinstance(every, int | float) or not 0 <= every < float("inf"):
            raise ConfigError(f"{kind}(every=...) takes a number of seconds >= 0; got {every!r}")
        for name, value in (("once", once), ("dry_run", dry_run)):
            if not isinstance(value, bool):
                raise ConfigError(f"{kind}({name}=...) is True or False; got {value!r}")
        self.on = self._selection.words
        self.once, self.every, self.dry_run = once, float(every), dry_run
        self._courier = Courier()
        self._sent: weakref.WeakKeyDictionary[RunData, _Sent] = weakref.WeakKeyDictionary()

    def deliver(self, message: Message) -> str:
        """Send the message; return what came of it, in words. Raise DeliveryError if it did not arrive."""
        raise NotImplementedError

    # -- the protocol of actions -----------------------------------------------------------------------------------

    def on_findings(self, run: RunData, findings: Sequence[Finding], knobs: Knobs) -> None:  # noqa: ARG002 - as all actions take it
        """Hand what is new to the thread. Never waits."""
        sent = self._sent.setdefault(run, _Sent())
        chosen = self._selection.of(findings)
        if not self.once:
            sent.acted &= {f.key for f in chosen}
        due = [f for f in chosen if f.key not in sent.acted]
        now = time.monotonic()
        if due and (now - sent.last >= self.every or run.ended):
            sent.acted |= {f.key for f in due}
            sent.last = now
            self._send(sent, make_message(run, due))
        self._note(run, sent)

    def on_end(self, run: RunData) -> None:
        """Wait a little for what is under way, and note what came of it."""
        sent = self._sent.get(run)
        if sent is None:
            return
        ends = time.monotonic() + _LAST_WAIT
        for done in sent.under_way:
            if not done.wait(max(0.0, ends - time.monotonic())):
                sent.outcomes.append("was still under way when the training had ended")
                break
        self._note(run, sent)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _send(self, sent: _Sent, message: Message) -> None:
        if self.dry_run:
            sent.outcomes.append(f"would have told of {message.codes} (dry_run)")
            return
        done = threading.Event()
        sent.under_way = [event for event in sent.under_way if not event.is_set()] + [done]
        if not self._courier.submit(self._job(sent.outcomes.append, message, done)):
            done.set()
            sent.outcomes.append(f"did not tell of {message.codes}: too many messages wait")

    def _job(self, tell: Callable[[str], None], message: Message, done: threading.Event) -> Callable[[], None]:
        def job() -> None:
            try:
                tell(f"told of {message.codes}: {self.deliver(message)}")
            except DeliveryError as error:
                tell(f"could not tell of {message.codes}: {error}")
            except BaseException as error:  # noqa: BLE001 - in a thread of its own, where nothing may end silently
                tell(f"could not tell of {message.codes}: {type(error).__name__}")  # its text may hold a secret
            finally:
                done.set()

        return job

    def _note(self, run: RunData, sent: _Sent) -> None:
        with contextlib.suppress(IndexError):
            while True:
                said = f"{type(self).__name__} {sent.outcomes.popleft()}"
                if all(note.message != said for note in run.notes):
                    run.notes.append(Note("actions", said, run.n_rounds))

    def __getstate__(self) -> dict[str, Any]:
        """Leave what was sent, and the thread, to this process."""
        return {k: v for k, v in self.__dict__.items() if k not in ("_sent", "_courier")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Begin anew in another process."""
        self.__dict__.update(state, _sent=weakref.WeakKeyDictionary(), _courier=Courier())

    def __repr__(self) -> str:
        """Return how it was made, without where it sends to."""
        return f"{type(self).__name__}(on={list(self.on)!r})"
