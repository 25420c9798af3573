"""kill -9 at random moments, as `benchmarks/crash.py` does, over `cv`, continued trainings and nets too."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import crash

import treedebug
from _hardening import victims
from _hardening.cage import place_of
from _hardening.rows import Arena, Flaw, Row

_LONGEST = 2.0
"""Seconds a training is let live after its first round."""
_PACES = (0.0, 0.05, 0.25)
_MOST_LOST = 1.0
_STARVED, _ATTEMPTS = 0.3, 5
"""Seconds that other work may take from a training before it is killed; else that kill is tried again."""
_REPEATED = "repeated, as the machine was busy"


def kills(arena: Arena) -> Iterator[Row]:
    """A row a kind of training."""
    rows = {kind: Row(f"kill -9: {kind}", "kill") for kind in victims.KINDS}
    lost = dict.fromkeys(rows, 0.0)
    with contextlib.suppress(KeyboardInterrupt):  # the figures so far are kept
        for number in range(arena.first, arena.first + arena.n("kills")):
            dice = random.Random(f"kills {arena.seed} {number}")
            kind = list(rows)[number % len(rows)]
            path = arena.folder / f"killed-{number}"
            wait, pace = dice.uniform(0, _LONGEST), _PACES[number // len(rows) % len(_PACES)]
            for attempt in range(_ATTEMPTS):
                killed, logged, starved = _kill(kind, path, wait, pace)
                if starved <= _STARVED or attempt == _ATTEMPTS - 1:
                    break
                shutil.rmtree(path, ignore_errors=True)
                rows[kind].facts[_REPEATED] = 1 + rows[kind].facts.get(_REPEATED, 0)
            place = path / "fold-0" if kind.endswith(" cv") else path
            flaws, seconds = _autopsy(kind, place, killed, logged)
            lost[kind] = max(lost[kind], seconds)
            kept = arena.kept("kills", f"{number:03d}-{kind.replace(' ', '-')}") if flaws else None
            if kept is not None and path.exists():
                path.rename(kept)
            rows[kind].add(f"kill {number}", flaws, kept=kept)
            rows[kind].facts["s lost at most"] = round(lost[kind], 2)
    yield from (row for row in rows.values() if row.tried)


def _kill(kind: str, path: Path, wait: float, pace: float) -> tuple[float, dict[int, tuple[float, str]], float]:
    """Train, and kill it `wait` seconds after its first round.

    Return when, round -> (time, hash) as logged, and for how long it could have run and was not let to.
    """
    log = path.with_suffix(".log")
    with log.open("wb") as out:
        command = [sys.executable, victims.__file__, kind, str(path), str(pace)]
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while not log.stat().st_size:
            if child.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the training to be killed ({kind}) did not start")
            time.sleep(0.002)
        before = _kept_waiting(child.pid)
        time.sleep(wait)
        starved = _kept_waiting(child.pid) - before
    finally:
        killed = time.monotonic()
        child.send_signal(signal.SIGKILL)
        child.wait()
    lines = [line.split() for line in log.read_text(encoding="ascii").splitlines(keepends=True) if line.endswith("\n")]
    return killed, {int(r): (float(t), h) for r, t, h in lines}, starved


def _kept_waiting(pid: int) -> float:
    """Seconds that a process was ready to run and other ones ran in its place; 0 where the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _autopsy(kind: str, path: Path, killed: float, logged: dict[int, tuple[float, str]]) -> tuple[list[Flaw], float]:
    """What is wrong with the record of a killed training, and the age of the oldest round that it lacks."""
    if not path.exists():  # killed before the folder was made: all that was logged is lost
        return [Flaw("lost", "there is no record")], 0.0
    try:
        run = treedebug.load(path)
        report = treedebug.check(run, config=treedebug.Config())
        booster = None if kind == "net" or not run.n_rounds else run.booster()
    except Exception as error:  # noqa: BLE001 - the failure is the result
        return [Flaw("unreadable", f"{type(error).__name__}: {error}", place_of(error))], 0.0
    flaws = [Flaw("crashed rule", f"{c.code}: {c.error}") for c in report.verdict.crashed]
    times = [when for index, (when, _) in logged.items() if index >= run.n_rounds]
    seconds = killed - min(times) if times else 0.0
    if seconds > _MOST_LOST:
        flaws.append(Flaw("lost", f"{len(times)} rounds, the oldest {seconds:.2f} s old"))
    if run.state != "running or killed":
        flaws.append(Flaw("wrong", f"the state is {run.state!r}"))
    if any("damaged" in note.message for note in run.notes):
        flaws.append(Flaw("wrong", "a killed training reads as damaged"))
    last = logged.get(run.n_rounds - 1)
    if booster is not None and last is not None:
        X, _ = crash.data()
        if crash.predictions(booster, kind.split(" ", 1)[0], X) != last[1]:
            flaws.append(Flaw("wrong", f"the booster of round {run.n_rounds - 1} predicts otherwise"))
    if kind.endswith("resumed") and run.n_rounds < victims.FIRST:
        flaws.append(Flaw("lost", f"only {run.n_rounds} of the {victims.FIRST} rounds recorded before"))
    return flaws, seconds
