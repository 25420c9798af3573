"""Where a network's run is written, and by which rules it is judged: the one place where nn_bridge meets the floors."""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nn_bridge.record.network_facts import NetFacts
from nn_bridge.record.run_writer import Journal
from treedebug.core.errors import NotRecordedError, TreedebugError
from treedebug.core.faults import say
from treedebug.core.protocols import StopRequest
from treedebug.core.run.records import Sink
from treedebug.core.run.run_data import FINISHED, INTERRUPTED, STOPPED, Header, RunData
from treedebug.engine.judging import Judging
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.live_watcher import live_watcher
from treedebug.store.disk_store import DiskSink, is_run
from treedebug.store.load_run import load_data
from treedebug.store.writing.moving_sink import MovingSink
from treedebug.store.writing.new_run import birth_facts
from treedebug.store.writing.run_paths import base_for, check_exists, check_recordable, is_taken, numbered, run_path
from treedebug.store.writing.run_place import RunPlace, Spot
from treedebug.store.writing.run_writer import Watch
from treedebug.store.writing.search_trial import search_trial

_SPELLING = {
    "n_estimators": "epochs", "learning_rate": "lr", "early_stopping_rounds": "patience",
    "scale_pos_weight": "pos_weight",
}  # fmt: skip
_SIMPLER = (
    ("weight_decay", 0.01, "smaller weights fit less noise"),
    ("dropout", 0.2, "units that lean less on each other"),
)
"""What the rules on curves say in place of a booster's parameters."""


_NO_STEP = (
    "no step was seen: the model was not trained, or by another optimizer than the recorder was given (make the "
    "recorder after both, and after .to())"
)


@dataclass
class NetPlace:
    """A run being written: its journal, and how to read it back."""

    journal: Journal
    sink: Sink
    stop: StopRequest
    where: RunPlace = field(default_factory=RunPlace)

    @property
    def path(self) -> Path | None:
        """The folder of the run; None for memory."""
        return self.where.path

    def look_back(self) -> None:
        """Note what the whole training lacked, before it is closed."""
        if not self.journal.n_steps:
            self.journal.note("steps", _NO_STEP)

    def end(self, *, interrupted: str = "") -> None:
        """Close the run: as interrupted with what interrupted it, as stopped by an action, or as finished."""
        if interrupted:
            self.journal.end(INTERRUPTED, reason=interrupted)
        elif self.stop.asked:
            self.journal.end(STOPPED, best_round=self.stop.best_round, reason=self.stop.reason)
        else:
            self.journal.end(FINISHED)

    def data(self) -> RunData:
        """What was recorded so far, read back."""
        return self.where.load(_no_trees)


def open_place(  # noqa: PLR0913 - the last three have defaults
    path: str | os.PathLike[str] | None,
    fields: Mapping[str, Any],
    judging: Judging,
    *,
    quiet: bool = False,
    round_steps: int | None = None,
    exists: str = "number",
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> NetPlace:
    """Begin the record of a network's run, whose parameters have these shapes, or go on with it.

    Raises ConfigError for arguments that make no sense, RunExistsError with `exists="error"` for a path that holds a
    run, StoreError where nothing can be written: all before the first step.
    """
    folder, trial = run_path(path), search_trial()
    if folder is not None and trial is not None:
        folder = base_for(folder, trial) / trial.place
    check_recordable(folder, check_exists(exists))
    rules = judging.chosen()
    where = RunPlace(folder)
    go_on = folder is not None and exists == "resume" and is_run(folder)
    resumed = _resumed(where, fields, shapes or {}, quiet=quiet) if go_on else None
    facts = birth_facts() | ({} if trial is None else {"search": trial.facts})
    run = RunData(Header(slow_rounds=True)) if resumed is None else resumed[1]
    if resumed is None:
        run.header.update({"extra": {"spelling": _SPELLING, "simpler": _SIMPLER}})
    else:
        facts = {name: value for name, value in facts.items() if name not in ("run_id", "started")}
    run.header.update(
        {**facts, **fields, "versions": {**run.header.versions, **facts["versions"], **_versions(fields)}}
    )
    stop = StopRequest()
    watcher = live_watcher(rules, judging.actions, None if quiet else LiveConsole()) if rules else None
    sink: Sink = where.memory
    if folder is not None:
        sink = _sink(where, folder, quiet=quiet) if resumed is None else resumed[0]
    journal = Journal(run, sink, Watch(stop, watcher), quiet=quiet, round_steps=round_steps, unsaved=where.unsaved)
    if resumed is not None and watcher is not None:
        journal.catch_up(watcher.catch_up)
    return NetPlace(journal, sink, stop, where)


def _versions(fields: Mapping[str, Any]) -> dict[str, str]:
    return dict(fields.get("versions", {}))


def _resumed(
    where: RunPlace, fields: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]], *, quiet: bool
) -> tuple[MovingSink, RunData] | None:
    """Return the run at the place, to go on with; None if it is another net's, or another writes it, which is said."""
    path = where.path or Path()
    try:
        run = load_data(path, _no_trees)
        _check_same_net(run, fields, shapes)
        opened = DiskSink(path, resume=True)
    except (TreedebugError, OSError) as error:
        if not quiet:
            say(f"cannot go on with the run at {path}: {error}; this training is recorded beside it")
        return None
    return MovingSink(where, lambda: opened, Spot(functools.partial(numbered, path), is_taken).open), run


def _check_same_net(run: RunData, fields: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> None:
    facts, header = run.stream(NetFacts), run.header
    if facts is None or (header.library, header.booster) != (fields["library"], fields["booster"]):
        recorded = " ".join(part for part in (header.library, header.booster) if part) or "nothing yet"
        raise NotRecordedError(f"it records {recorded}, and this is {fields['library']} {fields['booster']}")
    known = {p.name: tuple(p.shape) for p in facts.params}
    for name, shape in shapes.items():
        if known.get(name, shape) != shape:
            raise NotRecordedError(f"the shape of its {name} is {known[name]}, and that of this net's is {shape}")


def _sink(where: RunPlace, folder: Path, *, quiet: bool) -> MovingSink:
    """Record to the folder, or to a numbered one beside it if it already holds a run."""
    beside = Spot(functools.partial(numbered, folder), is_taken).open
    return MovingSink(where, functools.partial(_open_first, folder, quiet=quiet), beside)


def _open_first(folder: Path, *, quiet: bool) -> DiskSink:
    sink = Spot(functools.partial(numbered, folder), is_taken).open()
    if sink.path != folder and not quiet:
        say(f"{folder} already holds a run: this training is recorded at {sink.path}")
    return sink


def what_ends_python() -> str:
    """The error that the interpreter is ending on, "" while it runs on, ends in peace, or after one in a notebook."""
    error = getattr(sys, "last_value", None)
    if error is None or hasattr(sys, "ps1") or threading.main_thread().is_alive():
        return ""
    return in_words(error)


def in_words(error: BaseException | None) -> str:
    """What interrupted a training, "" for nothing."""
    return "" if error is None else f"{type(error).__name__}: {error}".rstrip(": ")


def _no_trees(batch: Any) -> Any:
    raise ValueError(f"a network's run has no trees, but a record of some: {batch!r}")
