"""What the callbacks of both libraries share: arguments, access to the runs, and how they copy and pickle."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self, TypedDict

from treedebug.actions.configured import make_actions
from treedebug.api.boosted_run import Run, load
from treedebug.api.profile_data import as_sets
from treedebug.api.start_run import Setup
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.errors import ConfigError, NotRecordedError, did_you_mean
from treedebug.core.protocols import Action, Knobs
from treedebug.engine.config import Config
from treedebug.engine.judging import Judging
from treedebug.engine.rule import Rule
from treedebug.profiles.sources.remote_files import is_url
from treedebug.readers.library_readers import read_batch
from treedebug.recorders.booster_port import BoosterPort
from treedebug.recorders.library_recorder import LibraryRecorder
from treedebug.recorders.margin_meter import MOST_ROWS
from treedebug.recorders.session import Session, Settings
from treedebug.rules import BUILTIN
from treedebug.store.remote.remote_place import checked_url
from treedebug.store.remote.shipment import check_remote
from treedebug.store.remote.spool import new_spool
from treedebug.store.returned.way_back import RETURN, WayBack
from treedebug.store.run_records import encode_data
from treedebug.store.writing.outbox import FlushPlan
from treedebug.store.writing.run_paths import base_for, check_exists, check_recordable, run_path
from treedebug.store.writing.run_place import RunPlace
from treedebug.store.writing.search_trial import search_trial

_ROUNDS_UNJUDGED = 10_000
"""Without judging only the clock says when to write: each slice of trees costs, however few it holds."""


class CallbackSettings(TypedDict, total=False):
    """The keywords of `CallbackBase.__init__`, for callbacks that take more; a test keeps the two alike."""

    rules: Sequence[Rule | type[Rule]]
    select: Sequence[str] | None
    ignore: Sequence[str] | None
    config: Config | None
    actions: Sequence[Action]
    judge: bool
    data: DataSets | DataProfile | None
    name: str
    tags: Sequence[str]
    description: str
    exists: str
    resume: bool
    progress: bool
    quiet: bool
    classes_every: int | None
    dart_every: int | None
    row_margins: bool | int
    durable: bool


def check_keywords(callback: type, given: Mapping[str, Any]) -> None:
    """Raise ConfigError for a keyword that the callback does not take, such as `quite=True`."""
    known = CallbackSettings.__annotations__
    for name in given:
        if name not in known:
            raise ConfigError(f"{callback.__name__} takes no {name}=.{did_you_mean(name, known)}")


def _labels(name: Any, tags: Any, description: Any) -> dict[str, Any]:
    """Return what the user calls the run, as header fields. Raise ConfigError for anything but text."""
    for argument, value in (("name", name), ("description", description)):
        if not isinstance(value, str):
            raise ConfigError(f"{argument}= takes text, such as {argument}='deeper trees'; got {value!r}")
    if isinstance(tags, str) or not isinstance(tags, Sequence) or not all(isinstance(t, str) for t in tags):
        raise ConfigError(f"tags= takes a list of texts, such as tags=['baseline']; got {tags!r}")
    given = {"name": name, "tags": list(tags), "description": description}
    return {field: value for field, value in given.items() if value}


class CallbackBase(LibraryRecorder):
    """Record a training at `path` (a folder; None: memory), judge it while it runs, and keep it for afterwards."""

    def __init__(  # noqa: PLR0913 - each has a default
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        rules: Sequence[Rule | type[Rule]] = (),
        select: Sequence[str] | None = None,
        ignore: Sequence[str] | None = None,
        config: Config | None = None,
        actions: Sequence[Action] = (),
        judge: bool = True,
        data: DataSets | DataProfile | None = None,
        name: str = "",
        tags: Sequence[str] = (),
        description: str = "",
        exists: str = "number",
        resume: bool = False,
        progress: bool = False,
        quiet: bool = False,
        classes_every: int | None = None,
        dart_every: int | None = None,
        row_margins: bool | int = False,
        durable: bool = False,
    ) -> None:
        exists = "resume" if resume else check_exists(exists)
        url = checked_url(path) if isinstance(path, str) and is_url(path) else ""
        if url and self.records_here():
            check_remote(url, exists)
        way_back = WayBack() if path == RETURN else None
        place = new_spool(url) if url else run_path(None if way_back else path)
        if exists == "resume" and place is None:
            raise ConfigError("resume=True continues a recorded run: give its path")
        settings = Settings(classes_every, dart_every, quiet, _margin_rows(row_margins), durable=durable)
        if not judge:
            settings = replace(settings, reads_trees=False, flush=FlushPlan(rounds=_ROUNDS_UNJUDGED))
        _check_rounds(settings)
        _check_judge(judge, actions, path)
        judging = Judging(rules, select, ignore, config, actions)
        trial = search_trial()
        if self.records_here() and not url:
            check_recordable(place if place is None or trial is None else place / trial.place, exists)
        self._setup = Setup(
            place,
            place if place is None or url or exists != "number" else base_for(place, trial),
            judging.chosen(BUILTIN) if judge else [],
            _all_actions(judging) if judge else (),
            exists,
            progress,
            settings,
            preface=() if data is None else (encode_data(as_sets(data)),),
            url=url,
            labels=_labels(name, tags, description) | ({} if judge else {"is_judged": False}),
            way_back=way_back,
        )
        super().__init__()

    def open_session(self, port: BoosterPort, stop: Knobs, fold: int | None, start: int) -> Session:
        """Return a session at a place of its own."""
        return self._setup.open(port, stop, fold, start)

    def show(self) -> Self:
        """Show the training while it runs, in one output of the notebook; elsewhere a progress line. Return itself.

        xgb.train(params, dtrain, 500, evals=evals, callbacks=[treedebug.XGBoostCallback(evals=evals).show()])
        """
        self._setup.shows = True
        return self

    @property
    def run(self) -> Run:
        """The run recorded last, also while it trains; raises NotRecordedError before the first training."""
        if not self._setup.places:
            way = self._setup.way_back
            returned = None if way is None else way.fetch()
            if returned is None:
                raise NotRecordedError(f"this callback has recorded no training yet. {self._where_copies_are()}")
            return load(returned)
        return self._read(self._setup.places[-1])

    def _where_copies_are(self) -> str:
        copies = "If a copy of it was trained (scikit-learn clones estimators, Dask and Spark copy to their workers)"
        path = self._setup.path
        if self._setup.way_back is not None:
            return (
                "What a worker recorded comes back through Dask, Spark or Ray when its training is over: ask while the "
                "client (Dask) or Ray is still connected"
            )
        if path is None:
            return f"{copies}, the record is in that copy's memory: give the callback a path, and all are found there"
        return f"{copies}, the run is at {path} or below it: treedebug.runs({str(path)!r}) reads it"

    @property
    def runs(self) -> list[Run]:
        """All runs this very object has recorded: one for each training, in `cv` one for each fold."""
        return [self._read(place) for place in list(self._setup.places)]

    def _read(self, place: RunPlace) -> Run:
        self._finish_silent()
        self.flush()
        return Run(place.load(read_batch), place.path)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a fresh callback with the same settings (scikit-learn's clone); what was recorded stays with this."""
        fresh = copy.copy(self)
        fresh.__dict__.update(_setup=self._setup.copied(), _recordings={})
        memo[id(self)] = fresh
        return fresh

    def __getstate__(self) -> dict[str, Any]:
        """Return settings and places: no booster, no handle, no data."""
        state = dict(self.__dict__)
        state["_recordings"] = {}
        if "_evals" in state:
            state["_evals"] = None
        return state

    def __repr__(self) -> str:
        """Return how it was made, shortly."""
        path = self._setup.url or (None if self._setup.path is None else str(self._setup.path))
        return f"{type(self).__name__}({path!r})"


