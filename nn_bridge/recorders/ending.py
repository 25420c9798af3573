"""The end of a torch recording: by its `with` block, by `close()`, or by nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn_bridge.capture.sampler import Sampler
from nn_bridge.record.start_net_run import NetPlace, what_ends_python


def end_recording(place: NetPlace, sampler: Sampler, handles: Sequence[Any], interrupted: str = "") -> None:
    """Take all hooks away and close the run."""
    for handle in handles:
        handle.remove()
    if not interrupted:
        place.look_back()
    place.journal.faults.guard("tensors", sampler.detach)
    place.end(interrupted=interrupted)


def end_unclosed(place: NetPlace, sampler: Sampler, handles: Sequence[Any]) -> None:
    """Close the run of a recorder that was deleted, or still open as the interpreter ended."""
    end_recording(place, sampler, handles, what_ends_python())
