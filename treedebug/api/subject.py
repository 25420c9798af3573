"""What is checked, recognised and read already."""

from __future__ import annotations

from dataclasses import dataclass, field

from treedebug.core.run.run_data import Pulse, RunData

RUN, MODEL, TABLE = "run", "model", "table"


@dataclass(frozen=True)
class Subject:
    """What is checked: its kind, its name in reports, and its record (empty for a table, which is yet to be read)."""

    kind: str
    source: str
    run: RunData = field(default_factory=RunData)


def damage_of(found: Subject, beat: Pulse | None) -> tuple[str, ...]:
    """Return what of a run was recorded and cannot be read, in words, or that nothing was recorded at all."""
    run = found.run
    if run.damage or found.kind != RUN or beat is None or run.n_rounds > run.header.start_round:
        return run.damage
    if not run.header.run_id and not run.header.library:
        return ("the record is empty: not even what was to be trained is in it",)
    if beat.process == "gone":
        return ("no round is recorded, and the process that trained is gone: there is nothing to judge",)
    return ()
