"""One run in the list: where it lies, and what is known of it so far."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treedebug.api.boosted_run import load
from treedebug.api.liveness import pulse, state_of
from treedebug.api.run_row import run_row
from treedebug.core.errors import TreedebugError
from treedebug.core.run.run_data import Header, RunData
from treedebug.store.quick_look import quick_look

UNREADABLE = "unreadable"
_PARAM = "params."


def id_of(place: str) -> str:
    """Return a short name for a place that is safe in any address, whatever the place holds."""
    return hashlib.blake2b(os.fsencode(place), digest_size=8).hexdigest()


@dataclass
class ListedRun:
    """A run `place` below the folder that is shown. `row` is that of `treedebug.runs(...).frame`."""

    id: str
    place: str
    path: Path
    stamp: tuple[int, int]
    """Size and time of the record file when it was looked at."""
    row: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    is_whole: bool = False
    """Whether the whole file was read, not its two ends only."""
    looked_at: float = 0.0
    error: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is expected."""
        return self.row.get("state") in ("finished", "stopped", "interrupted", UNREADABLE)

    def glimpse(self, file: Path) -> None:
        """Fill the row from the two ends of the record file."""
        seen = quick_look(file)
        run = RunData(header=seen.header)
        run.ending = None if seen.ending is None else dict(seen.ending)
        beat = None if run.ending else pulse(str(self.path), run)
        self.error = seen.error
        n_rounds = (run.ending or {}).get("n_rounds")
        self.row = {
            **_of_header(seen.header),
            "state": UNREADABLE if seen.error else state_of(run, beat),
            "n_rounds": n_rounds if isinstance(n_rounds, int) else None,
        }
        self.params = _chosen(seen.header.params or seen.header.params_given)

    def read(self) -> None:
        """Fill the row from the whole file; a run that cannot be read says so."""
        self.is_whole = True
        try:
            row = run_row(load(self.path).data, self.path)
        except (TreedebugError, OSError) as error:
            self.error, self.row = str(error), {**self.row, "state": UNREADABLE}
            return
        self.error = ""
        self.params = _chosen({k.removeprefix(_PARAM): v for k, v in row.items() if k.startswith(_PARAM)})
        self.row = {k: v for k, v in row.items() if not k.startswith(_PARAM)}


def _of_header(header: Header) -> dict[str, Any]:
    return {
        "name": header.name,
        "tags": ",".join(header.tags),
        "library": header.library,
        "started": header.started,
    }


def _chosen(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that are a number or a word: lists, written as texts or not, cannot be sorted by."""
    return {
        n: v for n, v in params.items() if isinstance(v, str | int | float) and str(v)[:1] not in {"", "[", "{", "("}
    }
