"""Much of everything: thousands of standing findings, a thousand runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import treedebug
from _hardening import trainings
from _hardening.apart import apart
from _hardening.frames import NAME, frame, join
from _hardening.rows import Arena, Flaw, Row

_LIMITS = {"record": 1.0, "load": 1.0, "runs": 2.0, "check": 10.0}
"""Seconds at most."""
_LINES = 20_000
_RUNS = 1000
_WAIT = 60


@dataclass(frozen=True, kw_only=True)
class Standing(treedebug.Rule):
    """As many findings as asked for, that stand from the first check on.

    ## What it does
    Fires always.
    ## Why is this bad
    It is not: the benchmark counts what findings cost.
    ## When to ignore it
    Always.
    """

    code = "ZZ999"
    name = "standing"
    n: int = treedebug.param(2000, "findings", ge=1)

    def check(self, run: treedebug.Header) -> Iterator[treedebug.Finding]:
        del run
        for i in range(self.n):
            yield self.finding(f"feature {i} stands", rounds=(0, 0), subject=f"f{i}", value=i)


def _seconds(function: Callable[[], Any]) -> float:
    """CPU time, which other work on the machine does not change."""
    started = time.process_time()
    function()
    return time.process_time() - started


def _recorded(n: int, path: Path) -> dict[str, float]:
    """A training with `n` standing findings, against one with one; and their reading."""
    import xgboost as xgb

    X, y = trainings.data()
    train = xgb.DMatrix(X, y)

    def training(place: Path, count: int) -> None:
        callback = treedebug.XGBoostCallback(place, rules=[Standing(n=count)], select=["ZZ999"], quiet=True)
        xgb.train(
            {"nthread": 1}, train, trainings.ROUNDS, evals=[(train, "train")], verbose_eval=False, callbacks=[callback]
        )

    training(path / "warm", 1)
    alone = _seconds(lambda: training(path / "one", 1))
    many = _seconds(lambda: training(path / "many", n))
    load = _seconds(lambda: treedebug.load(path / "many"))
    assert len(treedebug.load(path / "many").findings) == n
    return {"record": many - alone, "load": load}


def _written(n: int, path: Path) -> dict[str, float]:
    """A record of `n` findings opened one after the other, as a training over many columns leaves it."""
    fields = {
        "event": "opened", "n_rounds": 1, "code": "FT301", "name": "low-feature-importance", "severity": "warning",
        "rounds": [0, 0], "evidence": {"share": 0.01}, "try_next": [], "explains": [], "is_root": True,
        "detected_at": 1,
    }  # fmt: skip
    path.mkdir()
    found = [frame("finding", {**fields, "message": f"feature {i}", "subject": f"f{i}"}) for i in range(n)]
    (path / NAME).write_bytes(join([frame("header", {"library": "xgboost"}), *found]))
    return {"load": _seconds(lambda: treedebug.load(path))}


def _findings(arena: Arena) -> Row:
    row = Row("standing findings recorded and read", "6")
    cases = {f"{what.__name__[1:]} {n}": partial(what, n) for n in (500, 2000, 5000) for what in (_written, _recorded)}
    for number, (title, case) in enumerate(list(cases.items())[: 4 * arena.n("scale")]):
        answer = apart(partial(case, arena.folder / f"findings-{number}"), cpu=_WAIT)
        took = answer.value or {"died": _WAIT}
        flaws = [
            Flaw("slow", f"{title}: {what} took {s:.1f} s" + (f" ({answer.died})" if answer.died else ""), what)
            for what, s in took.items()
            if s > _LIMITS.get(what, 1.0)
        ]
        row.add(title, flaws, seconds=max(took.values()))
        row.facts[title] = " / ".join(f"{s:.2f} s" for s in took.values())
    return row


def _many_runs(arena: Arena) -> Row:
    row = Row(f"{_RUNS} runs read", "scale")
    top = arena.folder / "thousand"
    apart(lambda: trainings.xgboost(top / "0000", contextlib.nullcontext()) and None)
    for i in range(1, _RUNS):
        shutil.copytree(top / "0000", top / f"{i:04d}")
    took = apart(lambda: _seconds(lambda: treedebug.runs(top))).value
    command = [sys.executable, "-m", "treedebug", "check", str(top)]
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=top)
    after = os.times()
    checked = after.children_user + after.children_system - before.children_user - before.children_system
    lines = done.stdout.count("\n")
    for name, seconds in (("runs", took), ("check", checked)):
        flaws = [Flaw("slow", f"{name} took {seconds:.1f} s", name)] if seconds > _LIMITS[name] else []
        if name == "check" and lines > _LINES:
            flaws.append(Flaw("long", f"check printed {lines} lines", "lines"))
        row.add(name, flaws, seconds=seconds)
        row.facts[name] = f"{seconds:.1f} s"
    row.facts["lines"] = lines
    return row


def scale(arena: Arena) -> Iterator[Row]:
    """Findings, and runs."""
    yield _findings(arena)
    yield _many_runs(arena)
