"""Setup: where a callback records to, with which rules and actions. The one place where the floors meet."""

from __future__ import annotations

import datetime as dt
import functools
import os
import platform
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treedebug.api.resume_run import check_same_booster
from treedebug.core.errors import RunExistsError, StoreError
from treedebug.core.protocols import Action, Knobs
from treedebug.core.run.machine_usage import host_facts
from treedebug.core.run.records import Record
from treedebug.core.run.run_data import Header, RunData
from treedebug.core.version import __version__
from treedebug.engine.rule import Rule
from treedebug.engine.watcher import Watcher
from treedebug.readers.library_readers import read_batch
from treedebug.recorders.booster_port import BoosterPort
from treedebug.recorders.session import Parts, Session, Settings
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.live_findings import LiveFindings
from treedebug.reports.progress_line import ProgressLine
from treedebug.store.disk_store import DiskSink, DiskSource, is_run
from treedebug.store.load_run import find_runs, load_data, load_records
from treedebug.store.memory_store import Continued, MemorySink
from treedebug.store.run_records import apply

Place = Path | MemorySink
"""Where a run is: a folder, or memory."""


@dataclass
class Setup:
    """A callback's settings, and the places it has recorded to. Plain data, copied and pickled with the callback."""

    path: Path | None
    rules: list[Rule]
    actions: Sequence[Action] = ()
    progress: bool = False
    resume: bool = False
    settings: Settings = field(default_factory=Settings)
    preface: tuple[Record, ...] = ()
    """What is known of the data, kept with every run."""
    is_copy: bool = False
    """Made by `clone` or pickled to a worker: several copies share the path, so each records below it."""
    places: list[Place] = field(default_factory=list)
    base: Path | None = None
    """The folder of the training under way, where folds of `cv` go."""
    unsaved: dict[Place, list[Record]] = field(default_factory=dict)
    """What a full disk refused to the end, by place."""

    def check_free(self) -> None:
        """Raise RunExistsError if the path already holds runs, so that the user hears before the training starts."""
        if self.path is None or self.resume or not self.path.is_dir():
            return
        if find_runs(self.path, max_depth=1):
            raise RunExistsError(
                f"{self.path} already holds a run, and a run is never overwritten: choose another path, "
                "delete the folder, or pass resume=True to continue that training"
            )

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A pickled callback trains in another process, maybe beside others: it must not claim the path for itself."""
        self.__dict__.update(state)
        self.unsaved = {}
        self.is_copy = self.is_copy or not self.resume

    def copied(self) -> Setup:
        """Settings for a copy of the callback, which has recorded nothing yet."""
        return Setup(
            self.path, self.rules, self.actions, self.progress, self.resume, self.settings, self.preface, is_copy=True
        )

    def open(self, port: BoosterPort, knobs: Knobs, fold: int | None) -> Session:
        """The session of a booster about to train, at a place of its own."""
        sink, run = self._claim(fold)
        header = {
            "run_id": uuid.uuid4().hex,
            "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "host": {"name": platform.node(), "pid": os.getpid(), "platform": platform.platform(), **host_facts()},
            "versions": {"treedebug": __version__, "python": platform.python_version()},
        }
        recorded = run.n_rounds
        run.header.update({k: v for k, v in header.items() if not (recorded and k == "run_id")})
        for record in self.preface:
            apply(run, record)
        console = LiveConsole()
        watcher = Watcher(
            self.rules,
            listeners=(LiveFindings(None if self.settings.quiet else console),),
            actions=self.actions,
        )
        parts = Parts(
            run=run,
            sink=sink,
            parse=read_batch,
            observer=watcher if self.rules else None,
            progress=ProgressLine(console) if self.progress and not self.settings.quiet else None,
            settings=self.settings,
            recorded_rounds=recorded,
            preface=self.preface,
            catch_up=watcher.catch_up,
            verify=lambda p, n: check_same_booster(run, p, n),
            keep_unsaved=functools.partial(self.unsaved.__setitem__, self.places[-1]),
        )
        return Session(port, parts, knobs)

    def load(self, place: Place) -> RunData:
        """What was recorded at a place, with what could not be written there."""
        rest = self.unsaved.get(place)
        if rest is not None and isinstance(place, Path):
            return load_records(Continued(DiskSource(place), rest), read_batch)
        return load_data(place, read_batch)

    def _claim(self, fold: int | None) -> tuple[DiskSink | MemorySink, RunData]:
        if self.path is None:
            memory = MemorySink()
            self.places.append(memory)
            return memory, RunData(Header())
        base = self.base
        if not fold:
            base = self.base = self._next_base()
        place = base or self.path
        place = place if fold is None else place / f"fold-{fold}"
        resume = self.resume and is_run(place)
        run = load_data(place, read_batch) if resume else RunData(Header())
        sink = DiskSink(place, resume=resume)
        if place not in self.places:
            self.places.append(place)
        return sink, run

    def _next_base(self) -> Path | None:
        """The path itself for a callback's own first training (and every resumed one), else a new folder below it."""
        if not self.is_copy and (self.resume or self.base is None):
            return self.path
        path = self.path or Path()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot record a run at {path}: {error.strerror or error}") from error
        n = 0
        while True:
            # Folds run in parallel processes: making the folder is what claims the number.
            try:
                (path / f"fit-{n:03d}").mkdir()
            except FileExistsError:
                n += 1
            else:
                return path / f"fit-{n:03d}"
