"""`treedebug.runs`: all runs of a folder, loaded when they are asked for, and a frame with a row a run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from treedebug.api.boosted_run import Run, load
from treedebug.api.check import check
from treedebug.api.checked_runs import CheckedRuns
from treedebug.api.run_location import local_runs
from treedebug.api.run_row import run_row
from treedebug.api.summarize_runs import are_folds, search_findings, summarize_runs
from treedebug.api.wrong_kind import kind_of, what_to_do
from treedebug.core.errors import ConfigError, RunNotFoundError, TreedebugError
from treedebug.engine.config import Config, settle
from treedebug.store.load_run import find_runs

_MOST_LISTED = 20


class RunFolder(Mapping[str, Run]):
    """Runs by their place below a folder ("." for the folder itself), in order; each is read at its first use."""

    def __init__(self, top: Path, paths: list[Path]) -> None:
        self.path = top
        self._paths = {str(path.relative_to(top)): path for path in paths}
        self._loaded: dict[str, Run] = {}

    def __getitem__(self, place: str) -> Run:
        """Return the run at a place. Raise FormatError where its file is foreign or newer."""
        if place not in self._loaded:
            self._loaded[place] = load(self._paths[place])
        return self._loaded[place]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the places."""
        return iter(self._paths)

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self._paths)

    @property
    def frame(self) -> pd.DataFrame:
        """A row a run: what was trained, how it ended, its deciding metric, what was found, and its parameters.

        Columns: name, tags, library, objective, state, n_rounds, dataset, metric, best, best_round, last, seconds,
        findings (codes joined by commas), trial (its number in the search), started, git_commit, git_dirty,
        params_hash, data_hash, and `params.<name>` for each parameter. A run that cannot be read has the error in
        `state`.
        """
        rows = {place: self._row(place) for place in self}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("run")

    def check(
        self,
        *,
        select: Sequence[str] | None = None,
        ignore: Sequence[str] | None = None,
        config: Config | None = None,
    ) -> CheckedRuns:
        """Judge every run, as `treedebug.check` does, and sum them up: prints as `treedebug check FOLDER` does.

        Raise FormatError where a file is foreign or newer, ConfigError for settings that make no sense.
        """
        settings = settle(config, select=select, ignore=ignore)
        reports = [check(run, config=settings) for run in self.values()]
        found = () if are_folds(reports) else search_findings(self._paths.values(), settings)
        return summarize_runs(str(self.path), reports, list(self), are_folds=are_folds(reports), search=found)

    def _row(self, place: str) -> dict[str, Any]:
        try:
            run = self[place]
        except (TreedebugError, OSError) as error:
            return {"state": f"unreadable: {error}"}
        return run_row(run.data, self._paths[place])

    def __repr__(self) -> str:
        """Return the folder and its first runs, a line each."""
        lines = [f"<{len(self)} runs below {str(self.path)!r}; .frame has a row a run>"]
        lines += [f"  {place}" for place in list(self)[:_MOST_LISTED]]
        return "\n".join(lines + (["  ..."] if len(self) > _MOST_LISTED else []))


def runs(path: str | os.PathLike[str]) -> RunFolder:
    """Return all runs at and below a path by their place: folds of `cv`, fits of a grid search, trials of a search.

    Raise RunNotFoundError if there is none, ConfigError for anything but a path.
    """
    if not isinstance(path, str | os.PathLike):
        raise ConfigError(f"runs takes a folder of runs, such as 'runs'; got {kind_of(path)}{what_to_do(path)}")
    top = local_runs(path)
    found = find_runs(top)
    if not found:
        why = (
            "it is a file; give the folder"
            if top.is_file()
            else "no such folder"
            if not top.exists()
            else "it has none"
        )
        raise RunNotFoundError(f"there is no run at or below {path}: {why}")
    return RunFolder(top, found)
