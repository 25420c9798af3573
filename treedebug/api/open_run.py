"""What was recorded at a path or URL, before anybody asks what to do with it: `load` makes a Run of it."""

from __future__ import annotations

import os
from pathlib import Path

from treedebug.api.run_location import local_runs
from treedebug.api.wrong_kind import kind_of, what_to_do
from treedebug.core.errors import ConfigError, RunNotFoundError
from treedebug.core.run.run_data import RunData
from treedebug.profiles.sources.remote_files import is_url
from treedebug.readers.library_readers import read_batch
from treedebug.store.load_run import find_runs, load_data


def open_run(path: str | os.PathLike[str]) -> tuple[RunData, Path]:
    """Return the record and where it lies on this machine.

    Raise RunNotFoundError (which lists the runs below the path, if there are any), FormatError, and ConfigError for
    anything but a path.
    """
    if not isinstance(path, str | os.PathLike):
        raise ConfigError(f"load takes the path of a run, such as 'runs/churn'; got {kind_of(path)}{what_to_do(path)}")
    place = local_runs(path)
    if isinstance(path, str) and is_url(path) and not find_runs(place):
        raise RunNotFoundError(f"there is no run at {path}")
    return load_data(place, read_batch), place
