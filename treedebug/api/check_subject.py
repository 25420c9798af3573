"""What `treedebug.check` was given, recognised once: a run, a saved model or a live booster, or a table."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from treedebug.api.open_run import open_run
from treedebug.api.run_location import is_remote_run
from treedebug.api.saved_models import is_model_file, model_as_run, model_bytes, read_model_file
from treedebug.api.subject import MODEL, RUN, TABLE, Subject
from treedebug.api.wrong_kind import kind_of, what_to_do
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.errors import ConfigError, RunNotFoundError
from treedebug.core.run.recorded import Recorded
from treedebug.core.run.run_data import RunData
from treedebug.profiles.sources.open_table import is_table
from treedebug.profiles.sources.table_files import holds_table, is_elsewhere, seems_table
from treedebug.store.disk_store import is_run


def recognise(value: Any, *, has_target: bool = False) -> Subject:  # noqa: PLR0911 - one for each kind
    """Say what a value is; with a target, a file whose name does not tell is a table.

    Raise ConfigError if it cannot be checked, RunNotFoundError if its path does not exist.
    """
    if isinstance(value, Subject):
        return value
    if isinstance(value, Recorded | RunData):
        return _in_memory(value)
    if isinstance(value, str | os.PathLike):
        if is_remote_run(value):
            return Subject(RUN, str(value), open_run(value)[0])
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


def _in_memory(run: Recorded | RunData) -> Subject:
    if isinstance(run, RunData):
        return Subject(RUN, "run in memory", run)
    return Subject(RUN, str(run.path or "run in memory"), run.data)


def _at_path(path: Path, *, has_target: bool) -> Subject:
    if not path.exists() and path.expanduser().exists():
        path = path.expanduser()
    if not path.exists():
        raise RunNotFoundError(f"there is no run, saved model or table at {path}: no such file or folder")
    if not is_run(path) and holds_table(path):
        return Subject(TABLE, str(path))
    if has_target and path.is_dir() and not is_run(path):
        return Subject(TABLE, str(path))
    if path.is_file() and path.suffix != ".treedebug" and (path.suffix == ".json" or not is_model_file(path)):
        may_be_model = path.suffix == ".json" or not has_target
        if not may_be_model or seems_table(path, has_target=has_target):
            return Subject(TABLE, str(path))
    if path.is_file() and path.suffix != ".treedebug":
        return Subject(MODEL, str(path), read_model_file(path))
    return Subject(RUN, str(path), open_run(path)[0])
