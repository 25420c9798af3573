"""Several processes and one record: two that resume it, forks of a training, eight trainings with one callback."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from _hardening import trainings
from _hardening.apart import apart
from _hardening.rows import Arena, Flaw, Row

import treedebug

_N = 8
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
    os.replace(f"{path}{suffix}", f"{path}.model")


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
    margins = [_margins(library, model, X) for model in models]
    for place, run in treedebug.runs(path).items():
        found["notes"] += [f"{place}: {n.message}" for n in run.notes if "damaged" in n.message or "malformed" in n.message]
        try:
            mine = _margins(library, run.booster(), X)
        except Exception as error:  # noqa: BLE001 - the answer
            found["error"] = f"{place}: {type(error).__name__}: {error}"
            continue
        found["holds"] += [i for i, other in enumerate(margins) if other == mine]
    return found


def _margins(library: str, booster: Any, X: Any) -> bytes:
    if library == "xgboost":
        import xgboost  # noqa: PLC0415

        booster = xgboost.Booster(model_file=booster) if isinstance(booster, str) else booster
        return bytes(booster.inplace_predict(X, predict_type="margin").tobytes())
    import lightgbm  # noqa: PLC0415

    booster = lightgbm.Booster(model_file=booster) if isinstance(booster, str) else booster
    return bytes(booster.predict(X, raw_score=True).tobytes())


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
    if any("treedebug" not in found["printed"][i] for i in missing):
        flaws.append(Flaw("lost silently", "a training that is not in the record said nothing", "one"))
    return flaws


# -- forks -------------------------------------------------------------------------------------------------------------


def _fork_and_leave(how: str, index: int) -> None:
    if index != 10:
        return
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
    elif how == "exits":
        raise SystemExit(0)  # through the finalizers, as a worker's normal exit
    else:
        os._exit(0)


def _with_a_process(method: str, index: int) -> None:
    if index == 10:
        process = multiprocessing.get_context(method).Process(target=time.sleep, args=(0.01,))
        process.start()
        process.join()


_FORKS: dict[str, Callable[[int], None]] = {
    "child exits by itself": partial(_fork_and_leave, "exits"),
    "child leaves by os._exit": partial(_fork_and_leave, "leaves"),
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
        Path(path + ".json").write_text(json.dumps(found))
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
            done = subprocess.run([sys.executable, str(script), kind, case, str(path)], capture_output=True, text=True,
                                  check=False, timeout=300)  # fmt: skip
            flaws = []
            if not path.with_name("run.json").exists():
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


# -- eight trainings, one callback -------------------------------------------------------------------------------------


def _train(library: str, callback: Any, seed: int) -> tuple[int, bytes]:
    """Train with a callback that others use too; (rounds, margins)."""
    X, y = trainings.data()
    rounds = trainings.ROUNDS + seed
    if library == "xgboost":
        import xgboost as xgb  # noqa: PLC0415

        train = xgb.DMatrix(X, y)
        params = {"objective": "binary:logistic", "nthread": 1, "subsample": 0.6, "seed": seed}
        booster: Any = xgb.train(params, train, rounds, evals=[(train, "train")], verbose_eval=False, callbacks=[callback])
    else:
        import lightgbm as lgb  # noqa: PLC0415

        train = lgb.Dataset(X, y)
        given = {"objective": "binary", "num_threads": 1, "verbosity": -1, "bagging_fraction": 0.6, "bagging_freq": 1,
                 "seed": seed}  # fmt: skip
        booster = lgb.train(given, train, rounds, valid_sets=[train], callbacks=[callback])
    return rounds, _margins(library, booster, X)


def _eight(library: str, how: str, path: Path) -> list[str]:
    """What is wrong with the eight records; run in a fork."""
    made = treedebug.XGBoostCallback if library == "xgboost" else treedebug.LightGBMCallback
    callback = made(path, quiet=True)
    if how == "threads":
        ends: list[Any] = [None] * _N
        threads = [threading.Thread(target=lambda i=i: ends.__setitem__(i, _train(library, callback, i))) for i in range(_N)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    elif how == "forks":
        ends = _in_forks(library, callback)
    else:
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
            ends = list(pool.map(partial(_train, library, callback), range(_N)))
    return _compared(library, path, ends)


def _in_forks(library: str, callback: Any) -> list[Any]:
    """Eight forks at once, each ending as a process does by itself."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    processes = [
        context.Process(target=lambda i=i: queue.put((i, _train(library, callback, i)))) for i in range(_N)
    ]
    for process in processes:
        process.start()
    ends = dict(queue.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    return [ends[i] for i in range(_N)]


def _compared(library: str, path: Path, ends: list[Any]) -> list[str]:
    X, _ = trainings.data()
    runs = treedebug.runs(path)
    wrong = [f"{place}: {run.state}" for place, run in runs.items() if run.state != "finished"]
    if len(runs) != _N:
        wrong.append(f"{len(runs)} records of {_N} trainings")
    recorded = [(run.n_rounds, _margins(library, run.booster(), X)) for run in runs.values()]
    wrong += [f"the training of {end[0]} rounds is in no record" for end in ends if end not in recorded]
    return wrong


def _eights(arena: Arena) -> Row:
    row = Row(f"{_N} trainings with one callback", "11")
    for library in ("xgboost", "lightgbm"):
        for how in ("threads", "forks", "spawns"):
            path = arena.folder / f"eight-{library}-{how}"
            answer = apart(partial(_eight, library, how, path), seconds=200)
            wrong = [answer.died[:200]] if answer.died else answer.value
            row.add(f"{library}, {how}", [Flaw("wrong", "; ".join(wrong)[:250], how)] if wrong else [])
    return row


def writers(arena: Arena) -> list[Row]:
    """A row each."""
    return [_two_that_resume(arena), _forked(arena), _eights(arena)]
