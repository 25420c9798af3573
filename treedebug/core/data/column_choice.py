"""Profiles with some columns left out, as if these had never been measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from treedebug.core.data.data_sets import Between, DataSets, Overlap
from treedebug.core.data.table_profile import DataProfile, Repeats

Takes = Callable[[str], bool]


@dataclass(frozen=True)
class ColumnChoice:
    """Which columns a rule may look at: all but `without`, or `only` some."""

    without: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    def takes(self, column: str) -> bool:
        """Return whether the rule looks at it."""
        return column not in self.without and (not self.only or column in self.only)


_COMPARED = "the rows were compared with the columns that are left out here: measure the table again without them"
Compared = TypeVar("Compared", Repeats, Overlap)


def narrowed(sets: DataSets, takes: Takes) -> DataSets:
    """Return the sets without the columns that `takes` refuses; the label stays."""
    refused = {c.name for c in sets.train.columns if not takes(c.name)}
    return DataSets(
        _profile(sets.train, takes),
        {name: _profile(p, takes) for name, p in sets.others.items()},
        {name: _between(b, takes, refused) for name, b in sets.between.items()},
    )


def _without(found: Compared | None, refused: set[str]) -> Compared | None:
    """Return what was found where the refused columns were not compared; None where they were."""
    return found if found is not None and refused <= set(found.without) else None


def _profile(profile: DataProfile, takes: Takes) -> DataProfile:
    equal = _groups(profile.equal_columns, takes)
    refused = {c.name for c in profile.columns if not takes(c.name)}
    compared = profile.repeats is not None and bool(refused)
    return replace(
        profile,
        repeats=_without(profile.alike, refused) if compared else profile.repeats,
        alike=_without(profile.alike, refused),
        unmeasured=profile.unmeasured | ({"repeats": _COMPARED} if compared else {}),
        columns=tuple(c for c in profile.columns if takes(c.name)),
        pairs=tuple(p for p in profile.pairs if takes(p.first) and takes(p.second)),
        equal_columns=equal,
        n_equal_columns=sum(len(group) - 1 for group in equal),
        recoded_columns=_groups(profile.recoded_columns, takes),
        own_labels=tuple(o for o in profile.own_labels if takes(o.column)),
        tokens=tuple(t for t in profile.tokens if not t.column or takes(t.column)),
        doubled_names=tuple(n for n in profile.doubled_names if takes(n)),
    )


def _groups(groups: Iterable[tuple[str, ...]], takes: Takes) -> tuple[tuple[str, ...], ...]:
    left = (tuple(n for n in group if takes(n)) for group in groups)
    return tuple(group for group in left if len(group) > 1)


def _between(between: Between, takes: Takes, refused: set[str]) -> Between:
    return replace(
        between,
        overlap=_without(between.alike, refused) if refused else between.overlap,
        alike=_without(between.alike, refused),
        drifts=tuple(d for d in between.drifts if takes(d.column)),
        unseen=tuple(u for u in between.unseen if takes(u.column)),
        relations=tuple(r for r in between.relations if takes(r.column)),
        together=None if refused else between.together,
        twins=None if refused else between.twins,
        look_alikes=tuple(x for x in between.look_alikes if takes(x.column) and takes(x.other_column)),
        shared_ids=tuple(s for s in between.shared_ids if takes(s.column)),
        known_values={n: share for n, share in between.known_values.items() if takes(n)},
        missing_columns=tuple(n for n in between.missing_columns if takes(n)),
        extra_columns=tuple(n for n in between.extra_columns if takes(n)),
        changed_kinds=tuple(c for c in between.changed_kinds if takes(c[0])),
    )
