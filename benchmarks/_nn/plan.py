"""Which trainings there are, and how they are made: once, on disk, to be judged as often as the rules change."""

from __future__ import annotations

import json
import shutil
import traceback
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from _nn import data_faults, loop_faults, net_faults  # noqa: F401 - they register themselves
from _nn.catalog import KINDS, Kind
from _nn.harm import is_harmful
from _nn.jobs import RECIPES, SETUPS, Job, Unfit, sound
from _nn.recording import recorder
from _nn.training import assess, train

VERSION = 2
"""Raise it when a training changes: what was trained before is then trained anew."""
HEALTHY = "healthy"


@dataclass(frozen=True)
class Group:
    """All trainings of one net on one split of one data set; they share the healthy twins."""

    net: str
    data: str
    half: str
    seed: int
    faults: tuple[str, ...]

    @property
    def setup(self) -> str:
        return f"{self.net}-{self.data}"


def groups(seeds: int, spread: int, half: str = "all") -> list[Group]:
    """Every kind of fault on `spread` setups of each half (those that fit it, rotating), on every seed."""
    chosen = {
        (kind.name, setup) for kind in KINDS.values() for h in ("tune", "report") for setup in _on(kind, h, spread)
    }
    return [
        Group(*setup.split("-"), its_half, seed, tuple(k for k in KINDS if (k, setup) in chosen))
        for seed in range(seeds)
        for setup, its_half in SETUPS.items()
        if half in ("all", its_half)
    ]


def _on(kind: Kind, half: str, spread: int) -> list[str]:
    fit = [s for s, its in SETUPS.items() if its == half and s.split("-")[0] in kind.nets and _fits(kind, s)]
    turn = zlib.crc32(kind.name.encode()) % max(len(fit), 1)
    return (fit[turn:] + fit[:turn])[:spread]


def _fits(kind: Kind, setup: str) -> bool:
    try:
        kind.inject(sound(*setup.split("-"), 0, kind.recipe), np.random.default_rng(0))
    except Unfit:
        return False
    return True


def run_group(group: Group, cache: Path) -> list[dict[str, Any]]:
    """Train what is not in the cache yet. Returns what is known of each run, healthy ones first."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    place = cache / group.setup / str(group.seed)
    done = []
    for recipe in RECIPES:
        folder = place / f"{HEALTHY}-{recipe}"
        about = {"kind": HEALTHY, "recipe": recipe}
        done.append(known(folder) or _train(group, sound(group.net, group.data, group.seed, recipe), folder, about))
    for name in group.faults:
        folder = place / name
        done.append(known(folder) or _faulty(group, KINDS[name], folder, place))
    return done


def known(folder: Path) -> dict[str, Any] | None:
    """What is in the cache of a run, if it is of this version."""
    try:
        facts: dict[str, Any] = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if facts.get("version") == VERSION else None


def _faulty(group: Group, kind: Kind, folder: Path, place: Path) -> dict[str, Any]:
    job = sound(group.net, group.data, group.seed, kind.recipe, raw=kind.raw)
    entropy = [group.seed, zlib.crc32(f"{kind.name} {group.setup}".encode())]
    kind.inject(job, np.random.default_rng(entropy))
    twin = place / f"{HEALTHY}-{kind.recipe}"
    if kind.twin is not None:
        twin = place / f"{kind.name}-twin"
        if known(twin) is None:
            other = sound(group.net, group.data, group.seed, kind.recipe)
            kind.twin(other, np.random.default_rng(entropy))
            _train(group, other, twin, {"kind": "twin", "recipe": kind.recipe})
    return _train(group, job, folder, {"kind": kind.name, "recipe": kind.recipe}, (kind, twin))


def _train(
    group: Group, job: Job, folder: Path, about: dict[str, Any], against: tuple[Kind, Path] | None = None
) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    facts = {"version": VERSION, "setup": group.setup, "half": group.half, "seed": group.seed} | about
    facts |= {"folder": str(folder), "planned": job.epochs}
    folder.mkdir(parents=True)
    model = job.make_net()
    optimizer = job.make_optimizer(model)
    try:
        with recorder(model, optimizer, folder / "run") as recording:
            trained = train(job, model, optimizer, recording)
    except Exception as error:  # noqa: BLE001 - the library refuses: then the fault is not a silent one
        where = traceback.extract_tb(error.__traceback__)[-1].name
        return _write(folder, facts | {"state": "refused", "why": f"{type(error).__name__} in {where}: {error}"[:300]})
    rows = assess(job, model) | {"shown": trained.pop("shown_loss")}
    np.savez(folder / "rows.npz", **rows)
    facts |= {
        "state": "trained",
        "test_loss": float(rows["loss"].mean()),
        "wrong": float(rows["wrong"].mean()),
    } | trained
    if against is not None:
        kind, twin = against
        theirs = dict(np.load(twin / "rows.npz"))
        kept, figure = is_harmful(kind.harm, rows, theirs, job.test.y)
        facts |= {"kept": kept, "harm": figure, "twin_loss": float(theirs["loss"].mean())}
    return _write(folder, facts)


def _write(folder: Path, facts: dict[str, Any]) -> dict[str, Any]:
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return facts
