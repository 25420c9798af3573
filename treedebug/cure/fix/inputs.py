"""Sets that may judge and prove, of what the user hands over: enough rows, none in two sets, groups and time kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from treedebug.core.errors import ConfigError
from treedebug.cure.fix.sets import RowSet, Sets, folds_of, known_classes, part_of
from treedebug.cure.shared_rows import apart, row_keys
from treedebug.cure.tables import too_few

_KINDS = 20
N_FOLDS = 5


@dataclass(frozen=True)
class Given:
    """The sets as they came: (X, y) or (X, y, weight); groups and times by set, or of `data` alone."""

    data: Any
    valid: Any = None
    test: Any = None
    group: Any = None
    time: Any = None
    n_folds: int = N_FOLDS


def n_classes_of(given: Given) -> int:
    """Return the number of classes, 0 for numbers: texts, truth values and few whole numbers are classes."""
    y = np.asarray(given.data[1] if given.data is not None else given.valid[1]).ravel()
    if y.dtype.kind in "OUSb":
        return len(set(y.tolist()))
    kinds = np.unique(y[np.isfinite(y.astype(float))])
    return len(kinds) if len(kinds) <= _KINDS and bool((kinds == np.arange(len(kinds))).all()) else 0


def sets_of(given: Given, n_classes: int) -> Sets:
    """Return the sets. Raise ConfigError, with the numbers, where they cannot judge."""
    classes = known_classes(given.data, given.valid, given.test)
    notes: list[str] = []
    valid = None if given.valid is None else part_of(given.valid, "valid", classes)
    test = None if given.test is None else part_of(given.test, "test", classes)
    if given.data is None:
        if valid is None:
            raise ConfigError("fix needs rows: data=(X, y), and valid=(X, y) that judge")
        return Sets(((_none_of(valid), valid),), _none_of(valid), test, classes)
    data = part_of(given.data, "data", classes)
    _check_groups(given)
    _check_time(given)
    if valid is not None:
        valid = _apart(valid, data, "valid", "data", notes)
    if test is not None:
        test = _apart(test, data, "test", "data", notes)
        test = test if valid is None else _apart(test, valid, "test", "valid", notes)
        reason = _too_small(test, n_classes, "test")
        if reason:
            notes.append(f"not proved: {reason}")
            test = None
    reason = "" if valid is None else _too_small(valid, n_classes, "valid")
    if valid is not None and not reason:
        return Sets(((data, valid),), data, test, classes, tuple(notes))
    if valid is not None:
        notes.append(f"{reason}: {given.n_folds} folds of data and valid judge instead")
        data = _together(data, valid)
    return Sets(_folds(given, data, n_classes), data, test, classes, tuple(notes))


def _folds(given: Given, data: RowSet, n_classes: int) -> tuple[tuple[RowSet, RowSet], ...]:
    reason = _too_small(data, n_classes, "data")
    if reason:
        raise ConfigError(f"{reason}: chance would decide which training looks better; fix needs more rows")
    group, time = (_of_set(v, "data") for v in (given.group, given.time))
    for name, values in (("group", group), ("time", time)):
        if values is not None and len(np.asarray(values)) != len(data):
            raise ConfigError(f"{name} has {len(np.asarray(values))} entries, data has {len(data)} rows")
    return folds_of(data, n_folds=given.n_folds, is_classes=n_classes >= 2, group=group, time=time)


def _none_of(part: RowSet) -> RowSet:
    return part.take(np.zeros(0, dtype=np.int64))


def _apart(part: RowSet, other: RowSet, name: str, known: str, notes: list[str]) -> RowSet:
    kept, note = apart(row_keys(part.X, part.y), row_keys(other.X, other.y), name=name, other=known)
    if kept is None:
        return part
    notes.append(note)
    return part.take(kept)


def _too_small(part: RowSet, n_classes: int, name: str) -> str:
    few = too_few(part.y, n_classes, name)
    return "" if few is None else f"{few.words}, fewer than {few.least}"


def _together(a: RowSet, b: RowSet) -> RowSet:
    X = pd.concat([a.X, b.X], ignore_index=True) if isinstance(a.X, pd.DataFrame) else np.concatenate([a.X, b.X])
    w = None if a.w is None and b.w is None else np.concatenate([a.weights, b.weights])
    return RowSet(X, np.concatenate([a.y, b.y]), w)


def _of_set(values: Any, name: str) -> Any:
    return values.get(name) if isinstance(values, Mapping) else values if name == "data" else None


def _check_groups(given: Given) -> None:
    """Raise ConfigError where a group stands in two sets."""
    named = [(n, _of_set(given.group, n)) for n in ("data", "valid", "test")]
    known = [(n, {*np.asarray(v).tolist()}) for n, v in named if v is not None]
    for i, (name, groups) in enumerate(known):
        for other, others in known[i + 1 :]:
            both = groups & others
            if both:
                raise ConfigError(
                    f"{len(both)} groups stand in {name} and in {other} (such as {min(map(str, both))}): their rows "
                    "know each other, so the second set judges nothing; put each group into one set"
                )


def _check_time(given: Given) -> None:
    """Raise ConfigError where a set that judges begins before the rows that teach end."""
    taught = _of_set(given.time, "data")
    for name in ("valid", "test"):
        times = _of_set(given.time, name)
        if taught is not None and times is not None and np.min(np.asarray(times)) < np.max(np.asarray(taught)):
            raise ConfigError(
                f"{name} begins at {np.min(np.asarray(times))}, before data ends ({np.max(np.asarray(taught))}): a "
                "model that has seen the future is judged; split by time"
            )
