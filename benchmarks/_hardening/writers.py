"""Several processes and one record: two that resume it, forks of a training."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import treedebug
from _hardening import trainings
from _hardening.apart import apart
from _hardening.eights import eights, margins
from _hardening.rows import Arena, Flaw, Row

_WAIT = 120.0
_RESUMING = """
import os, sys, time
sys.path[:0] = [{benchmarks!r}, {root!r}]
import numpy as np, xgboost as xgb, lightgbm as lgb, treedebug
from _hardening import trainings
library, path, go, out, seed = sys.argv[1:]
X, y = trainings.data()
first, n = path + ".model", 200
print("ready", flush=True)
while not os.path.exists(go):
    time.sleep(0.001)
if library == "xgboost":
    train = xgb.DMatrix(X, y)
    booster = xgb.train({{"objective": "binary:logistic", "nthread": 1, "subsample": 0.5, "seed": int(seed)}}, train, n,
        evals=[(train, "train")], verbose_eval=False, xgb_model=first,
        callbacks=[treedebug.XGBoostCallback(path, resume=True)])
    booster.save_model(out)
else:
    params = {{"objective": "binary", "num_threads": 1, "verbosity": -1, "bagging_fraction": 0.5, "bagging_freq": 1,
        "seed": int(seed)}}
    train = lgb.Dataset(X, y)
    booster = lgb.train(params, train, n, valid_sets=[train], init_model=first,
        callbacks=[treedebug.LightGBMCallback(path, resume=True)])
    booster.save_model(out)
"""


# -- two that resume ---------------------------------------------------------------------------------------------------


def _begin(library: str, path: Path) -> None:
    """A finished run of 30 rounds, and its model beside it."""
    made = trainings.TRAININGS[library](path, contextlib.nullcontext())
    suffix = ".json" if library == "xgboost" else ".txt"
    booster = made.watcher.run.booster()
    booster.save_model(f"{path}{suffix}")
    Path(f"{path}{suffix}").rename(f"{path}.model")


def _resume_twice(library: str, path: Path) -> tuple[list[str], list[str]]:
    """Two processes resume at the same moment; where each model is, and what each printed."""
    here = Path(__file__).parents[1]
    script = _RESUMING.format(benchmarks=str(here), root=str(here.parent))
    go = path.with_suffix(".go")
    models = [f"{path}.{seed}.{'json' if library == 'xgboost' else 'txt'}" for seed in (1, 2)]
    children = [
        subprocess.Popen(
            [sys.executable, "-c", script, library, str(path), str(go), model, str(seed)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )
        for seed, model in enumerate(models, 1)
    ]  # fmt: skip
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    go.touch()
    return models, [child.communicate(timeout=300)[1] for child in children]


def _judge_resumed(library: str, path: Path, models: list[str], printed: list[str]) -> dict[str, Any]:
    """Which of the two models the record (or one beside it) holds to the end; run in a fork."""
    X, _ = trainings.data()
    found: dict[str, Any] = {"notes": [], "holds": [], "error": "", "printed": printed}
    ends = [margins(library, model, X) for model in models]
    for place, run in treedebug.runs(path).items():
        found["notes"] += [
            f"{place}: {n.message}" for n in run.notes if "damaged" in n.message or "malformed" in n.message
        ]
        try:
            mine = margins(library, run.booster(), X)
        except Exception as error:  # noqa: BLE001 - the answer
            found["error"] = f"{place}: {type(error).__name__}: {error}"
            continue
        found["holds"] += [i for i, other in enumerate(ends) if other == mine]
    return found


def _two_that_resume(arena: Arena) -> Row:
    row = Row("two processes resume one run", "2")
    for number in range(min(arena.n("writers"), 10)):
        library = ("xgboost", "lightgbm")[number % 2]
        path = arena.folder / f"resumed-{number}" / "run"
        apart(partial(_begin, library, path))
        models, printed = _resume_twice(library, path)
        flaws = [
            Flaw("training failed", text.strip().splitlines()[-1][:200], library)
            for text, model in zip(printed, models, strict=True)
            if not Path(model).exists()
        ]
        if not flaws:
            answer = apart(partial(_judge_resumed, library, path, models, printed))
            flaws = _of_resumed(answer.value) if answer.value else [Flaw("unreadable", answer.died[:200])]
        kept = arena.kept("resumed", str(number)) if flaws else None
        if kept is not None and not kept.exists():
            path.parent.rename(kept)
        row.add(f"{library} {number}", flaws, kept=kept)
    return row


def _of_resumed(found: dict[str, Any]) -> list[Flaw]:
    flaws = [Flaw("damaged", note[:200], "the record of two resumed trainings") for note in found["notes"][:1]]
    if found["error"]:
        flaws.append(Flaw("unreadable", found["error"][:200]))
    if not found["holds"]:
        flaws.append(Flaw("lost", "the record holds neither of the two trainings to its end", "both"))
    missing = {0, 1} - set(found["holds"])
    # The second may come when the first has ended: then the second says that it takes the first one's place.
    said = found["printed"]
    if any("treedebug" not in said[i] and "recorded anew" not in said[1 - i] for i in missing):
        flaws.append(Flaw("lost silently", "of a training that is not in the record nothing was said", "one"))
    return flaws


# -- forks -------------------------------------------------------------------------------------------------------------


def _wait_for_the_end() -> None:
    """Until the parent's training is over, as a worker that outlives it."""
    deadline = time.monotonic() + _WAIT
    while not Path(os.environ["HARDENING_OVER"]).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def _fork(how: str, index: int) -> None:
    """Fork after round 10; the child exits after the parent's training has ended, or at once."""
    if index != 10 or os.fork():
        return
    if how != "at once":
        _wait_for_the_end()
    if how == "without finalizers":
        os._exit(0)
    raise SystemExit(0)  # through the finalizers, as a process ends by itself


