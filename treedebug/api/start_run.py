"""Setup: where a callback records to, with which rules and actions. The one place where the floors meet."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from treedebug.api.resume_run import check_same_booster, check_start
from treedebug.api.trial_line import TrialLine
from treedebug.core.errors import TreedebugError
from treedebug.core.faults import say
from treedebug.core.protocols import Action, Knobs, Progress
from treedebug.core.run.records import Record, Sink
from treedebug.core.run.run_data import Header, RunData
from treedebug.engine.rule import Rule
from treedebug.engine.watcher import Watcher
from treedebug.readers.library_readers import read_batch, read_live
from treedebug.recorders.booster_port import BoosterPort
from treedebug.recorders.session import Parts, Session, Settings
from treedebug.reports.live_console import LiveConsole
from treedebug.reports.live_watcher import live_watcher
from treedebug.reports.notebook_display import notebook_display
from treedebug.reports.progress_line import ProgressLine
from treedebug.store.disk_store import DiskSink, is_run
from treedebug.store.load_run import load_data
from treedebug.store.record_decoders import apply
from treedebug.store.remote.shipping_sink import ShippingSink
from treedebug.store.returned.way_back import ReturningSink, WayBack
from treedebug.store.stop_file import StopBox
from treedebug.store.writing.moving_sink import MovingSink
from treedebug.store.writing.new_run import birth_facts
from treedebug.store.writing.run_paths import free_for_copy, holds_own_run, is_taken, numbered
from treedebug.store.writing.run_place import RunPlace, Spot
from treedebug.store.writing.search_trial import SearchTrial, search_trial


@dataclass
class Setup:
    """A callback's settings, and the places it has recorded to. Plain data, copied and pickled with the callback."""

    path: Path | None
    """As the user gave it, made absolute; None for memory."""
    base: Path | None
    """Where the first training goes: the path, or a numbered one beside it if that held a run already."""
    rules: list[Rule]
    actions: Sequence[Action] = ()
    exists: str = "number"
    progress: bool = False
    settings: Settings = field(default_factory=Settings)
    preface: tuple[Record, ...] = ()
    """What is known of the data, kept with every run."""
    url: str = ""
    """Where the run goes, if that is not this machine; `path` and `base` are its spool then."""
    labels: dict[str, Any] = field(default_factory=dict)
    """What the user calls the run: name, tags, description."""
    way_back: WayBack | None = None
    """Brings the run to the process in which the callback was made."""
    shows: bool = False
    """Draw in the notebook this runs in; elsewhere as `progress`."""
    is_copy: bool = False
    """Made by `clone`, pickled to a worker or inherited by a fork: several copies share the path."""
    places: list[RunPlace] = field(default_factory=list)
    spot: Spot | None = None
    """The folder of the training under way, where folds of `cv` go."""
    pid: int = field(default_factory=os.getpid)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the training under way to this process."""
        return {**self.__dict__, "spot": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Leave the path unclaimed: a pickled callback trains in another process, maybe beside others."""
        self.__dict__.update(state)
        self.is_copy = self.is_copy or self.exists != "resume"
        self.pid = os.getpid()

    def copied(self) -> Setup:
        """Return the settings for a copy of the callback, which has recorded nothing yet."""
        return Setup(
            self.path,
            self.base,
            self.rules,
            self.actions,
            self.exists,
            self.progress,
            self.settings,
            self.preface,
            self.url,
            self.labels,
            self.way_back,
            is_copy=True,
            shows=self.shows,
        )

    def open(self, port: BoosterPort, knobs: Knobs, fold: int | None, start: int) -> Session:
        """Return the session of a booster of `start` iterations about to train, at a place of its own."""
        place = RunPlace()
        self.places.append(place)
        trial = search_trial()
        base = self.base if self.base is None or trial is None else self.base / trial.place
        sink, run = self._claim(place, port, base, fold, start)
        recorded = run.n_rounds
        stop_box = StopBox(place)
        stop_box.clear()
        facts = birth_facts() | self.labels | ({} if trial is None else {"search": trial.facts})
        run.header.update({k: v for k, v in facts.items() if not (recorded and k in ("run_id", "versions"))})
        run.header.versions = {**run.header.versions, **facts["versions"]}
        for record in self.preface:
            apply(run, record)
        console = LiveConsole()
        watcher = self._watcher(console, place, trial, fold)
        parts = Parts(
            run=run,
            sink=sink,
            parse=read_live,
            observer=watcher if self.rules else None,
            progress=self._progress(console),
            settings=self.settings,
            recorded_rounds=recorded,
            preface=self.preface,
            catch_up=watcher.catch_up,
            unsaved=place.unsaved,
            stop_box=stop_box,
        )
        return Session(port, parts, knobs)

    def _progress(self, console: LiveConsole) -> Progress | None:
        if self.settings.quiet or not (self.progress or self.shows):
            return None
        line = ProgressLine(console)
        return notebook_display(line) if self.shows else line

    def _watcher(self, console: LiveConsole, place: RunPlace, trial: SearchTrial | None, fold: int | None) -> Watcher:
        """Return the live engine: it prints a line a finding, or for a trial of a search one line in all."""
        shown = None if self.settings.quiet else console
        if trial is None:
            return live_watcher(self.rules, self.actions, shown, name=self._name(place, fold))
        line = TrialLine(shown, trial, place, self.base)
        return live_watcher(self.rules, self.actions, None, name=line.name, also=(line,))

    def _name(self, place: RunPlace, fold: int | None) -> str:
        """Return the run's name for live lines, where this callback records several; a fold names itself."""
        several = self.is_copy or len(self.places) > 1
        return place.path.name if several and fold is None and place.path is not None else ""

    # -- places ----------------------------------------------------------------------------------------------------

    def _claim(
        self, place: RunPlace, port: BoosterPort, base: Path | None, fold: int | None, start: int
    ) -> tuple[Sink, RunData]:
        if self.way_back is not None:
            return ReturningSink(place.memory, self.way_back, self._say), RunData(Header())
        if base is None:
            return place.memory, RunData(Header())
        below = "" if fold is None else f"fold-{fold}"
        if not fold or self.spot is None:
            self.spot = self._next_spot(base)
        spot, place.path = self.spot, base / below
        beside = functools.partial(_open_beside, place.path, durable=self.settings.durable)
        if spot.path == base and self.exists == "resume" and is_run(place.path):
            resumed = self._resume(place, port, start, beside)
            if resumed is not None:
                return resumed
            return MovingSink(place, beside, beside), RunData(Header())
        first = functools.partial(self._open_first, spot, below)
        if self.url:
            return ShippingSink(place, first, beside, url=self._remote, say=self._say), RunData(Header())
        return MovingSink(place, first, beside), RunData(Header())

    def _remote(self, path: Path) -> str:
        """Return where the run goes that is spooled at a path."""
        below = path.relative_to(self.base or path) if path.is_relative_to(self.base or path) else Path(path.name)
        return "/".join([self.url, *below.parts])

    def _resume(
        self, place: RunPlace, port: BoosterPort, start: int, beside: functools.partial[DiskSink]
    ) -> tuple[Sink, RunData] | None:
        """Return the run at the place, to go on with; None if it is another training's, which is said."""
        path = place.path or Path()
        try:
            run = load_data(path, read_batch)
            check_start(run, start)
            check_same_booster(run, port, start)
            resumed = DiskSink(path, resume=True, durable=self.settings.durable)
        except (TreedebugError, OSError) as error:
            self._say(f"cannot go on with the run at {path}: {error}; this training is recorded beside it")
            return None
        return MovingSink(place, lambda: resumed, beside), run

    def _next_spot(self, base: Path) -> Spot:
        """Return the base itself for the first training of a callback and its copies, then folders below it."""
        if os.getpid() != self.pid:
            self.is_copy, self.pid = True, os.getpid()
        durable = self.settings.durable
        if self.exists == "resume" and not self.is_copy:
            return Spot(lambda: iter([base]), lambda _: False, durable, base)
        return Spot(functools.partial(free_for_copy, base), holds_own_run, durable)

    def _open_first(self, spot: Spot, below: str) -> DiskSink:
        is_new = spot.path is None
        sink = spot.open(below)
        is_beside = self.base != self.path and spot.path == self.base
        if is_new and is_beside and len(self.places) == 1 and not self.is_copy:
            self._say(f"{self.path} already holds a run: this training is recorded at {spot.path}")
        return sink

    def _say(self, message: str) -> None:
        if not self.settings.quiet:
            say(message)


def _open_beside(path: Path, *, durable: bool) -> DiskSink:
    return Spot(functools.partial(numbered, path), is_taken, durable).open()
