"""What the callbacks of both libraries share: settings, access to the runs, and how they copy and pickle."""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from treedebug.api.boosted_run import Run
from treedebug.api.known_rules import chosen_rules
from treedebug.api.profile_data import as_sets
from treedebug.api.start_run import Place, Setup
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.errors import ConfigError, NotRecordedError
from treedebug.core.protocols import Action
from treedebug.engine.config import Config, settle
from treedebug.engine.rule import Rule
from treedebug.engine.watcher import check_actions
from treedebug.recorders.margin_meter import MOST_ROWS
from treedebug.recorders.session import Settings
from treedebug.store.run_records import encode_data


def make_setup(  # noqa: PLR0913 - the arguments of a callback
    path: str | os.PathLike[str] | None,
    *,
    rules: Sequence[Rule | type[Rule]],
    select: Sequence[str] | None,
    ignore: Sequence[str] | None,
    config: Config | None,
    actions: Sequence[Action],
    data: DataSets | DataProfile | None,
    progress: bool,
    resume: bool,
    settings: Settings,
) -> Setup:
    """Check the arguments of a callback; raises before any training begins."""
    if path is not None and not isinstance(path, str | os.PathLike):
        raise ConfigError(f"path must be a folder to record to, or None for memory; got {path!r}")
    check_actions(actions)
    most = settings.margin_rows
    if not isinstance(most, int) or most < 0:
        raise ConfigError(f"row_margins is True, False, or the number of rows to keep of each dataset; got {most!r}")
    for name in ("classes_every", "dart_every"):
        every = getattr(settings, name)
        if every is not None and (not isinstance(every, int) or isinstance(every, bool) or every < 1):
            raise ConfigError(f"{name} must be a whole number of rounds >= 1, or None; got {every!r}")
    if resume and path is None:
        raise ConfigError("resume=True continues a recorded run: give its path")
    settled = settle(config, select=select, ignore=ignore)
    setup = Setup(
        None if path is None else Path(path),
        chosen_rules(settled, rules),
        tuple(actions),
        progress,
        resume,
        settings,
        preface=() if data is None else (encode_data(as_sets(data)),),
    )
    setup.check_free()
    return setup


def margin_rows(row_margins: Any) -> Any:
    """Return how many rows of a dataset `row_margins` keeps.

    What is neither a switch nor a number comes back as it is.
    """
    return row_margins if not isinstance(row_margins, bool) else MOST_ROWS if row_margins else 0


class CallbackFace:
    """Mixin of the public callbacks."""

    _setup: Setup
    _recordings: dict[int, Any]

    def flush(self) -> None:
        """Write out what running trainings have recorded so far; the library's recorder does it."""

    @property
    def run(self) -> Run:
        """The run recorded last, also while it trains; raises NotRecordedError before the first training."""
        if not self._setup.places:
            where = f" into folders below {self._setup.path}" if self._setup.path else ""
            raise NotRecordedError(
                "this callback has recorded no training yet. If a copy of it was trained (GridSearchCV, "
                f"cross_val_score and clone copy callbacks), the copies recorded{where}: "
                "treedebug.runs(path) loads them"
            )
        return self._read(self._setup.places[-1])

    @property
    def runs(self) -> list[Run]:
        """All runs this very object has recorded: one for each training, in `cv` one for each fold."""
        return [self._read(place) for place in list(self._setup.places)]

    def _read(self, place: Place) -> Run:
        self._finish_silent()
        self.flush()
        return Run(self._setup.load(place), place if isinstance(place, Path) else None)

    def _finish_silent(self) -> None:
        """Close trainings that are over though the library did not say so."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a fresh callback with the same settings (scikit-learn's clone).

        What was recorded stays with this one.
        """
        fresh = copy.copy(self)
        fresh.__dict__.update(_setup=self._setup.copied(), _recordings={})
        memo[id(self)] = fresh
        return fresh

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings and places: no booster, no handle, no data."""
        state = dict(self.__dict__)
        state["_recordings"] = {}
        if "_evals" in state:
            state["_evals"] = None
        return state

    def __repr__(self) -> str:
        """Return how it was made, shortly."""
        path = None if self._setup.path is None else str(self._setup.path)
        return f"{type(self).__name__}({path!r})"
