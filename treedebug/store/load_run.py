"""From a path, or any source of records, to a RunData."""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from treedebug.core.errors import ConfigError, FormatError, NotRecordedError, RunNotFoundError, TreedebugError
from treedebug.core.run.records import Record, Source
from treedebug.core.run.run_data import Note, NoTrees, RunData
from treedebug.core.run.summarize_trees import summarize
from treedebug.core.run.tree_summary import TreeSummary
from treedebug.store.action_log import read_actions
from treedebug.store.disk_store import DiskSource, is_run
from treedebug.store.file_format import FILE_NAME
from treedebug.store.record_decoders import apply
from treedebug.store.recorded_trees import Parse, RecordedTrees

MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError, RecursionError)
"""What a decoder raises for a record that makes no sense."""
_N_LISTED = 10


def load_data(path_or_source: str | os.PathLike[str] | Source, parse: Parse) -> RunData:
    """Everything recorded at a path, in any process, during or after the training; `parse` reads a batch of trees.

    Trees stay on disk until asked for. Raises RunNotFoundError where there is no run, FormatError for a file that is
    foreign or newer, ConfigError for anything but a path.
    """
    if isinstance(path_or_source, str | os.PathLike):
        source = _source(Path(path_or_source))
        run = load_records(source, parse)
        run.notes += read_actions(source.file.parent, run.header.run_id)
        return run
    if not callable(getattr(path_or_source, "records", None)):
        raise ConfigError(f"expected the path of a run, such as 'runs/churn'; got {path_or_source!r}")
    return load_records(path_or_source, parse)


def load_records(source: Source, parse: Parse) -> RunData:
    """Fold the records of a source into a run. Malformed and unknown ones become notes, never errors."""
    trees = RecordedTrees(parse)
    run = RunData(trees=trees)
    unknown: Counter[str] = Counter()
    for position, record in enumerate(source.records()):
        try:
            if not apply(run, record):
                unknown[record.kind] += 1
        except MALFORMED as error:
            run.notes.append(malformed(position, record, error))
    if unknown:
        kinds = ", ".join(f"{n} of kind {kind!r}" for kind, n in sorted(unknown.items()))
        run.notes.append(Note("store", f"records of kinds this treedebug does not know were ignored: {kinds}"))
    if trees.is_recorded:
        run.add_stream(TreeSummary, functools.partial(_summary, run))
    else:
        run.trees = NoTrees()
    return run


def find_runs(path: str | os.PathLike[str], *, max_depth: int = 3) -> list[Path]:
    """Folders that hold a run: `path` itself and those below it (folds of a cross-validation, clones), sorted."""
    return sorted(walk_runs(path, max_depth=max_depth))


def walk_runs(path: str | os.PathLike[str], *, max_depth: int) -> Iterator[Path]:
    """Yield folders that hold a run as they are found, the path itself first."""
    top = Path(path)
    for folder, below, files in os.walk(top):
        if FILE_NAME in files:
            yield Path(folder)
        is_deep = len(Path(folder).relative_to(top).parts) >= max_depth
        below[:] = [] if is_deep else [name for name in below if not name.startswith(".")]


def first_header(path: Path) -> Mapping[str, Any]:
    """Return the fields of a run's first header, without reading the rest; {} where there is none that can be read."""
    try:
        return next((r.fields for r in DiskSource(path).records() if r.kind == "header"), {})
    except (TreedebugError, OSError):
        return {}


def _source(path: Path) -> DiskSource:
    if path.is_file() or is_run(path):
        return DiskSource(path)
    if not path.exists():
        raise RunNotFoundError(f"there is no run at {path}: no such file or folder")
    runs = find_runs(path)
    if not runs:
        raise RunNotFoundError(f"there is no run at {path}: expected a folder with a file {FILE_NAME!r}")
    listed = ", ".join(str(run) for run in runs[:_N_LISTED]) + (", ..." if len(runs) > _N_LISTED else "")
    raise RunNotFoundError(
        f"{path} holds no run itself but {len(runs)} below it: treedebug.runs({str(path)!r}) reads them all, and its "
        f".check() sums them up; or take one of them: {listed}"
    )


def malformed(position: int, record: Record, error: Exception) -> Note:
    """Return the note that a record was ignored, and why."""
    return Note(
        "store", f"record {position} of kind {record.kind!r} is malformed and was ignored: {error!r}", is_damage=True
    )


def _summary(run: RunData) -> TreeSummary | None:
    # The trees of the last rounds of a killed training may be lost: those rounds are not rounds without trees.
    trees = cast("RecordedTrees", run.trees)
    n_rounds = run.n_rounds if run.ended else min(run.n_rounds, trees.covered)
    try:
        return summarize(trees, n_features=run.header.n_features, n_rounds=n_rounds)
    except (FormatError, NotRecordedError, MemoryError) as error:
        run.notes.append(Note("trees", f"the recorded trees cannot be read: {error!s:.300}", is_damage=True))
        return None
