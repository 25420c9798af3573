"""Where a run may be recorded: a path as the user gave it, made absolute, and the free folders beside and below it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from treedebug.core.errors import ConfigError, RunExistsError, StoreError, did_you_mean
from treedebug.store.disk_store import is_run
from treedebug.store.load_run import first_header, walk_runs
from treedebug.store.writing.search_trial import SearchTrial

EXISTS = ("number", "resume", "error")
"""What to do where the path already holds a run: record beside it, go on with it, or refuse."""
_RAYS_START = "TUNE_ORIG_WORKING_DIR"
_DEEP = 2
"""Folders below a path where its own runs may be: a search's candidates have splits below them."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # a drive of Windows has one letter


def run_path(path: Any) -> Path | None:
    """Return the absolute path, or None for memory. Raise ConfigError for anything that cannot name a folder."""
    if path is None:
        return None
    if not isinstance(path, str | os.PathLike) or isinstance(os.fspath(path), bytes):
        raise ConfigError(f"path must be a folder to record to, or None for memory; got {path!r}")
    text = os.fspath(path)
    if not text.strip():
        raise ConfigError("path is empty: give a folder to record to, such as 'runs/churn', or None for memory")
    if isinstance(path, str) and _URL.match(text):
        raise ConfigError(
            f"path must be a folder of this machine; {text!r} is a URL. Record to a local folder and copy it there, or "
            "mount the storage as a folder"
        )
    try:
        # Ray Tune moves each trial to a folder of its own, which it throws away; the user's folder is here.
        given = Path(os.environ.get(_RAYS_START, "")) / Path(text).expanduser()
        return Path(os.path.abspath(given))  # noqa: PTH100 - resolve() would follow links
    except (RuntimeError, ValueError) as error:
        raise ConfigError(f"path {text!r} is no folder that can be recorded to: {error}") from error


def check_exists(exists: Any) -> str:
    """Return `exists`. Raises ConfigError for a word it does not know."""
    if exists not in EXISTS:
        raise ConfigError(
            f"exists must be one of {', '.join(map(repr, EXISTS))}; got {exists!r}.{did_you_mean(str(exists), EXISTS)}"
        )
    return str(exists)


def check_recordable(path: Path | None, exists: str) -> None:
    """Raise, before any training, where a run can never be recorded.

    StoreError for a path at or below a file, or in a folder that may not be written to; RunExistsError for a path that
    holds a run, with `exists="error"`.
    """
    if path is None:
        return
    above = path
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir():
        raise StoreError(f"cannot record a run at {path}: {above} is a file; a run needs a folder, give another path")
    if not os.access(above, os.W_OK | os.X_OK):
        raise StoreError(f"cannot record a run at {path}: {above} may not be written to; give another path")
    if exists == "error" and is_taken(path):
        raise RunExistsError(
            f"{path} already holds a run, and a run is never overwritten: choose another path, delete the folder, or "
            "pass exists='number' to record beside it, exists='resume' to continue that training"
        )


def is_taken(path: Path) -> bool:
    """Return whether a new run at the path would be mixed with what is there."""
    return path.exists() and (not path.is_dir() or any(True for _ in walk_runs(path, max_depth=_DEEP)))


def base_for(path: Path, trial: SearchTrial | None) -> Path:
    """Return the path, or the first one beside it that holds no run, or only trials of the same search."""
    return next(p for p in numbered(path) if not is_taken(p) or (trial is not None and _is_of_search(p, trial)))


def _is_of_search(path: Path, trial: SearchTrial) -> bool:
    """Return whether the runs below the path are of the trial's search, by the first that is found."""
    if not path.is_dir():
        return False
    for run in walk_runs(path, max_depth=_DEEP):
        if run != path:
            search = first_header(run).get("search")
            return isinstance(search, Mapping) and all(search.get(k) == trial.facts[k] for k in ("tool", "name"))
    return False


def numbered(path: Path) -> Iterator[Path]:
    """The path, and those beside it: `runs/churn`, `runs/churn-2`, `runs/churn-3`, ..."""
    yield path
    n = 2
    while True:
        yield path.with_name(f"{path.name}-{n}")
        n += 1


def fits_below(path: Path) -> Iterator[Path]:
    """Folders below the path for further trainings of one callback: `runs/churn/fit-000`, ..."""
    n = 0
    while True:
        yield path / f"fit-{n:03d}"
        n += 1


def free_for_copy(path: Path) -> Iterator[Path]:
    """Where copies of one callback record, side by side: the first at the path itself, the others below it."""
    if not holds_own_run(path):
        yield path
    yield from fits_below(path)


def holds_own_run(path: Path) -> bool:
    """Return whether the folder itself holds a run, or the folds of one."""
    return is_run(path) or (path.is_dir() and any(is_run(fold) for fold in path.glob("fold-*")))