def _all_actions(judging: Judging) -> tuple[Action, ...]:
    """Return the caller's actions, then those of the configuration."""
    settled = judging.settled()
    return (*judging.actions, *make_actions(settled.actions, settled.origin))


def _check_judge(judge: Any, actions: Sequence[Action], path: Any) -> None:
    if not isinstance(judge, bool):
        raise ConfigError(f"judge= is True or False; got {judge!r}")
    if not judge and actions:
        raise ConfigError(
            "actions= acts on findings, and with judge=False none are made here: give the actions to treedebug.watch, "
            "which judges the run from another process"
        )
    if not judge and path is None:
        raise ConfigError("judge=False leaves the judging to treedebug watch: give a path that it can read")


def _margin_rows(row_margins: Any) -> Any:
    """How many rows of a dataset `row_margins` keeps; what is neither a switch nor a number comes back as it is."""
    return row_margins if not isinstance(row_margins, bool) else MOST_ROWS if row_margins else 0


def _check_rounds(settings: Settings) -> None:
    most = settings.margin_rows
    if not isinstance(most, int) or most < 0:
        raise ConfigError(f"row_margins is True, False, or the number of rows to keep of each dataset; got {most!r}")
    for name in ("classes_every", "dart_every"):
        every = getattr(settings, name)
        if every is not None and (not isinstance(every, int) or isinstance(every, bool) or every < 1):
            raise ConfigError(f"{name} must be a whole number of rounds >= 1, or None; got {every!r}")
