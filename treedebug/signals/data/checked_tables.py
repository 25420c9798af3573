"""Data: the tables that a rule looks at, or the reason why there is nothing to look at."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from treedebug.core.data.column_profile import CLASSES, ColumnProfile
from treedebug.core.data.data_sets import Between, DataSets
from treedebug.core.data.table_profile import DataProfile, LabelProfile, Repeats, TokenProfile, WeightProfile
from treedebug.engine.resolve import Missing
from treedebug.signals.data.chance_repeats import chance_repeats

NO_LABEL = "needs the label: name its column with target=, or pass X and y"
PARTIAL = "only some of a network's inputs were looked at: check the table, treedebug.check(X, y, valid=(Xv, yv))"
_NO_OTHER = "needs a second table to compare with: pass valid="


def lacking(profile: DataProfile, reason: str) -> Missing:
    """Return what to say where a profile lacks something: of a part of the rows, that the whole table has it."""
    return Missing(PARTIAL if profile.is_partial else reason)


def _known_as(profile: DataProfile, fallback: str) -> str:
    return profile.name or fallback


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables with rows: the training data first, then the others."""

    by_name: dict[str, DataProfile]

    @classmethod
    def measure(cls, sets: DataSets) -> Self:
        """Raise Missing where no table has a row."""
        named = {_known_as(sets.train, "train"): sets.train, **sets.others}
        filled = {name: p for name, p in named.items() if p.n_rows}
        if not filled:
            raise Missing("the table has no rows")
        return cls(filled)


