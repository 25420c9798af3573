"""Where a network's run is written, and by which rules it is judged: the one place where nn_bridge meets the floors."""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nn_bridge.record.run_writer import Journal, Watch
from treedebug.core.errors import ConfigError, RunExistsError
from treedebug.core.protocols import Action, StopRequest
from treedebug.core.run.machine_usage import host_facts
from treedebug.core.run.run_data import FINISHED, INTERRUPTED, STOPPED, Header, RunData
from treedebug.core.version import __version__
from treedebug.engine.config import Config, settle
from treedebug.engine.rule import Rule
from treedebug.engine.rule_selection import chosen_rules
from treedebug.engine.watcher import Watcher, check_actions
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.live_findings import LiveFindings
from treedebug.store.disk_store import DiskSink, DiskSource
from treedebug.store.load_run import load_records
from treedebug.store.memory_store import Continued, MemorySink

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


@dataclass(frozen=True)
class Judging:
    """Which rules look while it trains, and what is done about findings."""

    rules: Sequence[Rule | type[Rule]] = ()
    select: Sequence[str] | None = None
    ignore: Sequence[str] | None = None
    config: Config | None = None
    actions: Sequence[Action] = ()


@dataclass
class Place:
    """A run being written: its journal, and how to read it back."""

    journal: Journal
    sink: DiskSink | MemorySink
    stop: StopRequest
    path: Path | None = None

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
        source = self.sink if isinstance(self.sink, MemorySink) else DiskSource(self.sink.path)
        return load_records(Continued(source, self.journal.unsaved), _no_trees)


def open_place(
    path: str | os.PathLike[str] | None,
    fields: Mapping[str, Any],
    judging: Judging,
    *,
    quiet: bool = False,
    round_steps: int | None = None,
) -> Place:
    """Claim the folder (or memory, for None) and begin the record.

    Raises ConfigError for arguments that make no sense, RunExistsError for a path that holds a run, StoreError where
    nothing can be written: all before the first step.
    """
    if path is not None and not isinstance(path, str | os.PathLike):
        raise ConfigError(f"path must be a folder to record to, or None for memory; got {path!r}")
    check_actions(judging.actions)
    settled = settle(judging.config, select=judging.select, ignore=judging.ignore)
    rules = chosen_rules(settled, judging.rules)
    run = RunData(Header(slow_rounds=True))
    run.header.update(_about() | dict(fields) | {"extra": {"spelling": _SPELLING, "simpler": _SIMPLER}})
    run.header.versions |= {"treedebug": __version__, "python": platform.python_version()}
    stop = StopRequest()
    listeners = (LiveFindings(None if quiet else LiveConsole()),)
    watcher = Watcher(rules, listeners=listeners, actions=judging.actions) if rules else None
    sink = MemorySink() if path is None else _new_folder(path)
    journal = Journal(run, sink, Watch(stop, watcher), quiet=quiet, round_steps=round_steps)
    return Place(journal, sink, stop, None if path is None else Path(path))


def what_ends_python() -> str:
    """The error that the interpreter is ending on, "" while it runs on, ends in peace, or after one in a notebook."""
    error = getattr(sys, "last_value", None)
    if error is None or hasattr(sys, "ps1") or threading.main_thread().is_alive():
        return ""
    return in_words(error)


def in_words(error: BaseException | None) -> str:
    """What interrupted a training, "" for nothing."""
    return "" if error is None else f"{type(error).__name__}: {error}".rstrip(": ")


def _new_folder(path: str | os.PathLike[str]) -> DiskSink:
    """A network's run is not continued: the error does not offer it."""
    try:
        return DiskSink(path)
    except RunExistsError:
        raise RunExistsError(
            f"{os.fspath(path)} already holds a run, and a run is never overwritten: record to another path, or delete "
            "the folder"
        ) from None


def _about() -> dict[str, Any]:
    return {
        "run_id": uuid.uuid4().hex,
        "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "host": {"name": platform.node(), "pid": os.getpid(), "platform": platform.platform(), **host_facts()},
    }


def _no_trees(batch: Any) -> Any:
    raise ValueError(f"a network's run has no trees, but a record of some: {batch!r}")
