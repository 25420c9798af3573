"""Profiles of a training table and of others beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from treedebug.core.data.column_profile import CLASSES, NUMBERS
from treedebug.core.data.data_sets import DataSets
from treedebug.core.data.table_profile import DataProfile
from treedebug.core.errors import ConfigError, did_you_mean
from treedebug.core.phrases import listed
from treedebug.core.uncollected import uncollected
from treedebug.profiles.measures.between_sets import between
from treedebug.profiles.measures.finish_profile import finish, task_of
from treedebug.profiles.measures.table_sample import Table
from treedebug.profiles.scan.table_scan import TableLayout
from treedebug.profiles.sources.open_table import Opened, open_table
from treedebug.profiles.sources.read_options import PLAIN, ReadOptions
from treedebug.profiles.sources.source import TableSource

TRAIN, VALID = "train", "valid"
_TASKS = (CLASSES, NUMBERS)
_PAIR, _TRIPLE = 2, 3


Watch = Callable[[str, int | None], None]
"""Called with a table's name and the rows read so far, None once it is measured."""


@dataclass(frozen=True, kw_only=True)
class Roles:
    """What the caller says of the columns."""

    target: str | None = None
    group: str | None = None
    time: str | None = None
    weight: str | None = None
    tokens: Mapping[str, Sequence[Any]] | Sequence[Any] | None = None
    task: str | None = None
    left_out: tuple[str, ...] = ()
    """Features that are not compared where alike rows are looked for."""
    noise: bool = True
    """Whether labels that look wrong are looked for, which trains a small booster."""
    options: ReadOptions = PLAIN
    """How files are written."""
    watch: Watch | None = None


def profile_sets(data: Any, label: Any, valid: Any, *, roles: Roles, weights: Any = None) -> DataSets:
    """TableScan each table once, and measure. Raises ConfigError, FormatError or RunNotFoundError."""
    with np.errstate(all="ignore"), uncollected():  # a table may hold anything
        return _profiled(data, label, valid, roles=roles, weights=weights)


def _profiled(data: Any, label: Any, valid: Any, *, roles: Roles, weights: Any) -> DataSets:
    if roles.task is not None and roles.task not in _TASKS:
        raise ConfigError(
            f'task must be "classes" or "numbers"; got {roles.task!r}.{did_you_mean(str(roles.task), _TASKS)}'
        )
    name = _label_name(label)
    train = open_table(data, label=label, weight=weights, label_name=name, options=roles.options)
    others = {n: _open_other(n, v, label_name=name, options=roles.options) for n, v in _named(valid).items()}
    layout = _layout(train, roles, TRAIN)
    first = _scanned(train, layout, TRAIN, roles.watch)
    task = roles.task or (task_of(first, layout.label) if layout.label else "")
    known = replace(layout, naming=first.scan.candidates, time_format=first.scan.time_format)
    layouts = {n: _layout(o, roles, n, like=known) for n, o in others.items()}
    tables = {n: _scanned(o, layouts[n], n, roles.watch) for n, o in others.items()}
    if roles.watch is not None:
        roles.watch(TRAIN, None)
    return DataSets(
        _described(
            first,
            train,
            TRAIN,
            task,
            roles=roles,
            beside=[t for t in tables.values() if t.scan.layout.label and t.is_whole],
        ),
        {n: _described(t, others[n], n, task, roles=roles) for n, t in tables.items()},
        {n: between(first, t, task=task) for n, t in tables.items()},
    )


def _described(  # noqa: PLR0913 - what is known of the table
    table: Table, opened: Opened, name: str, task: str, *, roles: Roles, beside: Sequence[Table] = ()
) -> DataProfile:
    """The profile, with what only the source knows."""
    source = opened.source
    return replace(
        finish(
            table,
            name=name,
            engine=source.engine,
            task=task,
            full=name == TRAIN,
            beside=beside if table.is_whole else (),
            noise=roles.noise,
        ),
        doubled_names=source.doubled,
        label_index=opened.label_index,
        n_absent=source.n_absent,
        header_rows=tuple(source.header_rows),
        reading=(*source.reading, *_left_out(source, table)),
    )


def _left_out(source: TableSource, table: Table) -> Iterator[str]:
    """Return what to say where not all columns are measured."""
    most, n = source.most_features, len(source.names)
    measured = len(table.scan.layout.features)
    if measured >= most and n > len(table.scan.layout.names):
        yield (
            f"its {n:,} columns stand in {source.n_bytes:,} bytes: the first {most:,} are measured; more rows, or a "
            "frame in place of the file, measure them all"
        )


