"""What a watcher's actions did, beside the record of a run, which only its own training writes."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from treedebug.core.run.run_data import Note

ACTIONS_NAME = "actions.jsonl"
_MOST_BYTES, _LONGEST = 1 << 18, 500


def write_actions(folder: Path, run_id: str, notes: Sequence[Note]) -> None:
    """Add notes to the file beside the run; a folder that may not be written to keeps none."""
    lines = [json.dumps({"run_id": run_id, "message": n.message, "round_index": n.round_index}) for n in notes]
    with contextlib.suppress(OSError):
        fd = os.open(folder / ACTIONS_NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(fd, "".join(f"{line}\n" for line in lines).encode("ascii"))  # one write: lines never mix
        finally:
            os.close(fd)


def read_actions(folder: Path, run_id: str) -> list[Note]:
    """Return what was noted of this run; lines that make no sense are left out."""
    try:
        with (folder / ACTIONS_NAME).open("rb") as file:
            lines = file.read(_MOST_BYTES).splitlines()
    except OSError:
        return []
    notes = []
    for line in lines:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict) and said.get("run_id") == run_id and isinstance(said.get("message"), str):
            at = said.get("round_index")
            notes.append(Note("actions", said["message"][:_LONGEST], at if type(at) is int else None))
    return notes
