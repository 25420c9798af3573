"""Which trainings there are, and how they are made: once, on disk, to be judged as often as the rules change."""

from __future__ import annotations

import json
import shutil
import traceback
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from _faults import data_faults, loss_faults, param_faults, weight_faults  # noqa: F401 - they register themselves
from _faults.catalog import BALANCED, KINDS, TWINS, Kind
from _faults.harm import is_harmful
from _faults.jobs import Job, Unfit, sound
from _faults.notes import OWN
from _faults.tables import Table
from _faults.training import train

VERSION = 3
"""Raise it when a training changes: what was trained before is then trained anew."""
HEALTHY = "healthy"
MISLABELLED = "DA622"
"""Lists rows: for its faults, the rows that are really mislabelled are kept with the run."""
RECIPES = (("usual", "small-steps", "as-before"), ("usual", "large-steps", "wary"))
"""By the parity of the seed. as-before: without early stopping, for the rounds an earlier training chose."""


@dataclass(frozen=True)
class Plan:
    """`spread`: data sets a kind is tried on in each half (those that fit its task, rotating); None: all."""

    seeds: int = 3
    spread: int | None = 4
    only: tuple[str, ...] = ()
    """Kinds of fault to train; none named: all."""
    alternate: bool = False
    """Each kind mild on one half and severe on the other, instead of both on both."""


@dataclass(frozen=True)
class Group:
    """All trainings on one split of one table with one library; they share the healthy twin."""

    table: Table
    library: str
    seed: int
    faults: tuple[tuple[str, bool], ...]


def groups(tables: list[Table], plan: Plan) -> list[Group]:
    chosen: set[tuple[str, str]] = set()
    for kind in [k for k in KINDS.values() if k.name in plan.only or not plan.only]:
        for half in ("tune", "report"):
            fit = [t.name for t in tables if t.half == half and t.task in kind.tasks and not _has_it(t.name, kind)]
            turn = zlib.crc32(kind.name.encode()) % max(len(fit), 1)
            chosen |= {(kind.name, name) for name in (fit[turn:] + fit[:turn])[: plan.spread]}
    return [
        Group(
            table,
            library,
            seed,
            tuple((k, s) for k in KINDS if (k, table.name) in chosen for s in _levels(k, table.half, plan)),
        )
        for seed in range(plan.seeds)
        for table in tables
        for library in ("xgboost", "lightgbm")
    ]


def _has_it(name: str, kind: Kind) -> bool:
    """Whether all that could be said of the fault is true of the table already, so that nothing tells it apart."""
    return all((name, code) in OWN for code in kind.right)


def _levels(name: str, half: str, plan: Plan) -> tuple[bool, ...]:
    return (bool((len(name) + (half == "tune")) % 2),) if plan.alternate else (False, True)


def run_group(group: Group, cache: Path) -> list[dict[str, Any]]:
    """Train what is not in the cache yet. Returns what is known of each run, healthy ones first."""
    place = cache / group.table.name / f"{group.library}-{group.seed}"
    done = [_healthy(group, place, recipe) for recipe in RECIPES[group.seed % 2]]
    for name, severe in group.faults:
        folder = place / f"{name}-{'severe' if severe else 'mild'}"
        known = _known(folder)
        if known is None:
            known = _faulty(group, KINDS[name], severe, folder, place)
        done.append(known)
    return done


def _known(folder: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if facts.get("version") == VERSION else None


def _healthy(group: Group, place: Path, recipe: str) -> dict[str, Any]:
    folder = place / f"{HEALTHY}-{recipe}"
    known = _known(folder)
    if known is not None:
        return known
    job = sound(group.table, group.library, group.seed, "usual" if recipe == "as-before" else recipe)
    if recipe == "as-before":
        job.rounds, job.patience = int(_known(place / f"{HEALTHY}-usual")["n_used"]), None
    return _train(group, job, folder, {"kind": HEALTHY, "level": recipe})


def _faulty(group: Group, kind: Kind, severe: bool, folder: Path, place: Path) -> dict[str, Any]:
    about = {"kind": kind.name, "level": "severe" if severe else "mild"}
    job = sound(group.table, group.library, group.seed)
    labels = job.train.y.copy()
    entropy = [group.seed, zlib.crc32(f"{kind.name} {group.table.name}".encode()), int(severe)]
    twin_folder = place / f"{HEALTHY}-usual"
    try:
        kind.inject(job, severe, np.random.default_rng(entropy))
        if kind.name in TWINS:
            twin_folder = folder.with_name(f"{folder.name}-twin")
            twin = sound(group.table, group.library, group.seed)
            TWINS[kind.name](twin, severe, np.random.default_rng(entropy))
            if _known(twin_folder) is None:
                _train(group, twin, twin_folder, {"kind": "twin", "level": kind.name})
    except Unfit as why:
        return _write(folder, _about(group) | about | {"state": "unfit", "why": str(why)})
    if MISLABELLED in kind.right:
        about["wrong_rows"] = np.flatnonzero(job.train.y != labels).tolist()
    return _train(group, job, folder, about, (kind, twin_folder))


def _about(group: Group) -> dict[str, Any]:
    return {
        "version": VERSION, "table": group.table.name, "task": group.table.task, "half": group.table.half,
        "library": group.library, "seed": group.seed,
    }  # fmt: skip


def _train(
    group: Group, job: Job, folder: Path, about: dict[str, Any], against: tuple[Kind, Path] | None = None
) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    about = _about(group) | about | {"folder": str(folder)}
    try:
        facts, valid, test = train(job, folder)
    except Exception as error:  # noqa: BLE001 - the library refuses: then the fault is not a silent one
        where = traceback.extract_tb(error.__traceback__)[-1].name
        why = f"{type(error).__name__} in {where}: {str(error)[:300]}"
        return _write(folder, about | {"state": "refused", "why": why})
    about |= {"state": "trained"} | facts
    np.savez(folder / "losses.npz", valid=valid, test=test)
    if against is not None:
        kind, twin = against
        theirs = np.load(twin / "losses.npz")
        labels = job.test.y if kind.harm == BALANCED else test
        kept, figure = is_harmful(
            kind.harm, about, (valid, test), _known(twin) or {}, (theirs["valid"], theirs["test"]), labels
        )
        about |= {"kept": kept, "harm": None if np.isnan(figure) else figure}
        about["twin_loss"] = float(theirs["test"].mean())
    return _write(folder, about)


def _write(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return facts
