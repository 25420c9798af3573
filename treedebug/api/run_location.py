"""Where runs are: a path of this machine, or a URL, whose runs are copied to a folder of this process to be read."""

from __future__ import annotations

import os
from pathlib import Path

from treedebug.core.errors import TreedebugError
from treedebug.profiles.sources.packed_files import is_named_table
from treedebug.profiles.sources.remote_files import is_url
from treedebug.store.load_run import find_runs
from treedebug.store.remote.mirror import mirrored


def local_runs(path: str | os.PathLike[str]) -> Path:
    """Return the local folder or file where the run, or the runs, at a path or URL can be read, as they are now.

    Raise StoreError where a storage cannot be read.
    """
    if isinstance(path, str) and is_url(path):
        return mirrored(path)
    return Path(path).expanduser()


def is_remote_run(path: object) -> bool:
    """Return whether a path is a URL with runs at or below it, and no table."""
    if not isinstance(path, str) or not is_url(path) or is_named_table(Path(path)) or path.startswith(_OF_TABLES):
        return False
    try:
        return bool(find_runs(mirrored(path)))
    except TreedebugError:  # a data base, or a storage that whoever reads a table from it will complain of
        return False


_OF_TABLES = ("http://", "https://")
"""Nothing can be recorded to these, so nothing is looked for there."""