@dataclass(frozen=True, eq=False)
class TrainingTable:
    """The training data, which has rows."""

    profile: DataProfile
    name: str

    @classmethod
    def measure(cls, sets: DataSets) -> Self:
        """Raise Missing where the table is empty."""
        if not sets.train.n_rows:
            raise Missing("the table has no rows")
        return cls(sets.train, _known_as(sets.train, "train"))

    @property
    def features(self) -> list[ColumnProfile]:
        """Columns that are neither group nor time, by the caller's word."""
        return [c for c in self.profile.columns if not c.role and c.name != self.time]

    @property
    def time(self) -> str:
        """The column of time, named or found; "" without one."""
        return self.profile.time


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of each table that has one: the training data first."""

    by_name: dict[str, LabelProfile]

    @classmethod
    def measure(cls, tables: Tables) -> Self:
        """Raise Missing where no label is known."""
        found = {name: p.label for name, p in tables.by_name.items() if p.label is not None}
        if not found:
            raise lacking(next(iter(tables.by_name.values())), NO_LABEL)
        return cls(found)


@dataclass(frozen=True, eq=False)
class ClassLabels:
    """Classes of the training labels, those with rows. Arrays have shape (n_classes,)."""

    names: tuple[str, ...]
    counts: NDArray[np.float64]
    weights: NDArray[np.float64]
    """Summed weights; the counts where there are none."""

    @classmethod
    def measure(cls, sets: DataSets) -> Self:
        """Raise Missing where there is no label, or one of numbers."""
        label = sets.train.label
        if label is None:
            raise lacking(sets.train, NO_LABEL)
        classes = [c for c in label.classes if c.count > 0]
        if label.kind != CLASSES:
            raise Missing('the labels are numbers, not classes (say task="classes" if they are)')
        if not classes:
            raise Missing("no row has a label")
        counts = np.array([c.count for c in classes], dtype=np.float64)
        weights = np.array([c.weight for c in classes], dtype=np.float64)
        if not (np.isfinite(weights).all() and (weights > 0).all()):
            weights = counts
        return cls(tuple(str(c.value) for c in classes), counts, weights)

    @property
    def share(self) -> NDArray[np.float64]:
        """(n_classes,) share of the labelled rows."""
        return np.asarray(self.counts / self.counts.sum())

    @property
    def balancing(self) -> dict[str, float]:
        """The weight of a row of each class that gives all classes the same sum, and rows a mean weight of 1."""
        each = self.counts.sum() / (len(self.counts) * self.counts)
        return dict(zip(self.names, each.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Split:
    """The training data, another set, and what stands between them."""

    name: str
    train: DataProfile
    other: DataProfile
    between: Between


@dataclass(frozen=True, eq=False)
class Splits:
    """Every other set beside the training data; at least one with rows."""

    pairs: tuple[Split, ...]

    @classmethod
    def measure(cls, sets: DataSets) -> Self:
        """Raise Missing without a second table."""
        pairs = tuple(
            Split(name, sets.train, other, sets.between[name])
            for name, other in sets.others.items()
            if name in sets.between and other.n_rows and sets.train.n_rows
        )
        if not pairs:
            raise lacking(sets.train, _NO_OTHER)
        return cls(pairs)

    def __iter__(self) -> Iterator[Split]:
        """Yield the pairs."""
        return iter(self.pairs)


@dataclass(frozen=True, eq=False)
class SampleWeights:
    """The weights of each table that has them."""

    by_name: dict[str, WeightProfile]

    @classmethod
    def measure(cls, tables: Tables) -> Self:
        """Raise Missing without sample weights."""
        found = {name: p.weight for name, p in tables.by_name.items() if p.weight is not None}
        if not found:
            first = next(iter(tables.by_name.values()))
            raise lacking(first, "no sample weights: name their column with weight=, if there are any")
        return cls(found)


@dataclass(frozen=True, eq=False)
class RepeatedRows:
    """Rows that stand in the training data more than once, and what chance makes of columns of few values."""

    name: str
    n_rows: int
    repeats: Repeats
    expected: float
    """Share of the rows that repeat an earlier one because there are few combinations of values."""
    alike: RepeatedRows | None = None
    """The same of rows as a booster sees them, without the columns that only name the row."""

    @classmethod
    def measure(cls, table: TrainingTable) -> Self:
        """Raise Missing where rows were not compared."""
        profile = table.profile
        if profile.repeats is None:
            raise lacking(profile, profile.unmeasured.get("repeats", "the rows were not compared with each other"))
        found = cls(table.name, profile.n_rows, profile.repeats, chance_repeats(profile, profile.repeats))
        if profile.alike is None:
            return found
        expected = chance_repeats(profile, profile.alike)
        return replace(found, alike=cls(table.name, profile.n_rows, profile.alike, expected))

    @property
    def n_copies(self) -> int:
        """Rows that repeat an earlier one, label included, but for those whose values so many rows share."""
        return max(self.repeats.n_duplicates - self.repeats.n_tied, 0)

    @property
    def share(self) -> float:
        """Share of the rows that are copies."""
        return self.n_copies / self.n_rows

    @property
    def twin_share(self) -> float:
        """Share of the rows that stand elsewhere in the table as well: what another draw of rows would find here."""
        return (self.n_copies + self.repeats.n_groups) / self.n_rows


@dataclass(frozen=True, eq=False)
class Tokens:
    """Watched tokens in the training data's sequences."""

    found: tuple[TokenProfile, ...]

    @classmethod
    def measure(cls, table: TrainingTable) -> Self:
        """Raise Missing where there are no sequences."""
        if not table.profile.tokens:
            raise Missing("no sequences of tokens: pass the tokens to watch, such as tokens=[0], with sequences")
        return cls(table.profile.tokens)


def correlated_groups(pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Return columns linked by pairs, directly or through others.

    The largest group first, names in order of appearance.
    """
    parent: dict[str, str] = {name: name for name in itertools.chain.from_iterable(pairs)}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for a, b in pairs:
        parent[root(b)] = root(a)
    groups: dict[str, list[str]] = {}
    for name in parent:
        groups.setdefault(root(name), []).append(name)
    return sorted(groups.values(), key=lambda g: -len(g))
