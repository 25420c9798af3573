"""Which faults are planted on which tables, and the work in groups that share a split."""

from __future__ import annotations

import traceback
import zlib
from dataclasses import dataclass
from functools import partial
from typing import Any

from _data import fault_columns, fault_forms, fault_rows, fault_values
from _data.cases import Unfit, fresh, shelf, split
from _data.catalog import KINDS
from _data.fault_columns import normalize
from _data.judging import clean, planted
from _data.table import Table
from _data.tallies import LEVELS

SOURCES = (fault_columns, fault_rows, fault_values, fault_forms)
"""Importing them fills KINDS."""


@dataclass(frozen=True)
class Group:
    """All checks of one table and seed."""

    table: Table
    seed: int
    kinds: tuple[str, ...]


def groups(tables: list[Table], *, seeds: int, spread: int, kinds: list[str] | None = None) -> list[Group]:
    """`spread`: tables a kind and half, as many as fit for 0. Each kind has its own, drawn by its name."""
    wanted: dict[str, list[str]] = {t.name: [] for t in tables}
    for kind in KINDS.values():
        if kinds and kind.name not in kinds:
            continue
        for half in ("tune", "report"):
            fitting = [t for t in tables if t.half == half and kind.fits(t) and _possible(t, kind.name)]
            fitting.sort(key=lambda t: zlib.crc32(f"{kind.name} {t.name}".encode()))
            for table in fitting[: spread or None]:
                wanted[table.name].append(kind.name)
    return [Group(t, seed, tuple(wanted[t.name])) for t in tables for seed in range(seeds)]


NEEDS_TEXT = ("misspelt-categories", "unseen-categories", "words-for-missing")


def _possible(table: Table, kind: str) -> bool:
    """Kinds that need text are not spent on tables without."""
    return kind not in NEEDS_TEXT or bool(split(table, 0).texts())


def run(group: Group) -> dict[str, list[Any]]:
    """The facts of the planted faults and of the clean shelf of one table and seed, and what checks failed."""
    base = split(group.table, group.seed)
    cases = shelf(group.table, group.seed)
    scaled = fresh(base)
    try:
        normalize(scaled)
        scaled.variant = "standardized, for a neural network"
        cases.append(scaled)
    except Unfit:
        pass  # no amounts: nothing to standardize
    found: dict[str, list[Any]] = {"faulty": [], "clean": [], "failed": []}
    work = [("faulty", f"{k}, {LEVELS[s]}", partial(planted, base, k, s)) for k in group.kinds for s in LEVELS]
    work += [("clean", case.variant, partial(clean, case)) for case in cases]
    for shelf_name, about, judge in work:
        try:
            found[shelf_name].append(judge())
        except Exception:  # noqa: BLE001 - whatever it is, it is told
            where = f"{group.table.name}, seed {group.seed}, {about}"
            found["failed"].append(f"{where}: {traceback.format_exc(limit=-3)}")
    return found
