"""Disks that refuse: every call that writes failed once in turn, and from then on; folders and files that go away."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from _hardening import trainings
from _hardening.apart import Answer, apart
from _hardening.rows import Arena, Flaw, Row
from treedebug.testing.bad_disk import ERRORS, BadDisk


def _plain(kind: str) -> str:
    """The model of a training without a callback of ours."""
    answer = apart(lambda: trainings.TRAININGS[kind](None, contextlib.nullcontext()).model)
    if answer.died:
        raise SystemExit(f"the training without a callback failed: {answer.died}")
    return str(answer.value)


def _counted(kind: str, folder: Path) -> dict[str, int]:
    """How often an untroubled training makes each call."""

    def count() -> dict[str, int]:
        state = BadDisk(folder)
        trainings.TRAININGS[kind](folder / "run", state)
        return state.counts

    counts: dict[str, int] = apart(count).value
    if not counts["write"]:
        raise SystemExit(f"no write of the recorder of {kind} was seen: the faults would test nothing")
    return counts


def _flaws(answer: Answer, model: str, case: str) -> list[Flaw]:
    """What should not be so after a training under trouble."""
    where = case.split(" #", maxsplit=1)[0]
    if answer.died:
        return [Flaw("training failed", answer.died[:200], where)]
    found = answer.value
    flaws = []
    if found["model"] != model:
        flaws.append(Flaw("model differs", case, where))
    if found["callback"]:
        flaws.append(Flaw("lost", f"callback.run: {found['callback']}"[:200], where))
    if found["disk"] and "treedebug" not in answer.printed and not found["beside"]:
        flaws.append(Flaw("lost silently", f"on disk: {found['disk']}"[:200], where))
    return flaws


def _cases(counts: dict[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    for call, errors in ERRORS.items():
        for how in errors:
            for at in range(counts[call]):
                yield f"{call} {how} #{at}", {"call": call, "how": how, "at": at}
            lasting = range(counts[call]) if how in ("ENOSPC", "EMFILE", "nothing") else ()
            for at in lasting:
                yield f"{call} {how} for good #{at}", {"call": call, "how": how, "at": at, "for_good": True}


def disks(arena: Arena) -> Iterator[Row]:
    """Every call failed in turn, a row a kind of training."""
    for kind in trainings.TRAININGS:
        row = Row(f"every write failed: {kind}", "4, 11")
        model = _plain(kind)
        cases = list(_cases(_counted(kind, arena.folder / f"disk-{kind}")))
        step = max(len(cases) // arena.n("disks"), 1)
        for number, (case, settings) in enumerate(cases[::step]):
            folder = arena.folder / f"disk-{kind}-{number}"
            state = BadDisk(folder, **settings)
            answer = apart(partial(trainings.outcome, kind, folder / "run", state))
            row.add(case, _flaws(answer, model, case))
            shutil.rmtree(folder, ignore_errors=True)
        yield row


def _deleted(path: Path) -> None:
    shutil.rmtree(path)


def _cut(share: float, path: Path) -> None:
    file = path / "records.treedebug"
    os.truncate(file, int(file.stat().st_size * share))


def _replaced(path: Path) -> None:
    file = path / "records.treedebug"
    file.unlink()
    file.write_bytes(b"something else")


DEEDS: dict[str, Callable[[Path], None]] = {
    "folder deleted": _deleted,
    "file truncated to half": partial(_cut, 0.5),
    "file emptied": partial(_cut, 0.0),
    "file replaced": _replaced,
    "file unlinked": lambda path: (path / "records.treedebug").unlink(),
    "folder renamed": lambda path: path.rename(path.with_name("moved")) and None,
}


def vanished(arena: Arena) -> Iterator[Row]:
    """Somebody deletes, cuts or replaces the record in mid-training: the rest must be said, and be somewhere."""
    row = Row("record taken away in mid-training", "2")
    for kind in trainings.TRAININGS:
        model = _plain(kind)
        for deed, do in list(DEEDS.items())[: arena.n("vanished")]:
            for at in (5, 20, trainings.ROUNDS - 1):
                path = arena.folder / f"vanished-{kind}-{deed}-{at}".replace(" ", "-") / "run"

                def between(index: int, at: int = at, do: Callable[[Path], None] = do, path: Path = path) -> None:
                    if index == at:
                        do(path)

                trouble: AbstractContextManager[Any] = contextlib.nullcontext()
                answer = apart(partial(trainings.outcome, kind, path, trouble, between))
                row.add(f"{kind}: {deed} after round {at}", _flaws(answer, model, f"{deed} #{kind} {at}"))
    yield row