def _scanned(opened: Opened, layout: TableLayout, name: str, watch: Watch | None) -> Table:
    opened.source.watch = None if watch is None else partial(watch, name)
    scan = opened.source.scan(layout)
    if not scan.n_rows:
        place = f" ({opened.source.place})" if opened.source.place else ""
        raise ConfigError(f"the {name} table{place} has no rows")
    return Table(scan)


def _label_name(label: Any) -> str:
    name = getattr(label, "name", None)
    return str(name) if isinstance(name, str) and name else "label"


def _named(valid: Any) -> dict[str, Any]:
    if valid is None:
        return {}
    return {str(k): v for k, v in valid.items()} if isinstance(valid, dict) else {VALID: valid}


def _open_other(name: str, value: Any, *, label_name: str, options: ReadOptions) -> Opened:
    try:
        return _opened_other(value, label_name=label_name, options=options)
    except ConfigError as error:
        raise ConfigError(f"valid= ({name}): {error}") from error


def _opened_other(value: Any, *, label_name: str, options: ReadOptions) -> Opened:
    if isinstance(value, tuple):
        if len(value) not in (_PAIR, _TRIPLE):
            raise ConfigError(f"valid= takes a table, or (X, y) or (X, y, weights); got a tuple of {len(value)}")
        return open_table(
            value[0], label=value[1], weight=value[2] if len(value) == _TRIPLE else None, label_name=label_name
        )
    return open_table(value, options=options)


def _layout(opened: Opened, roles: Roles, where: str, *, like: TableLayout | None = None) -> TableLayout:
    names = opened.source.names
    if not names:
        raise ConfigError(f"the {where} table has no columns, and so no rows")
    label, weight = roles.target or opened.label or "", opened.weight or roles.weight or ""
    if like is not None:  # another set may come without labels and weights
        label = opened.label or (like.label if _stands(like.label, names) else "")
        weight = opened.weight or (weight if weight in names else "")
    wanted = {"target": label, "weight": weight, "group": roles.group or "", "time": roles.time or ""}
    for role, name in wanted.items():
        if name in opened.source.doubled:
            raise ConfigError(
                f"the {where} table has more than one column {name!r} ({role}=): keep the one that is meant"
            )
        if name and name not in names:
            raise ConfigError(
                f"the {where} table has no column {name!r} ({role}=).{_alike(name, names)} It has: {listed(names, 10)}"
            )
    features = tuple(n for n in names if n not in {label, weight, opened.source.query} - {""} or n == roles.group)
    if not features:
        raise ConfigError(f"the {where} table has no column beside its label and weights: nothing to look at")
    layout = TableLayout(
        features=_measured(features, opened.source.most_features, keep={roles.group, roles.time}),
        label=label,
        weight=weight,
        group=roles.group or "",
        time=roles.time or "",
        left_out=roles.left_out,
        naming=like.naming if like is not None else None,
        time_format=like.time_format if like is not None else "",
    )
    return replace(layout, tokens=_tokens(roles.tokens, features))


def _measured(features: tuple[str, ...], most: int, *, keep: set[str | None]) -> tuple[str, ...]:
    """Return the features to measure: all, or of a text of very many columns the first ones and those to keep."""
    if len(features) <= most:
        return features
    return (*features[:most], *(name for name in features[most:] if name in keep))


def _stands(name: str, names: list[str]) -> bool:
    """Whether the label is meant to be there: a name in another case is a slip."""
    return bool(name) and name.casefold() in {n.casefold() for n in names}


def _alike(name: str, names: list[str]) -> str:
    """A suggestion, whatever the case."""
    by_case = {n.casefold(): n for n in names}
    same = by_case.get(name.casefold())
    return did_you_mean(name, names) if same is None else f" Did you mean {same!r}?"


def _tokens(given: Any, features: tuple[str, ...]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    if given is None:
        return ()
    if isinstance(given, Mapping):
        for name in given:
            if name not in features:
                raise ConfigError(
                    f"tokens= names the column {name!r}, which is not there.{did_you_mean(str(name), features)}"
                )
        return tuple((str(n), _watched(v)) for n, v in given.items())
    return (("", _watched(given)),)


def _watched(tokens: Any) -> tuple[Any, ...]:
    if isinstance(tokens, str | int | float):
        return (tokens,)
    if not isinstance(tokens, Sequence | set | frozenset) or not tokens:
        raise ConfigError(
            f"tokens= takes tokens to watch, such as [0], or a list of them for each column; got {tokens!r}"
        )
    return tuple(tokens)
