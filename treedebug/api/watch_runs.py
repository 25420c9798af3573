"""`treedebug.watch`: runs followed, judged and acted upon from another process than the one that trains."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from treedebug.actions.configured import make_actions
from treedebug.api.known_rules import chosen_rules
from treedebug.api.run_location import local_runs
from treedebug.api.watched_run import WatchedRun
from treedebug.core.errors import ConfigError, StoreError, did_you_mean
from treedebug.core.protocols import Action, Listener
from treedebug.core.report import CheckReport
from treedebug.engine.config import Config, settle
from treedebug.engine.rule import Rule
from treedebug.engine.watcher import check_actions
from treedebug.profiles.sources.remote_files import is_url
from treedebug.store.disk_store import is_run
from treedebug.store.load_run import find_runs
from treedebug.store.remote.remote_place import RemotePlace, checked_url

UNTIL = ("finished", "never")
_SEARCHES = 20
"""Looking for new runs may take one part in so many of the time."""
_RARELY = 10
"""A run that has ended is looked at every so many times: it may be continued."""


class RunWatch:
    """The runs at and below `paths`, those too that begin later; `listen` makes a run's listeners from its label."""

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        rules: Sequence[Rule],
        *,
        actions: Sequence[Action] = (),
        configured: Sequence[Action] = (),
        listen: Callable[[str], Sequence[Listener]] = lambda _: (),
    ) -> None:
        self.paths = tuple(paths)
        self.runs: dict[Path, WatchedRun] = {}
        """By their folder, in the order they were found."""
        self._rules = tuple(rules)
        self._actions, self._configured = tuple(actions), tuple(configured)
        self._listen = listen
        self._tops: dict[str | os.PathLike[str], Path] = {}
        self.errors: dict[str, str] = {}
        """Why a storage cannot be read now, by URL."""
        self._search_at = 0.0
        self._n_polls = 0

    def poll(self) -> list[WatchedRun]:
        """Look at the runs, seldom at those that have ended; return those that changed."""
        self._search()
        self._n_polls += 1
        takes_all = self._n_polls % _RARELY == 0
        return [run for run in self.runs.values() if (takes_all or not run.run.ended) and run.poll()]

    @property
    def is_over(self) -> bool:
        """Whether there are runs, and none of them goes on."""
        return bool(self.runs) and all(run.is_over for run in self.runs.values())

    def reports(self) -> list[CheckReport]:
        """Return what was found, run by run."""
        return [run.report() for run in self.runs.values()]

    def _search(self) -> None:
        began = time.monotonic()
        if began < self._search_at:
            return
        for given in self.paths:
            top = self._local(given)
            for folder in [top] if top.is_file() or is_run(top) else find_runs(top):
                if folder not in self.runs:
                    self._add(given, top, folder)
        took = time.monotonic() - began
        self._search_at = began + _SEARCHES * took

    def _local(self, given: str | os.PathLike[str]) -> Path:
        """Return where the runs of a path are read; those of a URL are copied there first."""
        try:
            self._tops[given] = local_runs(given)
            self.errors.pop(str(given), None)
        except StoreError as error:
            self.errors[str(given)] = str(error)
        return self._tops.get(given, Path(os.devnull, "none"))

    def _add(self, given: str | os.PathLike[str], top: Path, folder: Path) -> None:
        below = os.path.relpath(folder, top)
        name = PurePosixPath(os.fspath(given)).name if below == "." else below
        label = name if below == "." or len(self.paths) == 1 else f"{given}/{below}"
        self.runs[folder] = WatchedRun(
            folder,
            self._rules,
            label=label,
            actions=self._actions,
            configured=self._configured,
            listeners=self._listen(label),
        )
        if isinstance(given, str) and is_url(given):
            self.runs[folder].remote = RemotePlace(given.rstrip("/")).child("" if below == "." else below)


def watch(  # noqa: PLR0913 - each has a default
    *paths: str | os.PathLike[str],
    rules: Sequence[Rule | type[Rule]] = (),
    select: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    config: Config | None = None,
    actions: Sequence[Action] = (),
    until: str = "finished",
    interval: float = 1.0,
    timeout: float | None = None,
) -> list[CheckReport]:
    """Follow runs from another process than the one that trains, judge them, and act; return a report for each.

        treedebug.watch("runs/churn", actions=[treedebug.StopTraining(on=["CV102"])])

    `paths` are runs, or folders of runs, which may be yet to come. The rules look at the same rounds as in the training
    itself and find the same; SY805 (a training that writes no more) is found only here. `actions` act on every run,
    those of the configuration on runs recorded with `judge=False`. `rules`, `select`, `ignore` and `config` are those
    of `treedebug.check`. Return when all runs have ended (`until="never"`: when `timeout`
    seconds are over). Files are looked at every `interval` seconds. Raise ConfigError for arguments that make no sense.
    """
    watched = open_watch(paths, rules=rules, config=settle(config, select=select, ignore=ignore), actions=actions)
    if until not in UNTIL:
        raise ConfigError(f"until must be 'finished' or 'never'; got {until!r}.{did_you_mean(str(until), UNTIL)}")
    for name, value in (("interval", interval), ("timeout", timeout)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0):
            raise ConfigError(f"{name} takes a number of seconds >= 0; got {value!r}")
    follow(watched, until=until, interval=interval, timeout=timeout)
    return watched.reports()


def open_watch(
    paths: Sequence[Any],
    *,
    rules: Sequence[Rule | type[Rule]] = (),
    config: Config,
    actions: Sequence[Action] = (),
    listen: Callable[[str], Sequence[Listener]] = lambda _: (),
) -> RunWatch:
    """Return a watch that has not looked yet. Raise ConfigError for wrong paths, rules or actions."""
    check_actions(actions)
    if not paths or not all(isinstance(path, str | os.PathLike) and os.fspath(path) for path in paths):
        raise ConfigError(f"watch takes the paths of runs, or of folders of runs; got {list(paths)!r}")
    for url in [p for p in paths if isinstance(p, str) and is_url(p)]:
        checked_url(url)
    configured = make_actions(config.actions, config.origin)
    return RunWatch(paths, chosen_rules(config, rules), actions=actions, configured=configured, listen=listen)


def follow(
    watched: RunWatch,
    *,
    until: str = "finished",
    interval: float = 1.0,
    timeout: float | None = None,
    show: Callable[[list[WatchedRun]], None] = lambda _: None,
) -> None:
    """Look again and again, until all runs are over or the time is; `show` is called after each look."""
    ends = None if timeout is None else time.monotonic() + timeout
    while True:
        show(watched.poll())
        if until == "finished" and watched.is_over:
            return
        left = interval if ends is None else min(interval, ends - time.monotonic())
        if left <= 0 < interval:
            return
        time.sleep(max(left, 0.0))
        if ends is not None and time.monotonic() >= ends:
            show(watched.poll())
            return
