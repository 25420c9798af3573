"""The request to stop a training, which another process leaves beside its record, and which the recorder looks for."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from treedebug.core.errors import StoreError
from treedebug.core.protocols import Knobs
from treedebug.core.run.run_data import RunData

STOP_NAME = "stop.request.json"
_MOST_BYTES = 4096
_LONGEST = 200


@dataclass(frozen=True)
class StopOrder:
    """Stop after the round under way; `best_round` becomes the best iteration."""

    best_round: int | None
    reason: str


def write_stop(folder: Path, *, run_id: str, order: StopOrder) -> None:
    """Leave the request beside the run. Raise StoreError where the folder may not be written to."""
    text = json.dumps({"run_id": run_id, "best_round": order.best_round, "reason": order.reason[:_LONGEST]})
    try:
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".stop-", delete=False, encoding="ascii") as file:
            file.write(text)
        Path(file.name).replace(folder / STOP_NAME)  # whole, or not there at all
    except OSError as error:
        raise StoreError(f"cannot ask the training at {folder} to stop: {error.strerror or error}") from error


def read_stop(folder: Path, *, run_id: str, n_rounds: int) -> StopOrder | None:
    """Return the request for this run; None where there is none, or none that makes sense for `n_rounds` rounds."""
    try:
        with (folder / STOP_NAME).open("rb") as file:
            said = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("run_id") != run_id:
        return None
    best, reason = said.get("best_round"), said.get("reason")
    is_round = isinstance(best, int) and not isinstance(best, bool) and 0 <= best < n_rounds
    text = " ".join(str(reason).split())[:_LONGEST] if isinstance(reason, str) else ""
    return StopOrder(best if is_round else None, text or "asked from outside")


class HasPath(Protocol):
    """The place of a run, which may change while it is recorded; None for memory."""

    path: Path | None


class StopBox:
    """Where the recorder of one run looks for a request."""

    def __init__(self, place: HasPath) -> None:
        self._place = place

    def clear(self) -> None:
        """Remove a request: it is being followed, or it was meant for an earlier training."""
        if self._place.path is not None:
            with contextlib.suppress(OSError):
                (self._place.path / STOP_NAME).unlink(missing_ok=True)

    def heed(self, run: RunData, knobs: Knobs) -> None:
        """Stop the training if another process, such as `treedebug watch`, has asked for it."""
        order = self.take(run.header.run_id, run.n_rounds)
        if order is not None:
            knobs.stop(best_round=order.best_round, reason=order.reason)

    def take(self, run_id: str, n_rounds: int) -> StopOrder | None:
        """Return the request, once. It costs a look at one file name."""
        folder = self._place.path
        if folder is None or not os.path.exists(folder / STOP_NAME):  # noqa: PTH110 - half the time of Path.exists
            return None
        order = read_stop(folder, run_id=run_id, n_rounds=n_rounds)
        if order is not None:
            self.clear()
        return order