def _with_a_process(method: str, index: int) -> None:
    if index == 10:
        multiprocessing.get_context(method).Process(target=_wait_for_the_end).start()


_FORKS: dict[str, Callable[[int], None]] = {
    "child exits later": partial(_fork, "later"),
    "child exits at once": partial(_fork, "at once"),
    "child leaves by os._exit": partial(_fork, "without finalizers"),
    "multiprocessing, fork": partial(_with_a_process, "fork"),
    "multiprocessing, spawn": partial(_with_a_process, "spawn"),
}
_FORKING = """
import contextlib, json, os, sys
from pathlib import Path
sys.path[:0] = [{benchmarks!r}, {root!r}]
if __name__ == "__main__":
    from _hardening import trainings, writers
    me = os.getpid()
    kind, case, path = sys.argv[1:]
    found = trainings.outcome(kind, Path(path), contextlib.nullcontext(), writers._FORKS[case])
    if os.getpid() == me:
        Path(os.environ["HARDENING_OVER"]).write_text(json.dumps(found))
        with contextlib.suppress(ChildProcessError):
            os.wait()
"""


def _forked(arena: Arena) -> Row:
    """The end of the process comes as a user's script ends: judged from outside, after it."""
    row = Row("fork in mid-training", "3")
    here = Path(__file__).parents[1]
    for kind in trainings.TRAININGS:
        for case in list(_FORKS)[: arena.n("writers")]:
            path = arena.folder / f"forked-{kind}-{case}".replace(" ", "-").replace(",", "") / "run"
            path.parent.mkdir()
            script = path.parent / "script.py"
            script.write_text(_FORKING.format(benchmarks=str(here), root=str(here.parent)), encoding="utf-8")
            over = path.with_name("over.json")
            done = subprocess.run(
                [sys.executable, str(script), kind, case, str(path)], capture_output=True, text=True, check=False,
                timeout=300, env={**os.environ, "HARDENING_OVER": str(over)},
            )  # fmt: skip
            flaws = []
            if not over.exists():
                flaws.append(Flaw("training failed", done.stderr.strip()[-200:], case))
            lacks = apart(partial(_lacks, path))
            if lacks.died or lacks.value:
                flaws.append(Flaw("lost", f"the parent's record: {lacks.died or lacks.value}"[:200], case))
            row.add(f"{kind}: {case}", flaws)
    return row


def _lacks(path: Path) -> str:
    run = treedebug.load(path)
    damaged = [n.message for n in run.notes if "damaged" in n.message]
    return trainings.whole(run) or (damaged[0] if damaged else "")


def writers(arena: Arena) -> Iterator[Row]:
    """A row each."""
    yield _two_that_resume(arena)
    yield _forked(arena)
    yield eights(arena)
