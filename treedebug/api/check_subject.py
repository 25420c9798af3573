"""What `treedebug.check` was given, recognised once: a run, a saved model or a live booster, or a table."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treedebug.api.boosted_run import load
from treedebug.api.saved_models import is_model_file, model_as_run, model_bytes, read_model_file
from treedebug.api.wrong_kind import kind_of, what_to_do
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.errors import ConfigError, RunNotFoundError
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.run_data import Pulse, RunData
from treedebug.profiles.sources.open_table import is_table
from treedebug.profiles.sources.table_files import holds_table, is_elsewhere
from treedebug.store.disk_store import is_run

RUN, MODEL, TABLE = "run", "model", "table"


@dataclass(frozen=True)
class Subject:
    """What is checked: its kind, its name in reports, and its record (empty for a table, which is yet to be read)."""

    kind: str
    source: str
    run: RunData = field(default_factory=RunData)


def recognise(value: Any, *, has_target: bool = False) -> Subject:
    """Say what a value is; with a target, a file whose name does not tell is a table.

    Raise ConfigError if it cannot be checked, RunNotFoundError if its path does not exist.
    """
    if isinstance(value, Recorded):
        return Subject(RUN, str(value.path or "run in memory"), value.data)
    if isinstance(value, RunData):
        return Subject(RUN, "run in memory", value)
    if isinstance(value, str | os.PathLike):
        if isinstance(value, str) and is_elsewhere(value):
            return Subject(TABLE, value)
        return _at_path(Path(value), has_target=has_target)
    if isinstance(value, DataSets | DataProfile) or is_table(value):
        return Subject(TABLE, "")
    raw = model_bytes(value)
    if raw is None:
        raise ConfigError(
            "check takes a run or its path, a saved model or its booster, a table or its path; got "
            f"{kind_of(value)}{what_to_do(value)}"
        )
    return Subject(MODEL, f"{type(value).__module__.split('.')[0]} {type(value).__name__}", model_as_run(raw))


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


def _at_path(path: Path, *, has_target: bool) -> Subject:
    if not path.exists() and path.expanduser().exists():
        path = path.expanduser()
    if not path.exists():
        raise RunNotFoundError(f"there is no run, saved model or table at {path}: no such file or folder")
    if not is_run(path) and holds_table(path):
        return Subject(TABLE, str(path))
    if has_target and path.is_file() and path.suffix != ".treedebug" and not is_model_file(path):
        return Subject(TABLE, str(path))
    if path.is_file() and path.suffix != ".treedebug":
        return Subject(MODEL, str(path), read_model_file(path))
    return Subject(RUN, str(path), load(path).data)
