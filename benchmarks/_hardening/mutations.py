"""Files of strangers: mutated models, runs, tables and configurations, given to treedebug."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import treedebug
from _hardening import mutate, seeds
from _hardening.cage import run
from _hardening.frames import NAME
from _hardening.judging import Steps
from _hardening.rows import Arena, Flaw, Row

_PLAIN = treedebug.Config()
_MODELS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    ".ubj": mutate.ubjson, ".json": mutate.json_text, ".txt": mutate.text,
}  # fmt: skip
_SPLICED = 0.03
"""Share of models made of the head of one and the tail of another."""
CONFIGURATION = """\
[tool.treedebug]
select = ["ALL", "CV1", "overfitting"]
ignore = ["FT304", "DA604:a"]
fail-on = "warning"
preview = true

[tool.treedebug.rules.CV102]
patience = 10
min-regret = 0.5

[tool.treedebug.rules.dominant-feature]
"""


class _Seeded:
    """Inputs made of seeds, each by dice of its own."""

    name = ""

    def __init__(self, arena: Arena, part: str, pattern: str) -> None:
        self.seed = arena.seed
        self.folder = arena.seeds
        self.files = sorted((self.folder / part).rglob(pattern))
        self.data = {file: file.read_bytes() for file in self.files}

    def dice(self, index: int) -> random.Random:
        return random.Random(f"{self.name} {self.seed} {index}")


class Models(_Seeded):
    """Saved models, given to `treedebug.check`."""

    point = "6"

    def __init__(self, arena: Arena, suffix: str) -> None:
        self.name = f"mutated models {suffix}"
        super().__init__(arena, seeds.MODELS, f"*{suffix}")

    def write(self, index: int, folder: Path) -> Path:
        dice = self.dice(index)
        source = self.files[index % len(self.files)]
        data = self.data[source]
        if dice.random() < _SPLICED:
            other = self.data[dice.choice(self.files)]
            data = data[: dice.randrange(len(data))] + other[dice.randrange(len(other)) :]
        else:
            data = _MODELS[source.suffix](data, dice)
        path = folder / source.name
        path.write_bytes(data)
        return path

    def judge(self, path: Path) -> list[Flaw]:
        step = Steps()
        step.report("check", lambda: treedebug.check(path, config=_PLAIN))
        return step.flaws


class Runs(_Seeded):
    """Recorded runs, given to load, check, compare and booster."""

    point = "1, 6"

    def __init__(self, arena: Arena, *, mended: bool) -> None:
        self.mended = mended
        self.name = "mutated runs, checksums right" if mended else "mutated runs"
        super().__init__(arena, seeds.RUNS, NAME)
        self.sound = {f.parent.name: treedebug.load(f.parent) for f in self.files}
        self.models = [f.read_bytes() for f in sorted((self.folder / seeds.MODELS).iterdir()) if f.suffix != ".json"]

    def write(self, index: int, folder: Path) -> Path:
        dice = self.dice(index)
        source = self.files[index % len(self.files)]
        data = self.data[source]
        data = mutate.run_frames(data, dice, self.models) if self.mended else mutate.run_bytes(data, dice)
        path = folder / source.parent.name
        path.mkdir()
        (path / NAME).write_bytes(data)
        return path

    def judge(self, path: Path) -> list[Flaw]:
        step = Steps()
        run: Any = step("load", lambda: treedebug.load(path))
        step.report("check", lambda: treedebug.check(path, config=_PLAIN))
        if run is not None:
            step.report("compare", lambda: treedebug.compare(self.sound[path.name], run, config=_PLAIN))
            step("booster", run.booster, may_print=True)
        return step.flaws


class Tables(_Seeded):
    """Tables as files, given to `treedebug.check`."""

    name = "mutated tables"
    point = "6"

    def __init__(self, arena: Arena) -> None:
        super().__init__(arena, seeds.TABLES, "*.*")

    def write(self, index: int, folder: Path) -> Path:
        dice = self.dice(index)
        source = self.files[index % len(self.files)]
        change = mutate.text if source.suffix == ".csv" else mutate.any_bytes
        path = folder / source.name
        path.write_bytes(change(self.data[source], dice))
        return path

    def judge(self, path: Path) -> list[Flaw]:
        step = Steps()
        step.report("check", lambda: treedebug.check(path, target="y", config=_PLAIN))
        sound = self.folder / seeds.TABLES / path.name
        step.report("check valid=", lambda: treedebug.check(sound, target="y", valid=path, config=_PLAIN))
        return step.flaws


class Configurations(_Seeded):
    """`[tool.treedebug]` of a pyproject.toml, and a run checked with it."""

    name = "mutated configurations"
    point = "6"

    def __init__(self, arena: Arena) -> None:
        super().__init__(arena, seeds.RUNS, NAME)

    def write(self, index: int, folder: Path) -> Path:
        path = folder / "pyproject.toml"
        path.write_bytes(mutate.text(CONFIGURATION.encode(), self.dice(index)))
        return path

    def judge(self, path: Path) -> list[Flaw]:
        step = Steps()
        config = step("load_config", lambda: treedebug.load_config(path))
        if config is not None:
            step.report("check", lambda: treedebug.check(self.files[0].parent, config=config))
        return step.flaws


def models(arena: Arena) -> Iterator[Row]:
    """A row a format."""
    each = arena.n("models") // len(_MODELS)
    yield from (run(Models(arena, suffix), arena, each, arena.first) for suffix in _MODELS)


def runs(arena: Arena) -> Iterator[Row]:
    """A row without and one with right checksums."""
    each = arena.n("runs") // 2
    yield from (run(Runs(arena, mended=mended), arena, each, arena.first) for mended in (False, True))


def tables(arena: Arena) -> Iterator[Row]:
    """Tables, and configurations."""
    each = arena.n("tables") // 2
    yield run(Tables(arena), arena, each, arena.first)
    yield run(Configurations(arena), arena, each, arena.first)
